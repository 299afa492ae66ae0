import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { logOfSum } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** −z·log p − (1 − z)·log(1 − p); NaN for p outside [0, 1], unless p is clipped */
const point: PointLoss = (p, z, { eps = 0, epsMode = 'clip' }) => {
  const clips = eps > 0 && epsMode === 'clip';
  if (!clips && !(p >= 0 && p <= 1)) return { value: NaN, dInput: NaN, dTarget: NaN };
  const logs = clips ? clippedLogs : eps > 0 ? shiftedLogs : clampedLogs;
  const [logP, logQ, dInput] = logs(p, z, eps);
  return { value: -z * logP - (1 - z) * logQ, dInput, dTarget: logQ - logP };
};

/** PyTorch's: both logs at least −100, the gradient's denominator at least 1e−12. */
const clampedLogs = (p: number, z: number): [number, number, number] => [
  Math.max(Math.log(p), -100),
  Math.max(Math.log1p(-p), -100),
  (p - z) / Math.max(p * (1 - p), 1e-12),
];

/** Keras's: p is clipped to [eps, 1 − eps], and outside the gradient is 0. 1 − p is exact where it can be below eps. */
const clippedLogs = (p: number, z: number, eps: number): [number, number, number] => {
  const slope = (p - z) / (p * (1 - p));
  if (Number.isNaN(p)) return [p, p, p];
  if (p < eps) return [Math.log(eps), Math.log1p(-eps), 0];
  if (1 - p < eps) return [Math.log1p(-eps), Math.log(eps), 0];
  return [Math.log(p), Math.log1p(-p), slope];
};

/** tfjs's: eps is added inside both logs. 1 − p is rounded below ½, eps − p is what the sum differs from 1 by. */
const shiftedLogs = (p: number, z: number, eps: number): [number, number, number] => [
  logOfSum(p, eps),
  p < 0.5 ? Math.log1p(eps - p) : logOfSum(1 - p, eps),
  (1 - z) / (1 - p + eps) - z / (p + eps),
];

/** Its two logarithms, as the losses of one outcome and of the other. */
const size: PointSize = (p, z, options) => {
  const [yes, no] = [1, 0].map((outcome) => point(p, outcome, options, 1).value);
  const logs = {
    value: Math.abs(z * yes) + Math.abs((1 - z) * no),
    dTarget: Math.abs(yes) + Math.abs(no),
  };
  const { eps = 0, epsMode } = options;
  if (epsMode !== 'add' || eps === 0) return logs;
  return { ...logs, dInput: Math.abs(z) / (p + eps) + Math.abs(1 - z) / (1 - p + eps) };
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
  ],
};
