// Poisson negative log likelihood of a count t, x the logarithm of the rate: e^x − t x, gradient e^x − t. With p2 Stirling's
// approximation of log t! more. t = 0 makes the product 0 whatever x, and an infinite e^x is all that counts.

import { stirling, stirlingSlope } from './stirling.ts';

/** As an infinite f32 is: what f64 has beyond it is infinite in the end. */
export const rate = (x: number) => Math.exp(x);

export const value = (x: number, t: number, rate: number, p2: number) =>
  Number.isNaN(t) ? t : (t === 0 || rate === Infinity ? rate : rate - t * x) + (p2 !== 0 ? stirling(t) : 0);

export const grad = (t: number, rate: number) => rate - t;

export const gradTarget = (x: number, t: number, p2: number) =>
  Number.isNaN(t) ? t : -x + (p2 !== 0 ? stirlingSlope(t) : 0);

export const hess = (t: number, rate: number) => (Number.isNaN(t) ? t : rate);

/** hessian 'halley' */
export const secant = (t: number, rate: number) => 0.5 * rate + 0.5 * t;
