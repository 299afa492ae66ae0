// What the random cases of each loss are drawn from: all that is legal.
import type { FloatDType } from '../../src/index.ts';
import { integer, type Random } from '../random.ts';
import type { Options } from '../reference/index.ts';
import type { LossName } from '../rows/row.ts';

/** The least normal number, the largest, and the least above 0, as powers of ten. */
const powers = {
  f32: { normal: -37.9, top: 38.5, least: -44.8 },
  f64: { normal: -307.6, top: 308.2, least: -323 },
};

/** A number whose logarithm is even between two powers of ten. */
export const power = (r: Random, low: number, high: number): number => 10 ** (low + (high - low) * r());

/** A number below the least normal one. */
export const subnormal = (r: Random, dtype: FloatDType): number =>
  power(r, powers[dtype].least, powers[dtype].normal);

/** Any positive number of the dtype. */
const positive = (r: Random, dtype: FloatDType): number =>
  r() < 0.1 ? subnormal(r, dtype) : power(r, powers[dtype].normal, powers[dtype].top);

/** A loss's own options, each over its whole range: numbers of the dtype, which is what others are rounded to. */
export function optionsOf(
  loss: LossName,
  r: Random,
  dtype: FloatDType,
  round: (x: number) => number,
): Options {
  const options: Options = {};
  const eps = () => round(power(r, -30, Math.log10(0.49)));
  const usual = () => 0.05 + 2 * r();
  if (loss === 'huber' && r() < 0.6) {
    options.delta = round(r() < 0.3 ? usual() : r() < 0.1 ? Number.POSITIVE_INFINITY : positive(r, dtype));
  }
  if (loss === 'smoothL1' && r() < 0.6) {
    options.beta = round(r() < 0.3 ? usual() : r() < 0.1 ? 0 : positive(r, dtype));
    if (options.beta === Number.POSITIVE_INFINITY) options.beta = 1;
  }
  if (loss === 'klDiv' && r() < 0.5) options.logTarget = true;
  if (loss === 'bce' && r() < 0.5) {
    options.eps = eps();
    if (r() < 0.5) options.epsMode = 'add';
  }
  if (loss === 'crossEntropy') {
    if (r() < 0.3) {
      const ends = [1, 1 - power(r, -16, -1), power(r, -30, -1), r()];
      options.labelSmoothing = ends[integer(r, 4)];
    }
    if (r() < 0.25) {
      options.fromLogits = false;
      if (r() < 0.6) options.eps = eps();
      if (r() < 0.5) options.epsMode = 'add';
    }
  }
  return options;
}

/** A probability, mostly an ordinary one, else one at which something happens. */
function probability(r: Random, dtype: FloatDType, eps = 0): number {
  if (r() < 0.7) return r();
  const { least } = powers[dtype];
  const draws = [
    0,
    1,
    eps,
    1 - eps,
    power(r, least, 0),
    1 - power(r, -16, 0),
    eps * 2 * r(),
    1 - eps * 2 * r(),
  ];
  return draws[integer(r, draws.length)];
}

/** How an element of the input and one of the target is drawn. */
export function elementsOf(
  loss: LossName,
  { fromLogits, logTarget, eps }: Options,
  r: Random,
  dtype: FloatDType,
): { draw: () => number; drawTarget: () => number } {
  const unit = () => r();
  const wide = (scale: number) => () => scale * (2 * r() - 1);
  const label = () => (r() < 0.4 ? integer(r, 2) : r() < 0.1 ? power(r, powers[dtype].least, 0) : r());
  switch (loss) {
    case 'bce':
      return { draw: () => probability(r, dtype, eps), drawTarget: label };
    case 'bceWithLogits':
      return { draw: wide(r() < 0.3 ? 60 : r() < 0.1 ? power(r, 2, 25) : 6), drawTarget: label };
    case 'crossEntropy':
      if (fromLogits === false) {
        // 1/p times the class weight, and that times the other factors, must be numbers of the dtype
        const floor = (p: number) => (p < 1e-20 ? (r() < 0.02 ? 0 : 1e-20) : p);
        const p = () => probability(r, dtype, eps);
        return { draw: () => (eps ? p() : floor(p())), drawTarget: unit };
      }
      return { draw: wide(r() < 0.3 ? 30 : 4), drawTarget: () => (r() < 0.2 ? 0 : r()) };
    case 'nll':
      return { draw: () => -20 * r(), drawTarget: unit };
    case 'klDiv':
      return {
        draw: () => -20 * r(),
        drawTarget: logTarget ? () => -20 * r() : () => (r() < 0.1 ? 0 : r() * r()),
      };
    default: {
      // a square, a weight and an upstream number must find room
      const scale = r() < 0.3 ? power(r, -12, 12) : 3;
      return { draw: wide(scale), drawTarget: wide(scale) };
    }
  }
}
