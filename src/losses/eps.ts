import { number, oneOf } from '../options/specs.ts';

/** Options of losses that take logarithms of probabilities. */
export const epsOptions = () => ({
  eps: number(0, { low: 0, high: 0.5, isHighOpen: true }),
  epsMode: oneOf('clip', ['clip', 'add']),
});
