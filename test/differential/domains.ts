// What the random cases of each loss are drawn from: all that is legal.
import type { FloatDType } from '../../src/index.ts';
import { contains, type Interval, showInterval, shownOf } from '../../src/options/interval.ts';
import { descriptorOf, domainsOf, isUnbounded, ofLogits } from '../intervals.ts';
import { inputsByRole } from '../losses/roles.ts';
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

/** Powers of ten between which options leave room for the other factors of a result: what is squared, or divided by. */
const rooms: Partial<Record<LossName | 'zLoss', readonly [least: number, most: number]>> = {
  gaussianNll: [-6, 1],
  pseudoHuber: [-15, 15],
  poissonNll: [-30, 0],
  hinge: [-6, 6],
  hingeEmbedding: [-6, 6],
  mape: [-6, 6],
  halfTweedie: [-6, 0.5],
  sigmoidFocal: [-6, 8],
  categoricalFocal: [-6, 1],
  squaredHinge: [-6, 6],
  cosineDistance: [-12, 6],
  cosineEmbedding: [-12, 6],
  tripletMargin: [-6, 1.5],
  dice: [-6, 1],
  ntxent: [-2, 1],
  zLoss: [-30, 6],
};

/** The power of ten that a score reaches, where 25 leaves its square no room beside the other factors (huge.ts has the greatest). */
const reaches: Partial<Record<LossName, number>> = { squaredHinge: 12 };

/** A number of an option's interval: an ordinary one, an end, or one of any distance from an end. */
function within(interval: Interval, of: keyof typeof rooms, r: Random, dtype: FloatDType): number {
  const { low, high } = interval;
  const [from, to] = shownOf(interval);
  const kind = r();
  if (kind < 0.3) return from + (to - from) * r();
  if (kind < 0.4) return r() < 0.5 ? low : high;
  const room = rooms[of];
  if (room !== undefined) return low + power(r, ...room);
  if (high === Infinity) return low + positive(r, dtype);
  return r() < 0.7 ? low + (high - low) * power(r, -30, 0) : high - (high - low) * power(r, -16, 0);
}

/** A loss's own options, each over its whole range: numbers of the dtype, which is what others are rounded to. */
export function optionsOf(
  loss: LossName,
  r: Random,
  dtype: FloatDType,
  round: (x: number) => number,
): Options {
  const options: Record<string, unknown> = {};
  for (const [name, { fallback, interval, choices }] of Object.entries(descriptorOf(loss).options)) {
    if (r() < 0.6) continue;
    if (typeof fallback === 'boolean') options[name] = !fallback;
    else if (choices !== undefined) options[name] = choices[integer(r, choices.length)];
    else if (interval !== undefined && !interval.isInteger) {
      const value = round(within(interval, name === 'zLoss' ? name : loss, r, dtype));
      if (contains(interval, value)) options[name] = value;
    }
  }
  return ofLogits(options);
}

/** A number between two others, mostly an ordinary one, else one at which something happens. */
function bounded({ low, high }: Interval, r: Random, dtype: FloatDType, eps = 0): number {
  const size = high - low;
  if (r() < 0.7) return low + size * r();
  const { least } = powers[dtype];
  const draws = [
    low,
    high,
    low + eps,
    high - eps,
    low + size * power(r, least, 0),
    high - size * power(r, -16, 0),
    low + eps * 2 * r(),
    high - eps * 2 * r(),
  ];
  return draws[integer(r, draws.length)];
}

const wide = (scale: number, r: Random) => (): number => scale * (2 * r() - 1);

/** How one input's elements are drawn, and from what, in words. */
interface Drawn {
  readonly draw: () => number;
  readonly from: string;
}

/** How an element of each input is drawn. */
export function elementsOf(
  loss: LossName,
  options: Options,
  r: Random,
  dtype: FloatDType,
): { draw: () => number; drawTarget: () => number; drawThird: () => number; domain: string } {
  const { family, options: table } = descriptorOf(loss);
  const isProduct = family.name === 'projection';
  const isClassLoss = isProduct || ['classes', 'sequence', 'sets'].includes(family.name);
  const domains = domainsOf(loss, options);
  const said = (interval: Interval, draw: () => number, scale?: number): Drawn => ({
    draw,
    from: `${showInterval(interval)}${scale === undefined ? '' : `, up to ±${scale.toPrecision(3)}`}`,
  });
  const scaled = (interval: Interval, scale: number): Drawn => said(interval, wide(scale, r), scale);

  const { eps = Number(table.eps?.fallback ?? 0) } = options;
  /** An input by itself. */
  const input = (interval: Interval): Drawn => {
    const { low, high } = interval;
    const reach = shownOf(interval)[1];
    if (isUnbounded(interval)) {
      const scale = reach * (isProduct ? 0.5 : r() < 0.3 ? 3.75 : 0.5);
      // classes are bounded by their distance from each other, logarithms by what they are logarithms of
      const isBounded = isClassLoss || interval.what === 'logarithms';
      return scaled(interval, !isBounded && r() < 0.1 ? power(r, 2, reaches[loss] ?? 25) : scale);
    }
    // exactly: the product of a label with a score, rounded, may be on the other side of a margin
    if (interval.what === 'labels') return said(interval, () => (r() < 0.5 ? low : high));
    if (low === -Infinity) return said(interval, () => high - 20 * r());
    if (high === Infinity) {
      // what divides, beside an eps, leaves room for the other factors
      const least = interval.what === 'rates' && eps < 1e-10 ? 1e-10 : 0;
      return said(interval, () => low + Math.max(least, r() < 0.1 ? 0 : reach * r() * r()));
    }
    if (!isClassLoss || eps) return said(interval, () => bounded(interval, r, dtype, eps));
    // 1/p times the class weight, and that times the other factors, must be numbers of the dtype
    const floor = (p: number) => (p < 1e-20 ? (r() < 0.1 ? 0 : 1e-20) : p);
    return said(interval, () => floor(bounded(interval, r, dtype)));
  };
  const label = () => (r() < 0.4 ? integer(r, 2) : r() < 0.1 ? power(r, powers[dtype].least, 0) : r());
  const target = (interval: Interval): Drawn => {
    if (isClassLoss) return said(interval, () => (r() < 0.2 ? 0 : r()));
    const isLabel = interval.low === 0 && interval.high === 1 && interval.what !== 'labels';
    return isLabel ? said(interval, label) : input(interval);
  };

  const [first, second = first, third = first] = domains;
  let drawn: Drawn[];
  if (!isClassLoss && first === second && isUnbounded(first)) {
    // a square, a weight and an upstream number must find room, and what a third input divides
    const scale = r() < 0.3 ? power(r, -12, third === first ? 12 : 6) : 3;
    drawn = [scaled(first, scale), scaled(second, scale)];
  } else drawn = [input(first), target(second)];
  drawn.push(input(third));
  return {
    draw: drawn[0].draw,
    drawTarget: drawn[1].draw,
    drawThird: drawn[2].draw,
    domain: domains.map((_, i) => `${inputsByRole(loss)[i]!.name} ${drawn[i].from}`).join('; '),
  };
}
