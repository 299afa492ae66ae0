// Focal loss of a logit x: α_t u^γ c, u = yes (1 − p) + no p, c = yes softplus(−x) + no softplus(x), p = sigmoid(x).
// With e = e^−|x| u is n/(1 + e), where n is e for a label of 0 or 1 that x agrees with: nothing is subtracted, and log n is −|x|.
// γ is p0, α_t p4 + p1 yes + p3 no; p2 is 0 where γ is 0, 1, 2, 3 or 4.

import { product, timesPower } from './power.ts';

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
  p0 === 0
    ? 1
    : p2 === 0
      ? n / (1 + e)
      : Math.exp(0.25 * (p0 * (n === e ? -Math.abs(x) : Math.log(n)) - p0 * Math.log1p(e)));

/** to that */
export const count = (p0: number, p2: number) => (p2 === 0 ? p0 : 4);

export const balance = (no: number, yes: number, p1: number, p3: number, p4: number) =>
  p4 + (p1 * yes + p3 * no);

/** The base, but 1 where x is infinite and u not 0: what is infinite stays that, however small u^γ. */
export const finite = (x: number, n: number, base: number) =>
  n !== 0 && Math.abs(x) === Number.POSITIVE_INFINITY ? 1 : base;

export const value = (c: number, count: number, balance: number, finite: number) =>
  balance === 0 && !Number.isNaN(c) ? 0 : timesPower(balance * c, finite, count);

export const grad = (base: number, count: number, balance: number, turn: number, fall: number, p0: number) =>
  timesPower(balance * (p0 * turn + fall), base, count);

/** (1 − 2p) (1 + e) */
export const odds = (x: number) => (x >= 0 ? Math.expm1(-x) : -Math.expm1(x));

/** (1 − 2p) c/u: c/n is |x| where e is 0, but 1 where n is. */
export const perShare = (x: number, n: number, e: number, c: number, odds: number) =>
  (n === 0 ? 1 : e === 0 ? Math.abs(x) : c / n) * odds;

/** 2α − 1, or 0: p1 − p3 would have lost the digits of an α near ½. */
export const tilt = (p1: number, p4: number) => p1 + p1 - (1 - p4);

/** (1 − ε) u^γ (tilt c + α_t (γ (c/u) (1 − 2p) − x)), 0 where u^γ is. γ is a factor last, as the rest may be as large as x. */
export const gradTarget = (
  x: number,
  n: number,
  c: number,
  base: number,
  count: number,
  balance: number,
  finite: number,
  perShare: number,
  tilt: number,
  p0: number,
  p5: number,
) =>
  (Number.isNaN(c)
    ? c
    : n + base === 0
      ? 0
      : (tilt === 0 ? 0 : tilt * timesPower(c, finite, count)) +
        (balance === 0
          ? 0
          : (p0 === 0 ? 0 : product(balance, p0, timesPower(perShare, finite, count))) -
            balance * timesPower(x, finite, count))) * p5;

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
