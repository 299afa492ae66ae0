import { between } from '../random.ts';
import type { Point, PointLoss, PointSize } from '../reference/elementwise.ts';
import type { Options } from '../reference/options.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

const none: Point = { value: Number.NaN, dInput: Number.NaN, dTarget: Number.NaN };

/** eʸ − 1 − y, by its power series where that is small */
function remainder(y: number): number {
  if (Math.abs(y) > 0.5) return Math.exp(y) - 1 - y;
  let total = 0;
  for (let k = 20, factor = 1 / 2432902008176640000; k >= 2; factor *= k--) total += y ** k * factor;
  return total;
}

/** What a deviance is a difference of: the mean and λ = log(mean/t), which has its digits where they are close. */
function meanOf(
  x: number,
  t: number,
  link: string | undefined,
): { mean: number; log: number; lambda: number } {
  if (link !== 'identity') return { mean: Math.exp(x), log: x, lambda: x - Math.log(t) };
  const size = Math.log1p(Math.abs(x - t) / Math.min(x, t));
  return { mean: x, log: Math.log(x), lambda: Math.sign(x - t) * size };
}

/** c ≠ 0: t^(2−p)·ψ(cλ)/c, its first part being mean^(2−p) or t·mean^(1−p), `all` */
function part(c: number, lambda: number, all: number, base: number): number {
  if (c === 0) return 0;
  const y = c * lambda;
  return Math.abs(y) > 16 ? (all - base * (1 + y)) / c : (base * remainder(y)) / c;
}

const numbers = (x: number, t: number, { power: p = 1.5, link, full = false }: Options) => {
  const { mean, log, lambda } = meanOf(x, t, link);
  const [whole, less] = [Math.exp((2 - p) * log), Math.exp((1 - p) * log)];
  const product = t === 0 ? 0 : t * less;
  return { p, mean, log, lambda, whole, less, product, isDeviance: full || link === 'identity' };
};

/** Half of the deviance of the power p, without what depends on t alone where it is not asked for */
const point: PointLoss = (x, t, options) => {
  const { p, mean, lambda, whole, less, product, isDeviance } = numbers(x, t, options);
  const isMean = options.link === 'identity';
  if (Number.isNaN(x) || Number.isNaN(t)) return none;
  if (p === 0) {
    const d = mean - t;
    return { value: (d * d) / 2, dInput: isMean ? d : orEnd(whole - product, x), dTarget: -d };
  }
  if (t < 0 || (t === 0 && p >= 2) || (isMean && x <= 0)) return none;
  const slope = isMean ? (less / x) * (x - t) : orEnd(whole - product, x);
  const dInput = Number.isNaN(slope) ? 0 : slope;
  if (!isDeviance) {
    const line = t === 0 ? 0 : t * x;
    const value = (p === 2 ? x : whole / (2 - p)) - (p === 1 ? line : product / (1 - p));
    return { value: orInfinity(value), dInput, dTarget: p === 1 ? -x : -less / (1 - p) };
  }
  const base = t ** (2 - p);
  const value =
    t === 0 ? whole / (2 - p) : part(2 - p, lambda, whole, base) - part(1 - p, lambda, product, base);
  const y = (1 - p) * lambda;
  const gap = Math.abs(y) < 1 ? -(t ** (1 - p)) * Math.expm1(y) : t ** (1 - p) - less;
  const dTarget = p === 1 ? -lambda : gap / (1 - p);
  const end = isMean || x >= 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return { value: orInfinity(value), dInput, dTarget: Number.isNaN(dTarget) ? end : dTarget };
};

const orInfinity = (v: number): number => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : v);
const orEnd = (v: number, x: number): number =>
  Number.isNaN(v) ? Math.sign(x) * Number.POSITIVE_INFINITY : v;

/** The terms, each as far off as its exponents are large: 2e-7 of one on 4e-6 */
const size: PointSize = (x, t, options) => {
  const { p, mean, log, lambda, whole, less, product, isDeviance } = numbers(x, t, options);
  const logT = t === 0 ? 0 : Math.abs(Math.log(Math.abs(t)));
  const exponents = Math.max(Math.abs(2 - p), Math.abs(1 - p)) * Math.max(Math.abs(log), logT);
  const grown = (v: number): number => Math.abs(v) * (1 + 0.05 * exponents);
  const isMean = options.link === 'identity';
  if (p === 0) {
    if (isMean) return {};
    return {
      value: grown((mean * mean + t * t) / 2),
      dInput: grown(whole) + grown(product),
      dTarget: grown(mean) + Math.abs(t),
    };
  }
  const dInput = isMean ? grown((less / x) * (x - t)) : grown(whole) + grown(product);
  if (!isDeviance)
    return {
      value:
        (p === 2 ? Math.abs(x) : grown(whole / (2 - p))) +
        (p === 1 ? Math.abs(t * x) : grown(product / (1 - p))),
      dInput,
      dTarget: p === 1 ? Math.abs(x) : grown(less / (1 - p)),
    };
  const base = t ** (2 - p);
  // what the logarithm of the ratio was rounded by
  const lost = isMean ? 0 : 0.05 * (Math.abs(x) + logT);
  const value =
    t === 0
      ? grown(whole / (2 - p))
      : grown(part(2 - p, lambda, whole, base)) +
        grown(part(1 - p, lambda, product, base)) +
        lost * Math.abs(whole - product);
  return {
    value,
    dInput,
    dTarget: grown(point(x, t, options, 1).dTarget) + lost * Math.max(less, t ** (1 - p)),
  };
};

export const halfTweedie: Row = {
  loss: 'halfTweedie',
  point,
  size,
  isRelative: () => true,
  // logarithms of means, or means
  input: between(0.2, 2),
  target: between(0.2, 4),
  variants: [
    ...plain,
    ...weighted,
    ...[0, 0.5, 1, 1.1, 2, 2.5, 3].flatMap((power) => [
      { title: `power ${power}`, options: { power } },
      { title: `power ${power}, full`, options: { power, full: true } },
      { title: `power ${power}, of means`, options: { power, link: 'identity' } },
    ]),
    { title: 'full', options: { full: true } },
    { title: 'of means', options: { link: 'identity' } },
  ],
};
