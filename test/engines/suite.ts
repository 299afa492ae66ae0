// What every runtime is put through, on the package as it is published. Nothing here knows of Node or of a test runner:
// it is bundled, with the seeded work of test/determinism, into one module that any engine takes.
import type { AddOptions, evaluate as Evaluate } from '../../src/evaluate/index.ts';
import type * as Package from '../../src/index.ts';
import type { Input } from '../../src/memory/inputs.ts';
import { Digest } from '../determinism/digest.ts';
import { lossDigest, mathDigest } from '../determinism/work.ts';
import { integer, random } from '../random.ts';

type Library = Pick<typeof Package, 'load' | 'loadSync'>;
type Functions = Package.LossFunctions;

export interface Digests {
  losses: string;
  math: string;
}

const LOSS_CALLS = 3000;
const MATH_INPUTS = 2 ** 15;

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not so: ${what}`);
}

const near = (a: number, b: number, relative: number): boolean => Math.abs(a - b) <= relative * Math.abs(b);

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return `${(error as Error).name} ${(error as { code?: string }).code}`;
  }
  return 'nothing thrown';
}

/** What the README shows, with its numbers. */
export function checkExample(F: Functions): void {
  const logits = F.zeros([4, 3]);
  logits.data.set([2, 1, 0.1, 0, 3, 0.5, 1, 1, 1, -1, 0, 4]);
  const labels = F.tensor(Int32Array.of(0, 1, 2, 2), [4]);
  const g = F.zeros([4, 3]);
  check(F.crossEntropy(logits, labels).toFixed(3) === '0.416', 'the mean is 0.416');
  F.crossEntropy.grad(logits, labels, { out: g });
  check(g.data[0].toFixed(3) === '-0.085', 'the first gradient is -0.085');
  const { value } = F.crossEntropy.valueAndGrad(logits, labels, { labelSmoothing: 0.1 });
  check(value.toFixed(3) === '0.561', 'the smoothed value is 0.561');
  const step = F.crossEntropy.prepare(logits, labels, { out: g });
  for (let i = 0; i < 100; i++) {
    step();
    for (let at = 0; at < g.length; at++) logits.data[at] -= g.data[at];
  }
  check(step().toFixed(3) === '0.022', 'after 100 steps it is 0.022');
  for (const tensor of [logits, labels, g]) tensor.dispose();
}

export async function checkMemory(F: Functions): Promise<void> {
  const before = F.memory.liveTensors;
  // more than there is at first: memory grows
  const x = F.zeros([1 << 20]);
  x.data.fill(3);
  const t = F.zeros([1 << 20]);
  check(F.mse(x, t) === 9, 'the mean square of a million threes is 9');
  t.dispose();
  x.dispose();
  check(F.memory.liveTensors === before, 'disposed tensors are gone');
  check((await codeOf(() => x.data)) === 'Error ERR_DISPOSED', 'a disposed tensor says so');
  const kept = F.scope(() => F.softmax(F.zeros([2, 2])));
  check(F.memory.liveTensors === before + 1, 'a scope keeps what it returns alone');
  check(kept.data[3] === 0.5, 'equal logits share');
  kept.dispose();
}

export async function checkErrors({ load }: Library, F: Functions): Promise<void> {
  const x = F.zeros([2, 3]);
  check((await codeOf(() => F.mse([1], [1, 2]))) === 'RangeError ERR_SHAPE', 'shapes have to be equal');
  check(
    (await codeOf(() => F.crossEntropy(x, Int32Array.of(0, 3)))) === 'RangeError ERR_LABEL',
    'labels are checked',
  );
  check(
    (await codeOf(() => F.mse(x, { data: new Float64Array(6), shape: [2, 3] } as never))) ===
      'TypeError ERR_DTYPE',
    'dtypes are checked',
  );
  check(
    (await codeOf(() => load({ backend: 'gpu' as never }))) === 'RangeError ERR_OPTION',
    'options are checked',
  );
  x.dispose();
}

/** The other backend and the other math: the same numbers within their bounds. */
async function checkOthers({ load }: Library, F: Functions): Promise<string> {
  const input = {
    data: Float32Array.from({ length: 600 }, (_, i) => 5 * Math.sin(i * 1.7)),
    shape: [60, 10],
  };
  const labels = Int32Array.from({ length: 60 }, (_, i) => (i * 7) % 10);
  const [js, relaxed] = [await load({ backend: 'js' }), await load({ math: 'relaxed' })];
  check(js.backend === 'js', 'the js backend says so');
  for (const G of [js, relaxed]) {
    check(
      near(G.crossEntropy(input, labels), F.crossEntropy(input, labels), 1e-6),
      'cross entropy is the same',
    );
    check(
      near(G.mse(input.data, input.data.map(Math.exp)), F.mse(input.data, input.data.map(Math.exp)), 1e-6),
      'mse',
    );
  }
  return relaxed.math;
}

/** What all engines have to come to, and to that of evaluations. */
export const shortDigests = (F: Functions): Digests & { large: string } => ({
  ...digestsOf(F, LOSS_CALLS, MATH_INPUTS),
  large: largeDigest(F),
});

/** The losses that are evaluated, with all of their figures and options that have cells of their own. */
const EVALUATED = [
  {
    loss: 'crossEntropy',
    figures: [
      'accuracy',
      'mrr',
      'perplexity',
      'perplexityBySequence',
      'entropy',
      'brier',
      'ece',
      'confusion',
    ],
    topK: [1, 3],
    labelSmoothing: 0.1,
  },
  { loss: 'crossEntropy', figures: ['perClass'] },
  { loss: 'bceWithLogits', figures: ['accuracy', 'auc', 'brier', 'ece'] },
  { loss: 'mse', figures: ['mae', 'rmse', 'r2'] },
] as const;

/**
 * States of evaluations, which every engine has to come to, and their results, which are the module's own: of numbers of all sizes, cut
 * into batches in another way each time, and merged. What computed them is told by the states alone.
 */
export function evaluations(F: Functions, evaluate: typeof Evaluate): string {
  const r = random(1718);
  const text = EVALUATED.flatMap((options) =>
    (['f32', 'f64'] as const).map((dtype) => {
      const Numbers = dtype === 'f32' ? Float32Array : Float64Array;
      const classes = options.loss === 'crossEntropy' ? 90 : 1;
      const n = 5000 / classes ** 0.5;
      const rows = Math.floor(n);
      const scale = (): number => 2 ** integer(r, classes > 1 ? 6 : 40) * (r() < 0.02 ? 0 : 1);
      const x = new Numbers(Array.from({ length: rows * classes }, () => (r() - 0.5) * scale()));
      if (classes === 1) x[integer(r, rows)] = Number.POSITIVE_INFINITY;
      const labels = Int32Array.from({ length: rows }, () => integer(r, classes > 1 ? classes : 2));
      const t = options.loss === 'mse' ? new Numbers(Array.from({ length: rows }, r)) : new Numbers(labels);
      const keys = Int32Array.from({ length: rows }, () => integer(r, 7));
      const of = (from: number, to: number): [Input, Input, AddOptions] => {
        const group = r() < 0.5 ? keys.subarray(from, to) : Array.from(keys.subarray(from, to));
        const cut = x.subarray(from * classes, to * classes);
        return classes > 1
          ? [{ data: cut, shape: [to - from, classes] }, labels.subarray(from, to), { group }]
          : [cut, t.subarray(from, to), { group }];
      };
      const whole = evaluate(F, options as never).add(...of(0, rows));
      const shards = [0, 1, 2].map(() => evaluate(F, options as never));
      for (let from = 0; from < rows; ) {
        const to = Math.min(rows, from + 1 + integer(r, rows / 3));
        shards[integer(r, 3)].add(...of(from, to));
        from = to;
      }
      const merged = shards[2].merge(shards[0].state()).merge(JSON.parse(JSON.stringify(shards[1].state())));
      const { build, ...state } = merged.state();
      check(build.endsWith(' wasm'), 'a state says what computed it');
      check(
        JSON.stringify(merged.state()) === JSON.stringify(whole.state()),
        'cuts and merges change nothing',
      );
      return JSON.stringify([state, whole.result()]);
    }),
  ).join();
  const digest = new Digest();
  digest.numbers(Float64Array.from(text, (letter) => letter.charCodeAt(0)));
  return digest.toString();
}

const digestsOf = (F: Functions, calls: number, inputs: number): Digests => ({
  losses: lossDigest(F, calls),
  math: mathDigest(F, inputs),
});

/** The digests of the deterministic module, and whether relaxed math is fused here. */
export async function conformance(library: Library): Promise<Digests & { relaxed: string }> {
  const F = await library.load();
  check(F.backend === 'wasm' && F.math === 'deterministic' && F.threads === 1, 'the defaults are these');
  checkExample(F);
  await checkMemory(F);
  await checkErrors(library, F);
  const relaxed = await checkOthers(library, F);
  const digests = digestsOf(F, LOSS_CALLS, MATH_INPUTS);
  const few = (G: Functions) => JSON.stringify(digestsOf(G, 100, 100));
  check(few(library.loadSync()) === few(F), 'loadSync gives the same bits');
  F.dispose();
  check((await codeOf(() => F.mse([1], [1]))) === 'Error ERR_DISPOSED', 'a disposed instance says so');
  return { ...digests, relaxed };
}

/** Calls that are worth several threads. */
function largeDigest(F: Functions): string {
  const digest = new Digest();
  const n = 300_000;
  const x = Float32Array.from({ length: n }, (_, i) => 6 * Math.sin(i * 1.3));
  const t = Float32Array.from({ length: n }, (_, i) => 0.5 + 0.5 * Math.sin(i * 0.7));
  const labels = Int32Array.from({ length: 1000 }, (_, i) => (i * 37) % 300);
  for (const result of [
    F.mse.valueAndGrad(x, t),
    F.bceWithLogits.valueAndGrad(x, t),
    F.crossEntropy.valueAndGrad({ data: x, shape: [1000, 300] }, labels),
  ]) {
    digest.number(result.value);
    digest.numbers(result.grad.data as Float32Array);
  }
  digest.numbers(F.exp(x).data as Float32Array);
  return digest.toString();
}

/** The bits of large calls on one thread and on two. The workers are left parked: the process has to end all the same. */
export async function threads({
  load,
  loadSync,
}: Library): Promise<{ one: string; two: string; sync: string }> {
  const one = largeDigest(await load());
  const G = await load({ threads: 2 });
  check(G.threads === 2, 'there are two threads');
  for (let i = 0; i < 5; i++) check(largeDigest(G) === one, 'two threads give the bits of one');
  const H = await load({ threads: 'auto' });
  check(H.threads >= 1, 'auto takes what there is');
  H.dispose();
  return { one, two: largeDigest(G), sync: largeDigest(loadSync({ threads: 2 })) };
}

/** The other entries, and the file that the package has of the module. */
export async function entries(library: Library, core: Library, url: Library, file: URL): Promise<void> {
  const F = await library.load();
  const wanted = lossDigest(F, 100);
  const of = (G: Functions) => lossDigest(G, 100);
  check((await codeOf(() => core.load())) === 'TypeError ERR_TYPE', 'core needs a module');
  check((await codeOf(() => core.loadSync())) === 'TypeError ERR_TYPE', 'core needs a module at once, too');
  check(of(await core.load({ module: file })) === wanted, 'core takes a URL');
  check((await core.load({ backend: 'js' })).mse([3], [1]) === 4, 'core has the js backend on demand');
  check(
    (await codeOf(() => core.loadSync({ backend: 'js' }))) === 'Error ERR_UNSUPPORTED',
    'but not at once',
  );
  check(of(await url.load()) === wanted, 'url reads the module');
  check(of(url.loadSync()) === wanted, 'url reads the module at once');
  check(
    (await url.load({ math: 'relaxed' })).math === (await library.load({ math: 'relaxed' })).math,
    'relaxed',
  );
  const G = await url.load({ threads: 2 });
  check(G.threads === 2 && of(G) === wanted, 'url with threads');
  const missing = new URL('missing.wasm', file);
  check((await codeOf(() => url.load({ module: missing }))) === 'Error ERR_UNSUPPORTED', 'a missing file');
}
