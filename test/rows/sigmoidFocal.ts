import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import type { Options } from '../reference/options.ts';
import { counted, sigmoid, smoothed, softplus, times } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** What value and derivatives are made of: both labels' shares, their balance, 1 − pₜ, its logarithm and cross entropy. */
function partsOf(x: number, t: number, { gamma = 2, alpha, labelSmoothing = 0 }: Options) {
  const [yes, no] = smoothed(t, labelSmoothing);
  const [p, q] = [sigmoid(x), sigmoid(-x)];
  const e = Math.exp(-Math.abs(x));
  // of a label that x agrees with the logarithm is −|x|, where u has long been 0
  const near = x >= 0 ? no : yes;
  const u = yes * q + no * p;
  const log = near === 0 ? -Math.abs(x) - Math.log1p(e) : Math.log(near + (1 - near) * e) - Math.log1p(e);
  const c = times(yes, softplus(-x)) + times(no, softplus(x));
  // beyond that powers are 0 or 1
  const most = Math.min(gamma, 1e18);
  const isProduct = most <= 4 && Number.isInteger(most);
  return {
    ...{ yes, no, p, q, u, log, c, isProduct, kept: 1 - labelSmoothing, gamma: most },
    balance: alpha === undefined ? 1 : alpha * yes + (1 - alpha) * no,
    tilt: alpha === undefined ? 0 : 2 * alpha - 1,
    // c/u, where u is nothing and where x is all of it
    ratio: u === 0 ? 1 : near > 0 && e === 0 ? Math.abs(x) : c / u,
    /** v·uᵞ, of which uᵞ alone may be too small for a number */
    powered: (v: number): number => {
      if (v === 0 || gamma === 0 || Math.abs(v) === Number.POSITIVE_INFINITY) return v;
      if (isProduct) return Array.from({ length: most }).reduce<number>((product) => product * u, v);
      const root = Math.exp(0.5 * most * log);
      return near > 0 && near < 1 && most * log > -600 ? v * u ** most : v * root * root;
    },
  };
}

/** αₜ·uᵞ·c */
const point: PointLoss = (x, t, options) => {
  const { yes, no, p, q, kept, gamma, balance, tilt, c, ratio, powered } = partsOf(x, t, options);
  if (Number.isNaN(c)) return { value: c, dInput: c, dTarget: c };
  return {
    value: powered(counted(balance, c)),
    dInput: powered(balance * (counted((no - yes) * p * q, gamma * ratio) + no * p - yes * q)),
    dTarget:
      kept *
      (counted(tilt, powered(c)) +
        counted(gamma, counted(balance, powered(ratio * -Math.tanh(x / 2)))) -
        counted(balance, powered(x))),
  };
};
/** The sizes of the terms, and what the power of a rounded number is off by. */
const size: PointSize = (x, t, options) => {
  const parts = partsOf(x, t, options);
  const { yes, no, p, q, log, kept, gamma, balance, tilt, c, ratio, powered, isProduct } = parts;
  // a label's logarithm is exact but for log(1 + e^−|x|), which in f32 has the error of a coarse exponential: 1.7 ULP at most were met
  const isSoft = yes * no !== 0;
  const rounded = isSoft ? 1 - log : Math.log1p(Math.exp(-Math.abs(x)));
  const share = isSoft || options.dtype !== 'f32' ? 40 : 16;
  const growth = isProduct ? 1 : (gamma * -log > 63 ? 1.25 : 1) + (gamma * rounded) / share;
  const weight = growth * Math.abs(balance);
  return {
    value: growth * Math.abs(powered(counted(balance, c))),
    dInput: powered(
      weight * (counted(Math.abs(no - yes) * p * q, gamma * ratio) + Math.abs(no) * p + Math.abs(yes) * q),
    ),
    dTarget:
      kept *
      (growth * Math.abs(counted(tilt, powered(c))) +
        counted(gamma, counted(weight, powered(ratio * Math.abs(Math.tanh(x / 2))))) +
        counted(weight, Math.abs(powered(x)))),
  };
};

export const sigmoidFocal: Row = {
  loss: 'sigmoidFocal',
  point,
  size,
  isRelative: () => true,
  input: between(-6, 6),
  target: between(0, 1),
  variants: [
    ...plain,
    ...weighted,
    { title: 'gamma 0', options: { gamma: 0 } },
    { title: 'gamma 0.5', options: { gamma: 0.5 } },
    { title: 'gamma 1, alpha', options: { gamma: 1, alpha: 0.25 } },
    { title: 'gamma 3, smoothed', options: { gamma: 3, labelSmoothing: 0.1 } },
    { title: 'gamma 4', options: { gamma: 4 } },
    { title: 'gamma 5.5, alpha, smoothed to ½', options: { gamma: 5.5, alpha: 0.6, labelSmoothing: 1 } },
  ],
};
