// What temperature, softcap, mask and zLoss make of a row of logits. Differences of capped logits are c tanh(δ)(1 − tanh a tanh b),
// which is another form than the kernels'.
import type { Options } from './options.ts';
import { sum } from './scalar.ts';
import { type ClassProbability, softmaxOf } from './softmax.ts';

export interface ShapedRow {
  readonly classes: ClassProbability[];
  /** dz/dx of each logit, d²z/dx². */
  readonly slopes: number[];
  readonly bends: number[];
  /** log Σ e^z, and the size of what it is the sum of. */
  readonly lse: number;
  readonly lseSize: number;
}

/** 1 − tanh |u| */
const below1 = (u: number): number => 2 / (Math.exp(2 * Math.abs(u)) + 1);

/** The row `x`, of which `counts` tells what is not masked; undefined where everything is. */
export function shapedRow(x: number[], counts: boolean[], options: Options): ShapedRow | undefined {
  const { temperature = 1, softcap = 0 } = options;
  if (!counts.includes(true)) return undefined;
  const top = Math.max(...x.filter((_, j) => counts[j]));
  const inCaps = (v: number): number => v / temperature / softcap;
  const gapOf = (v: number): number => {
    if (softcap === 0) return (top - v) / temperature;
    if (v === top) return 0;
    const [a, b] = [inCaps(top), inCaps(v)];
    const [p, q] = [below1(a), below1(b)];
    const rest = Math.sign(a) === Math.sign(b) ? p + q - p * q : 1 + (1 - p) * (1 - q);
    return softcap * (Math.tanh(inCaps(top - v)) * rest);
  };
  const gaps = x.map((v, j) => (counts[j] ? gapOf(v) : Number.POSITIVE_INFINITY));
  const greatest = softcap === 0 ? top / temperature : softcap * Math.tanh(inCaps(top));
  const log = Math.log(sum(gaps.map((gap) => Math.exp(-gap))));
  const slopes = x.map((v) => (softcap === 0 ? 1 : Math.cosh(inCaps(v)) ** -2) / temperature);
  return {
    classes: softmaxOf(gaps),
    slopes,
    bends: x.map((v, j) =>
      softcap === 0 ? 0 : ((-2 * Math.tanh(inCaps(v))) / softcap) * (slopes[j] / temperature),
    ),
    lse: greatest + log + (greatest - greatest),
    lseSize: Math.abs(greatest) + Math.abs(log),
  };
}
