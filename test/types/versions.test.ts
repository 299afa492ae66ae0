// The published types compile, with everything checked, wherever someone may use them.
import { afterAll, describe, expect, it } from 'vitest';
import { errorsOf, isThere, project } from './installed.ts';

const MAIN = `import { load, loadSync, Tensor, type LossFunctions, type NDArray, type Step } from 'simdloss';
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const holds = <T extends true>(_?: T): void => {};

export async function use(): Promise<void> {
  const F: LossFunctions = await load({ backend: 'js', math: undefined });
  const x = loadSync().tensor(Float32Array.of(1, 2));
  holds<Equal<typeof x, Tensor<'f32'>>>();
  const mean = F.mse(x, x, { weight: undefined });
  holds<Equal<typeof mean, number>>();
  const rows = F.crossEntropy(x, Int32Array.of(0), { reduction: 'none', labelSmoothing: 0.1 });
  holds<Equal<typeof rows, Tensor<'f32'>>>();
  const g = F.huber.grad([1, 2], Float64Array.of(1, 2), { delta: 2, wrt: ['target'] });
  const target: NDArray<Float32Array | Float64Array> = g.target;
  const step = F.mse.prepare(x, x, { compute: 'value' });
  holds<Equal<typeof step, Step<number, undefined>>>();
  const kind = 'mse' as 'mse' | 'huber' | 'klDiv';
  const some: number = F[kind](x, x, { reduction: 'sum' });
  const dims = F.tensor({ data: Float64Array.of(1, 2), dims: [2] });
  holds<Equal<typeof dims, Tensor<'f64'>>>();
  const told = F.tensor({ data: Float32Array.of(1) as Float32Array | string[], dims: [1] });
  holds<Equal<typeof told, Tensor>>();
  const cast = F.tensor({ data: [1, 2] as unknown, dims: [2] }, undefined, 'f64');
  holds<Equal<typeof cast, Tensor<'f64'>>>();
  const p: Tensor<'f32'> = F.softmax(x, { axis: 0 });
  F.scope(() => F.exp(p, { out: p }));
  // @ts-expect-error klDiv alone has it
  F.mse(x, x, { reduction: 'batchmean' });
  // @ts-expect-error no option of mse
  F.mse(x, x, { reduction: 'sum', delta: 1 });
  // @ts-expect-error it is not public
  x.arena;
  console.info(target, some);
}
declare const console: { info(...all: unknown[]): void };
`;
const ENTRIES = `import { load, type LossFunctions, Tensor } from 'simdloss';
import { load as core } from 'simdloss/core';
import { loadSync } from 'simdloss/url';
import { load as complete } from 'simdloss/complete';
import { crossEntropy, load as loadParts, mse, Tensor as OfLosses } from 'simdloss/losses';
import { huber } from 'simdloss/losses/huber';
import { softmax } from 'simdloss/losses/softmax/f64';
import module from 'simdloss/simdloss.wasm';
import { lossFor, type TensorFlow, type TfTensor } from 'simdloss/tfjs';
import 'simdloss/worker';

interface Tf extends TensorFlow {
  tensor(values: readonly number[]): TfTensor & { readonly rank: number };
}
export function train(tf: Tf, F: LossFunctions): number {
  const loss = lossFor(tf, F, 'crossEntropy', { labelSmoothing: 0.1 });
  const three = lossFor(tf, F, 'tripletMargin', { margin: 2 });
  // @ts-expect-error no option of mse
  lossFor(tf, F, 'mse', { delta: 1 });
  // @ts-expect-error what becomes of the values is tfjs's business
  lossFor(tf, F, 'cosineDistance', { reduction: 'mean' });
  // @ts-expect-error model.compile has two inputs
  const compiled: (yTrue: TfTensor, yPred: TfTensor) => TfTensor = three;
  const x = tf.tensor([1]);
  three(x, x, compiled(x, x) as typeof x);
  loss.dispose();
  return loss(x, x).rank;
}

export async function use(): Promise<void> {
  const F = await loadParts({ losses: [crossEntropy, mse, huber, softmax] });
  const x: Tensor<'f32'> = F.tensor(Float32Array.of(1, 2));
  const same: OfLosses<'f32'> = x;
  const loss: number = F.huber(F.softmax(same), x, { delta: 2 });
  // @ts-expect-error it was not given
  F.klDiv;
  // @ts-expect-error how a part makes a loss is not public
  mse.create;
  lossFor(null as never as Tf, F, 'mse');
  // @ts-expect-error it was not given
  lossFor(null as never as Tf, F, 'klDiv');
  const G = await core({ module });
  const all = [G, loadSync(), await complete(), await load()];
  for (const one of all) one.mse.grad(x, x, { reduction: 'sum' }).dispose();
  void loss;
}
`;
const USING = `import { load } from 'simdloss';

export async function use(): Promise<number> {
  using F = await load();
  using x = F.tensor(Float32Array.of(1, 2));
  using step = F.mse.prepare(x, x);
  return step();
}
`;
const PLATFORM = `import { load } from 'simdloss';

export async function use(response: Response): Promise<void> {
  await load({ module: response });
  await load({ module: new URL('https://example.com/simdloss.wasm') });
}
`;
const WEBASSEMBLY = `import { load } from 'simdloss';

export async function use(memory: WebAssembly.Memory, module: WebAssembly.Module): Promise<void> {
  await load({ memory: { memory, base: 0, size: 65536 }, module });
  // @ts-expect-error a module is no memory
  await load({ memory: { memory: module, base: 0, size: 1 } });
}
`;

