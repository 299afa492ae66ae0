// Half the Tweedie deviance of a target t, as in assembly/kernels/halfTweedie.ts; the mean is x where p2 is not 0, else e^x; p0 is 1 − p,
// p1 2 − p, p4 whether p is 0; without p3 what depends on t alone is left out.

import { deviance, deviancePerTarget, endOf, settled } from './deviance.ts';

export const mean = (x: number, p2: number) => (p2 !== 0 ? x : Math.exp(x));

/** Powers of the mean. */
export const whole = (x: number, p1: number, p2: number) => (p2 !== 0 ? x ** p1 : Math.exp(p1 * x));

export const power = (x: number, p0: number, p2: number) => (p2 !== 0 ? x ** p0 : Math.exp(p0 * x));

export const times = (t: number, power: number) => (t === 0 ? 0 : t * power);

export const line = (x: number, t: number) => (t === 0 ? 0 : t * x);

/** log(mean/t), of means with its digits where they are close to t */
export const lambda = (x: number, t: number, p2: number) =>
  p2 === 0 ? x - Math.log(t) : x < t ? -Math.log1p((t - x) / x) : Math.log1p((x - t) / t);

/** x, NaN where it is no mean of this p. */
export const own = (x: number, p2: number, p4: number) =>
  p2 !== 0 && x <= 0 && p4 === 0 ? Math.sqrt(-1) : x;

export const value = (
  x: number,
  t: number,
  own: number,
  mean: number,
  whole: number,
  power: number,
  times: number,
  line: number,
  lambda: number,
  p0: number,
  p1: number,
  p3: number,
  p4: number,
) =>
  settled(
    p4 !== 0
      ? 0.5 * (mean - t) * (mean - t)
      : p3 !== 0
        ? deviance(t, lambda, whole, power, p0, p1)
        : (p1 === 0 ? x : whole / p1) - (p0 === 0 ? line : times / p0),
    Infinity,
    own,
    t,
    p1,
    p4,
  );

export const grad = (
  x: number,
  t: number,
  own: number,
  whole: number,
  power: number,
  times: number,
  p1: number,
  p2: number,
  p4: number,
) =>
  p2 === 0
    ? settled(whole - times, endOf(x), x, t, p1, p4)
    : settled(p4 !== 0 ? x - t : (x - t) * (power / x), 0, own, t, p1, p4);

export const gradTarget = (
  x: number,
  t: number,
  own: number,
  mean: number,
  power: number,
  lambda: number,
  p0: number,
  p1: number,
  p3: number,
  p4: number,
) =>
  settled(
    p4 !== 0 ? t - mean : p3 !== 0 ? deviancePerTarget(t, lambda, power, p0) : p0 === 0 ? -x : -power / p0,
    -endOf(x),
    own,
    t,
    p1,
    p4,
  );

export const hess = (
  x: number,
  t: number,
  own: number,
  whole: number,
  power: number,
  times: number,
  p0: number,
  p1: number,
  p2: number,
  p4: number,
) =>
  p2 === 0
    ? settled(p1 * whole - p0 * times, Infinity, x, t, p1, p4)
    : settled(p4 !== 0 ? 1 : ((power / x) * (p0 * x + (1 - p0) * t)) / x, 0, own, t, p1, p4);
