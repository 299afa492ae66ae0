// Kullback-Leibler divergence of log-probabilities, of the target from the input: p (x − t), p = e^x, 0 where p = 0.
// Gradient p (x − t + 1), with respect to the target −p. As in klDivLog, a subnormal p comes as two factors.

import { timesExp } from './twoFactors.ts';

export const p = (x: number) => Math.exp(x);

export const value = (x: number, t: number) => timesExp(x, t, x - t);

export const grad = (x: number, t: number) => timesExp(x, t, x - t + 1);

export const gradTarget = (p: number) => -p;

export const hess = (x: number, t: number) => timesExp(x, t, x - t + 2);
