// Losses whose terms are rows of features, of two or three tensors of one shape: vectors that are compared.
import type { KernelCall } from '../call.ts';
import { expected, showShape } from '../errors.ts';
import { commonDtype, expectShape, type Operand } from '../memory/operand.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { integer } from '../options/specs.ts';
import type { Family, Input } from './family.ts';
import type { Layout } from './layout.ts';

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

/** So many rows may have no features. */
export const MOST_EMPTY = 2 ** 16;

/** Rows that take no memory may be any number, and each would have its term. */
export function checkEmpty({ classes, outer, inner }: Layout, { name, shape }: Operand, what: string): void {
  if (classes === 0 && outer * inner > MOST_EMPTY)
    expected('ERR_SHAPE', name, `at least one ${what}`, `shape ${showShape(shape)}`);
}

/** From so many features on, one row after another is faster than two rows at a time. */
const LONG = 32;

export const features: Family = {
  name: 'features',
  inPlace: { value: false, grad: true, hess: false },

  fit({ call, layout, inputs: operands, reads, options }, inputs) {
    const [{ shape }] = operands;
    layout.set(operands[0], options.values.axis!, true);
    checkEmpty(layout, operands[0], 'feature');
    const rows = layout.rowsOf(shape);
    for (let i = 1; i < operands.length; i++)
      if (inputs[i].shape === 'terms') expectShape(operands[i], rows);
      else expectShape(operands[i], shape, ` as "${operands[0].name}" has`);
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
