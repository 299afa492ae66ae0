// Losses whose terms are the elements of the input, each for itself.
import { FLAGS, GRAD0, GRAD1, HESS, VALUE, WEIGHT } from '../abi.ts';
import type { MaskInput } from '../memory/inputs.ts';
import { commonDtype, expectShape } from '../memory/operand.ts';
import { broadcastRecord } from '../memory/shape.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { operand } from '../options/specs.ts';
import { type Domain, domainOf, type Family, type Input } from './family.ts';

/** Options of the elementwise losses with weights. */
export interface ElementOptions {
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: MaskInput | number | undefined;
}

export const elementOptions = () => ({
  weight: operand('a number or an array that broadcasts to the input', {
    slot: WEIGHT,
    shape: 'broadcast',
    number: 'broadcast',
    interval: ANY_NUMBER,
    isMask: true,
  }),
});

/** The inputs of a loss of two tensors of one shape, with a gradient to each. */
export const inputAndTarget = <O>(input: Domain<O>, target: Domain<O>): readonly Input<O>[] => [
  { name: 'input', holds: 'numbers', shape: 'first', gradient: true, domain: domainOf(input) },
  { name: 'target', holds: 'numbers', shape: 'first', gradient: true, domain: domainOf(target) },
];

export const elementwise: Family = {
  name: 'elementwise',
  // the operands of a vector are in registers before its results are written
  inPlace: { value: true, grad: true, hess: true },

  fit(fitting, inputs) {
    const { call, inputs: operands, reads } = fitting;
    const first = operands[0];
    for (let i = 1; i < operands.length; i++) {
      const o = operands[i];
      if (inputs[i].shape === 'broadcast') {
        const lacksLast = o.shape.length > 0 && o.shape.length === first.shape.length - 1;
        o.broadcast = broadcastRecord(o.name, lacksLast ? [...o.shape, 1] : o.shape, first.shape);
      } else expectShape(o, first.shape, ` as "${first.name}" has`);
    }
    call.dtype = commonDtype(reads);
    call.inner = first.length;
    call.flags = 0;
    return first.shape;
  },

  loop(loops, { flags, given }, isPlain) {
    if (isPlain && (given & ((1 << VALUE) | (1 << HESS))) === 0) {
      if (loops.softplus !== undefined) return loops.softplus;
      if (loops.product !== undefined) return loops.product;
      const hasGrad = (given & (1 << GRAD0)) !== 0;
      const sums = loops.terms ?? (hasGrad ? loops.sumgrad : loops.sum);
      const special = (flags & FLAGS.VALUE) === 0 ? loops.grad : sums;
      // they write the gradient with respect to the first input alone
      if (special !== undefined && given >>> GRAD1 === 0) return special;
    }
    return loops.any!;
  },
};
