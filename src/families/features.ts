// Losses whose terms are rows of features, of two or three tensors of one shape: vectors that are compared.
import type { KernelCall } from '../call.ts';
import { commonDtype, expectShape } from '../memory/operand.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { integer } from '../options/specs.ts';
import type { Family, Input } from './family.ts';

export interface FeatureOptions {
  /** The axis of the features; default −1, the last. */
  axis?: number | undefined;
}

export const featureOptions = () => ({ axis: integer(-1, -32, 31) });

/** The inputs of a loss of rows of features, each with a gradient. */
export const featureInputs = (...names: string[]): Input[] =>
  names.map((name) => ({
    name,
    holds: 'numbers',
    shape: 'first',
    gradient: true,
    domain: () => ANY_NUMBER,
  }));

/** From so many features on, one row after another is faster than two rows at a time. */
const LONG = 32;

export const features: Family = {
  name: 'features',
  inPlace: { value: false, grad: true, hess: false },

  fit({ call, layout, inputs: operands, reads, options }, inputs) {
    const [{ shape }] = operands;
    layout.set(operands[0], options.values.axis!, true);
    const rows = layout.rowsOf(shape);
    for (let i = 1; i < operands.length; i++)
      expectShape(operands[i], inputs[i].shape === 'terms' ? rows : shape);
    call.dtype = commonDtype(reads);
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.flags = 0;
    return rows;
  },

  /** Depends on shape and options alone, never on the number of rows: so do the bits. */
  loop: (loops, { inner, classes }: KernelCall) =>
    inner === 1 && classes >= LONG ? loops.rows! : loops.lanes!,
};
