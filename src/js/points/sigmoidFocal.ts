// Focal loss of a logit x: α_t u^γ c, u = yes (1 − p) + no p, c = yes softplus(−x) + no softplus(x), p = sigmoid(x).
// With e = e^−|x| u is n/(1 + e), where n is e for a label of 0 or 1 that x agrees with: nothing is subtracted, and log n is −|x|.
// γ is p0, α_t p4 + p1 yes + p3 no; p2 is 0 where γ is 0, 1, 2, 3 or 4.

import { timesPower } from './power.ts';

export { no, yes } from './smoothing.ts';

/** e^−|x| */
export const e = (x: number) => Math.exp(-Math.abs(x));

export const n = (x: number, no: number, yes: number, e: number) => (x >= 0 ? no + yes * e : yes + no * e);

/** A term whose coefficient is 0 contributes 0, even at an infinite logit. */
export const c = (x: number, no: number, yes: number, e: number) =>
  ((x >= 0 ? no : yes) === 0 ? 0 : (x >= 0 ? no : yes) * Math.abs(x)) + (yes + no) * Math.log1p(e);

/** c′ */
export const fall = (x: number, no: number, yes: number, e: number) =>
  (x >= 0 ? no - yes * e : no * e - yes) / (1 + e);

/** u′/u; where n is 0, so is e, and e/n is 1 by its limit. */
export const ratio = (no: number, yes: number, n: number, e: number) =>
  (no - yes) * ((n === 0 ? 1 : e / n) / (1 + e));

/** c u′/u */
export const turn = (c: number, ratio: number) => (ratio === 0 ? 0 : c * ratio);

/** u^γ is this */
export const base = (x: number, n: number, e: number, p0: number, p2: number) =>
  p2 === 0 ? n / (1 + e) : Math.exp(0.5 * (p0 * (n === e ? -Math.abs(x) : Math.log(n)) - p0 * Math.log1p(e)));

/** to that */
export const count = (p0: number, p2: number) => (p2 === 0 ? p0 : 2);

export const balance = (no: number, yes: number, p1: number, p3: number, p4: number) =>
  p4 + (p1 * yes + p3 * no);

/** Where it is infinite, so is its product with u^γ, as that is 0 where c is. */
export const value = (c: number, base: number, count: number, balance: number) =>
  balance === 0 && !Number.isNaN(c)
    ? 0
    : c === Number.POSITIVE_INFINITY
      ? c
      : timesPower(balance * c, base, count);

export const grad = (base: number, count: number, balance: number, turn: number, fall: number, p0: number) =>
  timesPower(balance * (p0 * turn + fall), base, count);

/** (1 − 2p) (1 + e) */
export const odds = (x: number) => (x >= 0 ? Math.expm1(-x) : -Math.expm1(x));

/** (p1 − p3) c + α_t (γ (c/u) (1 − 2p) − x). c/n is |x| where e is 0, but 1 where n is. */
export const inner = (
  x: number,
  n: number,
  e: number,
  c: number,
  balance: number,
  odds: number,
  p0: number,
  p1: number,
  p3: number,
) =>
  (p1 === p3 ? 0 : (p1 - p3) * c) +
  (balance === 0
    ? 0
    : balance * ((p0 === 0 ? 0 : p0 * ((n === 0 ? 1 : e === 0 ? Math.abs(x) : c / n) * odds)) - x));

/** (1 − ε) u^γ times that, 0 where u^γ is, and infinite where that is. */
export const gradTarget = (c: number, n: number, base: number, count: number, inner: number, p5: number) =>
  (Number.isNaN(c)
    ? c
    : count > 0 && n + base === 0
      ? 0
      : Math.abs(inner) === Number.POSITIVE_INFINITY
        ? inner
        : timesPower(inner, base, count)) * p5;

/** α_t u^γ (γ (u′/u) (c ((γ − 1) u′/u + 1 − 2p) + 2c′) + p (1 − p)) */
export const hess = (
  e: number,
  base: number,
  count: number,
  balance: number,
  ratio: number,
  turn: number,
  fall: number,
  odds: number,
  p0: number,
) =>
  timesPower(
    balance * (p0 * (turn * ((p0 - 1) * ratio + odds / (1 + e)) + 2 * ratio * fall) + e / (1 + e) / (1 + e)),
    base,
    count,
  );
