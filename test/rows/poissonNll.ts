import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { logOfSum, times } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** Stirling's approximation of log t!, and its derivative; 0 for t ≤ 1 */
const stirling = (t: number): [value: number, slope: number] =>
  t > 1 ? [t * Math.log(t) - t + Math.log(2 * Math.PI * t) / 2, Math.log(t) + 1 / (2 * t)] : [0, 0];

/** eˣ − t·x, or x − t·log(x + ε); an infinite rate, or t = 0, leaves the first term alone */
const point: PointLoss = (x, t, { logInput = true, full = false, eps = 1e-8 }) => {
  const [more, slope] = full ? stirling(t) : [0, 0];
  const rate = logInput ? Math.exp(x) : x;
  const log = logInput ? x : logOfSum(x, eps);
  if (Number.isNaN(t) || Number.isNaN(log)) return { value: NaN, dInput: NaN, dTarget: NaN };
  const alone = t === 0 || rate === Number.POSITIVE_INFINITY;
  const ofRate = x === Number.POSITIVE_INFINITY ? 1 : (x - t + eps) / (x + eps);
  return {
    value: (alone ? rate : rate - t * log) + more,
    dInput: logInput ? rate - t : ofRate,
    dTarget: slope - log,
  };
};

const size: PointSize = (x, t, { logInput = true, full = false, eps = 1e-8 }) => {
  const [rate, log] = logInput ? [Math.exp(x), Math.abs(x)] : [Math.abs(x), Math.abs(Math.log(x + eps))];
  const more = full && t > 1 ? t * Math.log(t) + t + 2 : 0;
  return {
    value: rate + times(Math.abs(t), log) + more,
    dInput: logInput ? rate + Math.abs(t) : (Math.abs(x - t) + eps) / (x + eps),
    dTarget: log + (more > 0 ? Math.log(t) + 1 / t : 0),
  };
};

export const poissonNll: Row = {
  loss: 'poissonNll',
  point,
  size,
  // logarithms of rates, or rates
  input: between(0.2, 3),
  target: between(0.1, 4),
  joint: (_, t, o) => (o.full ? Math.abs(t - 1) : Number.POSITIVE_INFINITY),
  variants: [
    ...plain,
    ...weighted,
    { title: 'full', options: { full: true } },
    { title: 'rates', options: { logInput: false } },
    { title: 'rates, full, eps 0.1', options: { logInput: false, full: true, eps: 0.1 } },
  ],
};
