// Cross entropy in the fixed point of reference/exact.ts, linear in the number of classes, with the size of the terms
// that each gradient is a difference of.
import { exp, LN2, log, toFixed, toNumber } from '../reference/exact.ts';

const FRACTION = 384n;

const known = new Map<bigint, bigint>();
/** eˣ for x ≤ 0. */
function expOf(x: bigint): bigint {
  let e = known.get(x);
  if (e === undefined) {
    e = exp(x);
    known.set(x, e);
  }
  return e;
}

/** A softmax row: the logits below the greatest, their exponentials, and the sum of those. */
export interface ExactRow {
  readonly distances: readonly bigint[];
  readonly e: readonly bigint[];
  readonly z: bigint;
  readonly logZ: bigint;
}

export function exactRow(x: readonly number[]): ExactRow {
  const fixed = x.map(toFixed);
  let m = fixed[0];
  for (const v of fixed) if (v > m) m = v;
  const e = fixed.map((v) => expOf(v - m));
  const z = e.reduce((a, b) => a + b, 0n);
  return { distances: fixed.map((v) => m - v), e, z, logZ: log(z) };
}

/** toNumber for numbers below 2⁶⁰⁰, which need no look at their length: five times as fast. */
const number = (x: bigint): number => Number(x) * 2 ** -Number(FRACTION);
/** Quotients below 1e−100 lose digits; nothing compared here is that small. */
const ratio = (a: bigint, b: bigint): number => number((a << FRACTION) / b);
const product = (a: bigint, b: bigint): bigint => (a * b) >> FRACTION;

export interface Exact {
  readonly value: number;
  readonly grad: readonly number[];
  /** p_j·Σ_{k≠j} c_k + c_j·(1 − p_j): the gradient is the difference of the two. For a label it is |gradient|. */
  readonly size: readonly number[];
}

/** Σ c_j·(−log p_j) and p_j·Σc − c_j, for coefficients c ≥ 0. */
export function exactCrossEntropyRow({ distances, e, z, logZ }: ExactRow, c: readonly number[]): Exact {
  const a = c.map(toFixed);
  const total = a.reduce((s, v) => s + v, 0n);
  const value = product(total, logZ) + a.reduce((s, v, j) => s + product(v, distances[j]), 0n);
  return {
    value: number(value),
    grad: e.map((v, j) => ratio(product(v, total) - product(z, a[j]), z)),
    size: e.map((v, j) => ratio(product(v, total - a[j]) + product(a[j], z - v), z)),
  };
}

/** log softmax and softmax. */
export const exactSoftmaxRow = ({
  distances,
  e,
  z,
  logZ,
}: ExactRow): { logProbability: number[]; p: number[] } => ({
  logProbability: distances.map((d) => -number(d + logZ)),
  p: e.map((v) => ratio(v, z)),
});

/** eˣ for x down to −700, where the fixed point itself has no digits left: the power of two is put in afterwards. */
export function deepExp(x: number): number {
  const k = Math.floor(x / Math.LN2);
  return toNumber(exp(toFixed(x) - BigInt(k) * LN2)) * 2 ** k;
}