/** What is compiled against, and with it what else compiles there: Node.js's types have no WebAssembly of their own. */
const libraries: Record<string, { files: readonly string[]; options: object }> = {
  'es2022 alone': { files: [], options: { lib: ['es2022'] } },
  'DOM and `using`': {
    files: ['platform.ts', 'webassembly.ts', 'using.ts'],
    options: { lib: ['es2022', 'esnext.disposable', 'dom'] },
  },
  'Node.js, resolved as it does': {
    files: ['platform.ts'],
    options: { lib: ['es2022'], types: ['node'], module: 'node16', moduleResolution: 'node16' },
  },
  Workers: {
    files: ['platform.ts', 'webassembly.ts'],
    options: { lib: ['es2022'], types: ['@cloudflare/workers-types'] },
  },
};
const DOM = { lib: ['es2022', 'dom'] };
const versions = ['5.4', '5.7', '5.9', '7.0'];

describe.skipIf(!isThere)('the published types', () => {
  const made = isThere ? project() : undefined!;
  afterAll(() => made?.remove());
  if (isThere) {
    made.write('main.ts', MAIN);
    made.write('entries.ts', ENTRIES);
    made.write('using.ts', USING);
    made.write('platform.ts', PLATFORM);
    made.write('webassembly.ts', WEBASSEMBLY);
  }
  let count = 0;
  const check = async (version: string, files: readonly string[], options: object) =>
    expect(await errorsOf(version, made, `${count++}`, files, options)).toEqual([]);

  describe.each(versions)('TypeScript %s', (version) => {
    it.each(Object.entries(libraries))('with %s', (_, { files, options }) =>
      check(version, ['main.ts', 'entries.ts', ...files], options),
    );
    it.skipIf(version === '7.0')('resolved as Node.js 10 did: the main entry', () =>
      check(version, ['main.ts'], { ...DOM, moduleResolution: 'node10' }),
    );
  });

  it.each([
    ['DOM', DOM],
    ['Node.js', { lib: ['es2022'], types: ['node'] }],
  ])('TypeScript 5.0 with %s', (_, options) => check('5.0', ['main.ts', 'entries.ts'], options));

  it('a mistake is found', async () => {
    made.write('mistake.ts', "import { load } from 'simdloss';\n(await load()).mse(1, 2);\n");
    const found = await errorsOf('5.9', made, 'mistake', ['mistake.ts'], DOM);
    expect(found).toEqual([expect.stringMatching(/^mistake\.ts\(2,\d+\): error TS2345/)]);
  });
});
