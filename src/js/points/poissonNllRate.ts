// Poisson negative log likelihood with x the rate itself, ε = p1: x − t log(x + ε), gradient (x − t + ε)/(x + ε). With p2
// Stirling's approximation of log t! more. NaN where x < −ε. t = 0 makes the product 0, and an infinite x is all that counts.

import { stirling, stirlingSlope } from './stirling.ts';

export const shifted = (x: number, p1: number) => (x + p1 >= 0 ? x + p1 : Math.sqrt(-1));

/** What the sum was rounded by: near 1 it counts. */
export const lost = (x: number, shifted: number, p1: number) =>
  x - (shifted - (shifted - x)) + (p1 - (shifted - x));

export const log = (shifted: number, lost: number) =>
  shifted > 0.5 && shifted < 2 ? Math.log1p(shifted - 1 + lost) : Math.log(shifted);

export const value = (x: number, t: number, shifted: number, log: number, p2: number) =>
  Number.isNaN(t + shifted)
    ? t + shifted
    : (t === 0 || x === Infinity ? x : x - t * log) + (p2 !== 0 ? stirling(t) : 0);

export const grad = (x: number, t: number, shifted: number, p1: number) =>
  x === Infinity && !Number.isNaN(t) ? 1 : (x - t + p1) / shifted;

export const gradTarget = (t: number, log: number, p2: number) =>
  Number.isNaN(t) ? t : -log + (p2 !== 0 ? stirlingSlope(t) : 0);

export const hess = (t: number, shifted: number) => t / shifted / shifted;
