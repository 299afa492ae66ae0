import { between } from '../random.ts';
import type { RowLoss } from '../reference/features.ts';
import type { Options } from '../reference/options.ts';
import { features, isRelative } from './features.ts';
import type { Row } from './row.ts';

/** Whether differences of features are f32, so that eps is one of their terms, and may cancel. */
const isNarrow = ({ dtype, p = 2, swap = false }: Options): boolean => dtype === 'f32' && p === 2 && !swap;

/** Whether a difference of distances is 0 but for rounding: the gradient leaps there. */
export function isKink(given: readonly (readonly number[])[], options: Options): boolean {
  const rounding = isNarrow(options) ? 5e-7 : 1e-13;
  const { far, other, loss, size } = parts(given, options);
  const isTie = other !== undefined && Math.abs(far.size - other.size) <= rounding * far.size;
  return isTie || Math.abs(loss) <= rounding * size;
}

/** d = ‖u − v + eps‖_p, its gradient by u, and the sizes of what both are sums of */
function distance(u: readonly number[], v: readonly number[], options: Options) {
  const { p = 2, eps = 1e-6 } = options;
  const d = u.map((x, i) => x - v[i] + eps);
  const most = d.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const sign = d.map(Math.sign);
  if (most === 0) return { size: 0, slopes: d.map(() => 0), sizes: d.map(() => 0), terms: 0 };
  if (p === 1) {
    const size = d.reduce((s, x) => s + Math.abs(x), 0);
    return { size, slopes: sign, sizes: d.map(() => 1), terms: size };
  }
  // an infinite distance has no direction
  if (most === Infinity)
    return { size: most, slopes: d.map(() => NaN), sizes: d.map(() => NaN), terms: most };
  const r = d.map((x) => Math.abs(x) / most);
  if (p === Infinity) {
    const ties = r.filter((x) => x === 1).length || NaN;
    const slopes = r.map((x, i) => (x === 1 ? sign[i] / ties : 0));
    return { size: most, slopes, sizes: slopes.map(Math.abs), terms: most };
  }
  const sum = r.reduce((s, x) => s + x ** p, 0);
  const slopes = r.map((x, i) => sign[i] * x ** (p - 1) * sum ** (1 / p - 1));
  const size = most * sum ** (1 / p);
  if (isNarrow(options)) {
    const terms = u.map((x, i) => Math.abs(x - v[i]) + eps);
    return { size, slopes, sizes: terms.map((x) => x / size), terms: Math.hypot(...terms) };
  }
  // a power's exponent is as far off as the logarithm of its base
  const sizes = slopes.map(
    (s, i) => s && Math.abs(s) * (1 + (p - 1) * (p === 2 ? 0 : Math.abs(Math.log(r[i])) || 0)),
  );
  return { size, slopes, sizes, terms: size };
}

const parts = ([a, b, c]: readonly (readonly number[])[], options: Options) => {
  const { swap = false, margin = 1 } = options;
  const near = distance(a, b, options);
  const far = distance(a, c, options);
  const other = swap ? distance(b, c, options) : undefined;
  const least = other && other.size < far.size ? other : far;
  const share = !other || far.size < other.size ? 1 : far.size === other.size ? 0.5 : 0;
  const loss = margin + near.size - least.size;
  return { near, far, other, share, loss, size: Math.abs(margin) + near.terms + least.terms };
};

const vectors: RowLoss = (given, options) => {
  const { near, far, other, share, loss } = parts(given, options);
  const k = loss >= 0 ? 1 : loss < 0 ? 0 : NaN;
  const rest = (i: number): number => (other ? (1 - share) * other.slopes[i] : 0);
  return {
    value: loss < 0 ? 0 : loss,
    grads: [
      near.slopes.map((s, i) => k * (s - share * far.slopes[i])),
      near.slopes.map((s, i) => k * (-s - rest(i))),
      far.slopes.map((s, i) => k * (share * s + rest(i))),
    ],
  };
};

const vectorSizes: RowLoss = (given, options) => {
  const { near, far, other, share, size } = parts(given, options);
  const rest = (i: number): number => (other ? (1 - share) * other.sizes[i] : 0);
  return {
    value: size,
    grads: [
      near.sizes.map((s, i) => s + share * far.sizes[i]),
      near.sizes.map((s, i) => s + rest(i)),
      far.sizes.map((s, i) => share * s + rest(i)),
    ],
  };
};

const powers = [1, 2.5, 3, Infinity];

export const tripletMargin: Row = {
  loss: 'tripletMargin',
  vectors,
  vectorSizes,
  isRelative,
  input: between(-3, 3),
  target: between(-3, 3),
  third: between(-3, 3),
  variants: [
    ...features,
    { title: 'one feature', shape: [4, 1] },
    { title: 'swap', options: { swap: true } },
    { title: 'swap, rowwise, odd', shape: [5, 131], options: { swap: true } },
    ...powers.map((p) => ({ title: `p ${p}`, options: { p } })),
    ...powers.map((p) => ({
      title: `p ${p}, swap, rowwise, odd`,
      shape: [5, 35],
      options: { p, swap: true },
    })),
    { title: 'margin 3', options: { margin: 3 } },
    { title: 'eps 0.5', shape: [5, 35], options: { eps: 0.5 } },
  ],
};
