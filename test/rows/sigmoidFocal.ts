import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import type { Options } from '../reference/options.ts';
import { counted, sigmoid, smoothed, softplus, times } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** What value and derivatives are made of: both labels' shares, their balance, 1 − pₜ and cross entropy. */
function partsOf(x: number, t: number, { gamma = 2, alpha, labelSmoothing = 0 }: Options) {
  const [yes, no] = smoothed(t, labelSmoothing);
  const [p, q] = [sigmoid(x), sigmoid(-x)];
  const u = yes * q + no * p;
  return {
    ...{ yes, no, p, q, u, kept: 1 - labelSmoothing },
    // beyond that powers are 0 or 1
    gamma: Math.min(gamma, 1e18),
    balance: alpha === undefined ? 1 : alpha * yes + (1 - alpha) * no,
    tilt: alpha === undefined ? 0 : 2 * alpha - 1,
    c: times(yes, softplus(-x)) + times(no, softplus(x)),
    power: u ** Math.min(gamma, 1e18),
  };
}

/** What γ adds to a derivative by which u has the slope `slope`: γ uᵞ (c/u) u′, and c is about u where u is nothing */
const turned = (gamma: number, power: number, c: number, u: number, slope: number): number =>
  slope === 0 ? 0 : counted(gamma, counted(power, u === 0 ? 1 : c / u));

/** αₜ·uᵞ·c */
const point: PointLoss = (x, t, options) => {
  const { yes, no, p, q, u, kept, gamma, balance, tilt, c, power } = partsOf(x, t, options);
  if (Number.isNaN(c)) return { value: c, dInput: c, dTarget: c };
  const slope = (no - yes) * p * q;
  return {
    value: counted(balance * power, c),
    dInput: balance * (turned(gamma, power, c, u, slope) * slope + power * (no * p - yes * q)),
    dTarget:
      kept *
      (counted(tilt * power, c) +
        balance * (turned(gamma, power, c, u, q - p) * (q - p) + counted(power, -x))),
  };
};

/** The sizes of the terms, and what the power of a rounded number is off by. */
const size: PointSize = (x, t, options) => {
  const { yes, no, p, q, u, kept, gamma, balance, tilt, c, power } = partsOf(x, t, options);
  const log = u > 0 ? -Math.log(u) : 0;
  const isSoft = yes * no !== 0;
  const isProduct = gamma <= 4 && Number.isInteger(gamma);
  const growth = isProduct ? 1 : isSoft ? 1 + (gamma * (1 + log)) / 40 : gamma * log > 63 ? 1.25 : 1;
  const slope = Math.abs(no - yes) * p * q;
  const direct = counted(power, Math.abs(x));
  return {
    value: growth * Math.abs(counted(balance * power, c)),
    dInput:
      growth *
      Math.abs(balance) *
      (Math.abs(turned(gamma, power, c, u, slope)) * slope + power * (Math.abs(no) * p + Math.abs(yes) * q)),
    dTarget:
      growth *
      kept *
      (Math.abs(counted(tilt * power, c)) +
        Math.abs(balance) * (Math.abs(turned(gamma, power, c, u, q - p) * (q - p)) + direct)),
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
