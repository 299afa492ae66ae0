// Losses whose terms are rows of classes, with class indices or probabilities as targets.
import { FLAGS, GRAD1, HESS, LANEWISE_CLASSES, WEIGHT } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { isFloat } from '../dtypes.ts';
import { expected, showShape } from '../errors.ts';
import type { MaskInput } from '../memory/inputs.ts';
import { commonDtype, type Operand } from '../memory/operand.ts';
import { elements, gotShape, sameShape } from '../memory/shape.ts';
import { ANY_NUMBER, UNIT } from '../options/interval.ts';
import { integer, operand } from '../options/specs.ts';
import { type Domain, domainOf, type Family, type Input } from './family.ts';
import type { Layout } from './layout.ts';

export interface ClassOptions {
  /** Weight of each class, [classes]; the mean of index targets divides by the sum of the targets' weights. */
  weight?: MaskInput | undefined;
  /** Rows with this label are not read and not counted; may be a class or outside the classes. Default −100. */
  ignoreIndex?: number | undefined;
  /** The class axis; default 1, or 0 for one row. −1 is channels-last. */
  axis?: number | undefined;
}

export const axisOption = () => integer(Number.NaN, -32, 31);

export const ignoreIndexOption = () => integer(-100, -(2 ** 31), 2 ** 31 - 1);

export const classWeight = () =>
  operand('an array [classes]', { slot: WEIGHT, shape: 'classes', interval: ANY_NUMBER, isMask: true });

export interface MaskOption {
  /**
   * Which classes of each row count, in the input's shape. One that is 0 is a logit of −∞ that is not read: a target there costs +∞,
   * and its gradient is 0. A row that has no other costs 0.
   */
  mask?: MaskInput | undefined;
}

export const maskOption = () => ({
  mask: operand('an array of the input’s shape', {
    slot: 'own',
    shape: 'first',
    interval: ANY_NUMBER,
    isMask: true,
  }),
});

export const classOptions = () => ({
  weight: classWeight(),
  ignoreIndex: ignoreIndexOption(),
  axis: axisOption(),
});

/** The inputs of a loss of rows of classes; targets that may be either are indices or probabilities. */
export const rowsAndTarget = <O>(holds: 'indices' | 'either', input: Domain<O>): readonly Input<O>[] => [
  { name: 'input', holds: 'numbers', shape: 'first', gradient: true, domain: domainOf(input) },
  { name: 'target', holds, shape: 'terms', gradient: holds === 'either', domain: () => UNIT },
];

/** Whether one row after another is faster than a lane a row. */
export const areRowsLong = ({ inner, classes }: KernelCall): boolean =>
  inner === 1 && classes > LANEWISE_CLASSES;

/** Whether the loop for two or three logits has all that the call asks for. */
const areFew = ({ inner, classes, given }: KernelCall): boolean =>
  inner === 1 &&
  (classes === 2 || classes === 3) &&
  (given & ((1 << WEIGHT) | (1 << GRAD1) | (1 << HESS))) === 0;

export const classes: Family = {
  name: 'classes',
  inPlace: { value: false, grad: true, hess: false },

  fit(fitting, inputs) {
    const { call, layout, reads } = fitting;
    const [input, target] = fitting.inputs;
    const { axis, ignoreIndex } = fitting.options.values;
    layout.set(input, axis!);
    target.isIndex = isIndexTarget(input, target, layout, inputs[1].holds === 'either');
    call.dtype = commonDtype(reads);
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.ignoreIndex = ignoreIndex ?? -1;
    call.flags = target.isIndex ? FLAGS.INDEX : FLAGS.SOFT;
    if (ignoreIndex === undefined) call.flags |= FLAGS.EVERY_ROW;
    return target.isIndex ? target.shape : layout.rowsOf(input.shape);
  },

  /** Depends on shape and options alone, never on the number of rows: so do the bits. */
  loop(loops, call) {
    if ((call.flags & (FLAGS.INDEX | FLAGS.SOFT)) === FLAGS.INDEX) {
      if (loops.pick !== undefined) return loops.pick;
      if (loops.few !== undefined && areFew(call)) return loops.few;
    }
    return (areRowsLong(call) && loops.rows) || loops.lanes || loops.rows!;
  },
};

/** Index or probability target is told by shape. */
export function isIndexTarget(x: Operand, t: Operand, layout: Layout, probabilities: boolean): boolean {
  if (layout.isRowsOf(t.shape, x.shape)) {
    if (t.dtype !== undefined && isFloat(t.dtype)) {
      expected('ERR_DTYPE', t.name, 'class indices of an integer type', t.dtype);
    }
    return true;
  }
  if (probabilities && sameShape(t.shape, x.shape)) {
    if (t.dtype !== undefined && !isFloat(t.dtype)) {
      expected('ERR_DTYPE', t.name, 'f32 or f64 (probabilities, because of its shape)', t.dtype);
    }
    return false;
  }
  const rows = layout.rowsOf(x.shape);
  const wanted = probabilities
    ? `(class indices) or the input's ${showShape(x.shape)} (probabilities)`
    : `for the input's ${showShape(x.shape)}`;
  // one row is what an input without a shape is read as
  const isForgotten = x.shape.length === 1 || t.length === elements(rows);
  return expected(
    'ERR_SHAPE',
    t.name,
    `shape ${showShape(rows)} ${wanted}`,
    gotShape(t.shape, isForgotten ? t.shape : x.shape),
  );
}
