import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { times } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** u − log(1 + u), by its power series where that is small */
function excess(u: number): number {
  if (Math.abs(u) > 0.1) return u - Math.log1p(u);
  let total = 0;
  for (let k = 20; k >= 2; k--) total += (k % 2 === 0 ? 1 : -1) * (u ** k / k);
  return total;
}

/** share·e^a·log(M/e^a), M being the mixture with e^other, and its excess in place of the logarithm; 0 where e^a is */
function part(share: number, rest: number, a: number, other: number): { log: number; loss: number } {
  const p = Math.exp(a);
  if (p === 0) return { log: 0, loss: share * rest * Math.exp(other) };
  const u = rest * Math.expm1(other - a);
  const log =
    u < -0.5 || u === Number.POSITIVE_INFINITY ? logOfMixture(share, rest, other - a) : Math.log1p(u);
  const loss = u > 1e6 ? rest * (Math.exp(other) - p) - p * log : p * (u < -0.5 ? u - log : excess(u));
  return { log: share * p * log, loss: share * loss };
}

/** log(share + rest·e^gap) */
const logOfMixture = (share: number, rest: number, gap: number): number =>
  gap > 0 ? gap + Math.log(share * Math.exp(-gap) + rest) : Math.log(share + rest * Math.exp(gap));

/** β P log(P/M) + (1 − β) Q log(Q/M) for P = eᵗ, Q = eˣ; at the ends of β the divergence of one from the other */
const point: PointLoss = (x, t, { beta = 0.5 }) => {
  const [p, q] = [Math.exp(t), Math.exp(x)];
  if (beta === 0) return { value: product(p, x, t - x), dInput: -p, dTarget: product(p, x, t - x + 1) };
  if (beta === 1) return { value: product(q, t, x - t), dInput: product(q, t, x - t + 1), dTarget: -q };
  if (Number.isNaN(x) || Number.isNaN(t)) return { value: NaN, dInput: NaN, dTarget: NaN };
  if (x === t) return { value: 0, dInput: 0, dTarget: 0 };
  const ofTarget = part(beta, 1 - beta, t, x);
  const ofInput = part(1 - beta, beta, x, t);
  return { value: ofTarget.loss + ofInput.loss, dInput: -ofInput.log, dTarget: -ofTarget.log };
};

/** p·v, and 0 where p is, unless the other logarithm is NaN */
const product = (p: number, other: number, v: number): number =>
  Number.isNaN(other) ? other : p === 0 ? 0 : p * v;

const size: PointSize = (x, t, { beta = 0.5 }) => {
  if (beta > 0 && beta < 1) return {};
  const p = Math.exp(beta === 0 ? t : x);
  const gap = Math.abs(x) + Math.abs(t);
  const [value, slope] = [times(p, gap), times(p, gap + 1)];
  return beta === 0 ? { value, dTarget: slope } : { value, dInput: slope };
};

export const jsd: Row = {
  loss: 'jsd',
  point,
  size,
  isRelative: () => true,
  input: between(-6, -0.1),
  target: between(-6, -0.1),
  variants: [
    ...plain,
    ...weighted,
    { title: 'batchmean', shape: [4, 6], options: { reduction: 'batchmean' } },
    { title: 'beta 0.1', options: { beta: 0.1 } },
    { title: 'beta 0', options: { beta: 0 } },
    { title: 'beta 1, batchmean', shape: [4, 6], options: { beta: 1, reduction: 'batchmean' } },
    { title: 'beta close to 1', options: { beta: 1 - 2 ** -20 } },
  ],
};
