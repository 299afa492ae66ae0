// The seeded work whose results must be the same bits on every engine, and its digests.
import type { LossFunctions } from '../../src/index.ts';
import { integer, type Random, random } from '../random.ts';
import { Digest } from './digest.ts';

type Any = any;
const arrays = { f32: Float32Array, f64: Float64Array };
const dtypes = ['f32', 'f64'] as const;

/** Numbers of very different sizes, with a special one now and then. */
function draw(r: Random): number {
  const kind = r();
  if (kind < 0.02) return [0, -0, 1, Infinity, -Infinity, NaN, 1e-30, 3e38][integer(r, 8)];
  return Math.fround((r() - 0.5) * (kind < 0.2 ? 200 : 16));
}

const elementwise = ['l1', 'mse', 'huber', 'smoothL1', 'bce', 'bceWithLogits', 'klDiv'];
const classes = ['nll', 'crossEntropy'];

/** Digest of `calls` calls of every loss, with all kinds of options, through ordinary arrays. */
export function lossDigest(F: LossFunctions, calls: number, seed = 1): string {
  const r = random(seed);
  const digest = new Digest();
  for (let i = 0; i < calls; i++) {
    const dtype = dtypes[integer(r, 2)];
    const A = arrays[dtype] as Float32ArrayConstructor;
    const reduction = ['mean', 'sum', 'none'][integer(r, 3)];
    const fill = (n: number, f: (r: Random) => number) => A.from({ length: n }, () => f(r));
    let name: string;
    let args: [Any, Any, Any];
    if (r() < 0.5) {
      name = elementwise[integer(r, elementwise.length)];
      const n = integer(r, r() < 0.05 ? 3000 : 60);
      const options: Any = { reduction };
      if (name !== 'klDiv' && r() < 0.2) options.weight = fill(n, (x) => x() + 0.1);
      if (r() < 0.2) options.sampleWeight = fill(n, (x) => integer(x, 3));
      args = [fill(n, name === 'bce' ? (x) => x() : draw), fill(n, (x) => x()), options];
    } else {
      name = classes[integer(r, 2)];
      const c = 1 + integer(r, r() < 0.1 ? 200 : 12);
      const rows = [1 + integer(r, 6)];
      if (r() < 0.3) rows.push(1 + integer(r, 20));
      const count = rows.reduce((a, b) => a * b, 1);
      const options: Any = { reduction };
      if (r() < 0.2) options.weight = fill(c, (x) => x() + 0.1);
      if (r() < 0.2) options.ignoreIndex = integer(r, c);
      if (name === 'crossEntropy' && r() < 0.3) options.labelSmoothing = Math.fround(r());
      const [first, ...rest] = rows;
      args = [
        { data: fill(count * c, draw), shape: [first, c, ...rest] },
        { data: Int32Array.from({ length: count }, () => integer(r, c)), shape: rows },
        options,
      ];
    }
    const { value, grad } = (F as Any)[name].valueAndGrad(...args);
    if (typeof value === 'number') digest.number(value);
    else digest.numbers(value.data);
    digest.numbers(grad.data);
  }
  return digest.toString();
}

const functions = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'softplus', 'sigmoid'] as const;

/** Digest of the vector math over `inputs` f32 bit patterns spread over all of them, in f32 and widened to f64. */
export function mathDigest(F: LossFunctions, inputs: number): string {
  const digest = new Digest();
  const each = Math.ceil(inputs / (2 * functions.length));
  const chunk = 1 << 16;
  for (const name of functions) {
    for (let from = 0; from < each; from += chunk) {
      const bits = new Uint32Array(Math.min(chunk, each - from));
      for (let i = 0; i < bits.length; i++) bits[i] = Math.imul(from + i, 0x9e3779b1) >>> 0;
      const x = new Float32Array(bits.buffer);
      digest.numbers(F[name](x).data);
      digest.numbers(F[name](Float64Array.from(x)).data);
    }
  }
  return digest.toString();
}
