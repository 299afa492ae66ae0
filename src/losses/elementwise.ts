import type { FloatInput } from '../types.ts';
import { operand } from './options.ts';

/** Options of the elementwise losses with weights. */
export interface ElementOptions {
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: FloatInput | number;
}

export const elementOptions = { weight: operand('a number or an array that broadcasts to the input') };
