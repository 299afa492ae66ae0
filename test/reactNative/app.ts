// What the app computes, in Hermes and, for comparison, in Node.
import type { LoadOptions, LossFunctions } from '../../src/index.ts';
import { lossDigest } from '../determinism/work.ts';
import { checkErrors, checkExample, checkMemory } from '../engines/suite.ts';

type Any = any;
type Library = Pick<typeof import('../../src/index.ts'), 'load' | 'loadSync'>;

const CALLS = 1000;
const mathFunctions = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'softplus', 'sigmoid'] as const;
const indices = {
  ...{ i8: Int8Array, i16: Int16Array, i32: Int32Array },
  ...{ u8: Uint8Array, u16: Uint16Array, u32: Uint32Array },
};

/** Values and gradients of seeded calls of every loss, labels of every type, helpers, math and prepared steps: numbers as text. */
export function numbersOf(F: LossFunctions): string[] {
  const numbers: string[] = [];
  const keep = (result: Any): void => {
    if (typeof result === 'number') numbers.push(String(result));
    else for (const x of result.data) numbers.push(String(x));
  };
  const recorded = new Proxy({} as Any, {
    get: (_, name: keyof LossFunctions) => ({
      valueAndGrad(...args: Any[]) {
        const result = (F as Any)[name].valueAndGrad(...args);
        keep(result.value);
        keep(result.grad);
        return result;
      },
    }),
  });
  lossDigest(recorded, CALLS);
  const x = Float64Array.from({ length: 300 }, (_, i) => 30 * Math.sin(i) * Math.sin(i / 7));
  for (const name of mathFunctions) keep(F[name](x));
  const logits = { data: Float32Array.from(x), shape: [30, 10] };
  const labels = Array.from({ length: 30 }, (_, i) => (i * 7) % 10);
  for (const type of Object.values(indices)) keep(F.crossEntropy(logits, type.from(labels)));
  keep(F.crossEntropy(logits, BigInt64Array.from(labels, BigInt)));
  keep(F.crossEntropy(logits, labels, { reduction: 'none', axis: -1, labelSmoothing: 0.1 }));
  for (const name of ['softmax', 'logSoftmax', 'logSumExp'] as const) keep(F[name](logits));
  const out = F.zeros([30, 10]);
  const step = F.crossEntropy.prepare(F.tensor(logits.data, [30, 10]), F.tensor(Int32Array.from(labels)), {
    out,
  });
  for (let i = 0; i < 3; i++) keep(step());
  keep(out);
  return numbers;
}

async function refusalOf(load: () => unknown): Promise<string> {
  try {
    await load();
    return 'none';
  } catch (error) {
    return `${(error as Error).name} ${(error as { code?: string }).code} ${(error as Error).message}`;
  }
}

const allowed: LoadOptions[] = [
  {},
  { backend: 'js' },
  { threads: 1 },
  { threads: 'auto' },
  { math: 'deterministic' },
];
const refused: LoadOptions[] = [
  { backend: 'wasm' },
  { math: 'relaxed' },
  { backend: 'js', math: 'relaxed' },
  { threads: 2 },
  { module: new Uint8Array(8) },
  { memory: { initial: 1 } },
  { memory: { memory: {} as WebAssembly.Memory, base: 0, size: 65536 } },
  { backend: 'wasm', memory: { memory: {} as WebAssembly.Memory, base: 0, size: 65536 } },
];

/** Everything: what instances are, what is refused, and the numbers. */
export async function run(library: Library): Promise<unknown> {
  const { load, loadSync } = library;
  const kinds = new Set<string>();
  for (const options of [undefined, ...allowed]) {
    for (const F of [await load(options), loadSync(options)])
      kinds.add(`${F.backend} ${F.math} ${F.threads}`);
  }
  const refusals: string[][] = [];
  for (const options of refused) {
    refusals.push([await refusalOf(() => load(options)), await refusalOf(() => loadSync(options))]);
  }
  const F = await load();
  checkExample(F);
  await checkMemory(F);
  await checkErrors(library, F);
  const numbers = numbersOf(F);
  F.dispose();
  return { kinds: [...kinds], refusals, disposed: await refusalOf(() => F.mse([1], [1])), numbers };
}
