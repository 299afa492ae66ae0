import type { Inputs, Options, Terms } from './options.ts';
import { sigmoid, softplus, times } from './scalar.ts';
import { reader } from './tensor.ts';

/** The loss of one element and its two derivatives. */
export interface Point {
  value: number;
  dInput: number;
  dTarget: number;
}

export type PointLoss = (x: number, t: number, options: Options, posWeight: number) => Point;

/** The three numbers of a loss that depends on x − t alone. */
const ofDifference = (value: number, slope: number): Point => ({ value, dInput: slope, dTarget: -slope });

/** |x − t| */
const l1: PointLoss = (x, t) => ofDifference(Math.abs(x - t), Math.sign(x - t));

/** (x − t)² */
const mse: PointLoss = (x, t) => ofDifference((x - t) ** 2, 2 * (x - t));

/** ½d² where |d| ≤ δ, δ(|d| − ½δ) beyond */
const huber: PointLoss = (x, t, { delta = 1 }) => {
  const d = x - t;
  if (Math.abs(d) > delta) return ofDifference(delta * (Math.abs(d) - delta / 2), delta * Math.sign(d));
  return ofDifference(0.5 * d * d, d);
};

/** ½d²/β where |d| < β, |d| − ½β beyond; β = 0 is L1 */
const smoothL1: PointLoss = (x, t, { beta = 1 }) => {
  const d = x - t;
  if (Math.abs(d) < beta) return ofDifference((0.5 * d * d) / beta, d / beta);
  return ofDifference(Math.abs(d) - beta / 2, Math.sign(d));
};

/** −z·log p − (1 − z)·log(1 − p); NaN for p outside [0, 1], unless p is clipped */
const bce: PointLoss = (p, z, { eps = 0, epsMode = 'clip' }) => {
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

/** log(a + b) for a sum that may be close to 1: what it was rounded by counts there. */
export function logOfSum(a: number, b: number): number {
  const [large, small] = Math.abs(a) >= Math.abs(b) ? [a, b] : [b, a];
  const total = large + small;
  return Math.log(total) + (large - total + small) / total;
}

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

/** w·z·s with 0·inf = 0; the greatest and the least factor first, so that no product on the way is subnormal. */
function weighted(w: number, z: number, s: number): number {
  if (Number.isNaN(w + z + s)) return Number.NaN;
  const [a, b, c] = [w, z, s].sort((x, y) => Math.abs(x) - Math.abs(y));
  return a === 0 ? 0 : a * c * b;
}

/** w₊·z·softplus(−x) + (1 − z)·softplus(x), with 0·inf = 0 */
const bceWithLogits: PointLoss = (x, z, _options, posWeight) => ({
  value: weighted(posWeight, z, softplus(-x)) + times(1 - z, softplus(x)),
  dInput: (1 - z) * sigmoid(x) - posWeight * z * sigmoid(-x),
  dTarget: times(posWeight, softplus(-x)) - softplus(x),
});

/** t·(log t − x), or eᵗ·(t − x) for a target that is a logarithm; with 0·inf = 0 */
const klDiv: PointLoss = (x, t, { logTarget = false }) => {
  const p = logTarget ? Math.exp(t) : t;
  const logP = logTarget ? t : Math.log(t);
  const gap = p === 0 && !Number.isNaN(x) ? 0 : logP - x;
  return {
    value: p * gap,
    dInput: -p,
    dTarget: logTarget ? p * (gap + 1) : logP - x + 1,
  };
};

/** The elementwise losses by name. */
export const pointLosses: Record<string, PointLoss> = { l1, mse, huber, smoothL1, bce, bceWithLogits, klDiv };

/** The terms of an elementwise loss, each times its `weight`. */
export function elementwiseTerms(point: PointLoss, { input, target }: Inputs, options: Options): Terms {
  const weight = reader(options.weight, input.shape);
  const posWeight = reader(options.posWeight, input.shape);
  const at = (i: number): Point => point(input.data[i], target.data[i], options, posWeight(i));
  return {
    shape: [...input.shape],
    targetHasGradient: true,
    ignored: () => false,
    mass: () => 1,
    value: (i) => weight(i) * at(i).value,
    addGradient: (i, up, grads) => {
      const { dInput, dTarget } = at(i);
      grads.input[i] += up * weight(i) * dInput;
      if (grads.target) grads.target[i] += up * weight(i) * dTarget;
    },
  };
}
