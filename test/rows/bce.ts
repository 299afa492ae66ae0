import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { logOfSum, smoothed } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** −z·log p − (1 − z)·log(1 − p); NaN for p outside [0, 1], unless p is clipped */
const point: PointLoss = (p, z, { eps = 0, epsMode = 'clip', labelSmoothing = 0 }) => {
  const clips = eps > 0 && epsMode === 'clip';
  if (!clips && !(p >= 0 && p <= 1)) return { value: NaN, dInput: NaN, dTarget: NaN };
  const logs = clips ? clippedLogs : eps > 0 ? shiftedLogs : clampedLogs;
  const shares = smoothed(z, labelSmoothing);
  const rise = labelSmoothing === 0 ? p - z : shares[1] * p - shares[0] * (1 - p);
  const [logP, logQ, dInput] = logs(p, shares, eps, rise);
  const [yes, no] = shares;
  return { value: -yes * logP - no * logQ, dInput, dTarget: (1 - labelSmoothing) * (logQ - logP) };
};

type Shares = readonly [yes: number, no: number];

/** PyTorch's: both logs at least −100, the gradient's denominator at least 1e−12. */
const clampedLogs = (p: number, _: Shares, _eps: number, rise: number): [number, number, number] => [
  Math.max(Math.log(p), -100),
  Math.max(Math.log1p(-p), -100),
  rise / Math.max(p * (1 - p), 1e-12),
];

/** Keras's: p is clipped to [eps, 1 − eps], and outside the gradient is 0. 1 − p is exact where it can be below eps. */
const clippedLogs = (p: number, _: Shares, eps: number, rise: number): [number, number, number] => {
  const slope = rise / (p * (1 - p));
  if (Number.isNaN(p)) return [p, p, p];
  if (p < eps) return [Math.log(eps), Math.log1p(-eps), 0];
  if (1 - p < eps) return [Math.log1p(-eps), Math.log(eps), 0];
  return [Math.log(p), Math.log1p(-p), slope];
};

/** tfjs's: eps is added inside both logs. 1 − p is rounded below ½, eps − p is what the sum differs from 1 by. */
const shiftedLogs = (p: number, [yes, no]: Shares, eps: number): [number, number, number] => [
  logOfSum(p, eps),
  p < 0.5 ? Math.log1p(eps - p) : logOfSum(1 - p, eps),
  no / (1 - p + eps) - yes / (p + eps),
];

/** Its two logarithms, as the losses of one outcome and of the other. */
const size: PointSize = (p, z, options) => {
  const { eps = 0, epsMode, labelSmoothing = 0 } = options;
  const hard = { ...options, labelSmoothing: 0 };
  const [ofYes, ofNo] = [1, 0].map((outcome) => Math.abs(point(p, outcome, hard, 1).value));
  const [yes, no] = smoothed(z, labelSmoothing).map(Math.abs);
  const logs = { value: yes * ofYes + no * ofNo, dTarget: (1 - labelSmoothing) * (ofYes + ofNo) };
  if (epsMode === 'add' && eps > 0) return { ...logs, dInput: yes / (p + eps) + no / (1 - p + eps) };
  if (labelSmoothing === 0 || Math.min(p, 1 - p) < eps) return logs;
  return { ...logs, dInput: (no * p + yes * (1 - p)) / Math.max(p * (1 - p), eps > 0 ? 0 : 1e-12) };
};

export const bce: Row = {
  loss: 'bce',
  point,
  size,
  input: between(0.02, 0.98),
  target: between(0, 1),
  variants: [
    ...plain,
    ...weighted,
    { title: 'eps clipped', options: { eps: 1e-3 } },
    { title: 'eps acting', options: { eps: 0.3 } },
    { title: 'eps added', options: { eps: 1e-2, epsMode: 'add' } },
    { title: 'smoothed', options: { labelSmoothing: 0.1 } },
    { title: 'smoothed to ½, eps clipped', options: { labelSmoothing: 1, eps: 1e-3 } },
    { title: 'smoothed, eps added', options: { labelSmoothing: 0.3, eps: 1e-2, epsMode: 'add' } },
  ],
};
