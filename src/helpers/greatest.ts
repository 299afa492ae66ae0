// The classes of the greatest numbers: argmax and topK, by a walk over the elements where they are.
import { IN0, VALUE } from '../abi.ts';
import { type FloatArray, type Shape, zeros } from '../dtypes.ts';
import { expected, noRoom, show } from '../errors.ts';
import { axisOption } from '../families/classes.ts';
import { Layout } from '../families/layout.ts';
import { named } from '../given.ts';
import type { Checked, NoOptions, Some } from '../losses/signatures.ts';
import type { Arena } from '../memory/arena.ts';
import type { FloatInput, NDArray, ResultOf } from '../memory/inputs.ts';
import { commonDtype, Operand, recheck } from '../memory/operand.ts';
import { elements } from '../memory/shape.ts';
import type { Tensor } from '../memory/tensor.ts';
import { OptionSet, Options, type Owners } from '../options/read.ts';
import { operandOf } from '../plan/read.ts';
import { discard, newOutput } from '../plan/results.ts';
import type { Host } from '../plan/step.ts';
import type { OwnSpec } from './specs.ts';

export interface GreatestOptions {
  /** The class axis; default 1, or 0 for rank 1. */
  axis?: number | undefined;
}

/** Class indices that live where the input does. */
export type IndicesOf<I> = I extends Tensor ? Tensor<'i32'> : NDArray<Int32Array>;

export interface TopK<I> {
  /** The greatest numbers, the greatest first, in the input's dtype (f32 for f16 and bf16). */
  readonly values: ResultOf<I>;
  /** Their classes. */
  readonly indices: IndicesOf<I>;
}

export interface Greatest {
  /**
   * The class of the greatest number along the class axis, which the result lacks: of equal ones the first, and NaN is greater than
   * all else. i32, so that it is a target. PyTorch: torch.argmax.
   *
   * @example F.argmax({ data: Float32Array.of(1, 3, 2), shape: [1, 3] }).data // [1]
   */
  argmax<I extends FloatInput, const C extends Some<GreatestOptions> = NoOptions>(
    input: I,
    options?: Checked<C, GreatestOptions>,
  ): IndicesOf<I>;
  /**
   * The k greatest numbers along the class axis and their classes, the greatest first, of equal ones the smaller class; NaN is greater
   * than all else. Both have k classes. `k`: from 1 to the number of classes, else ERR_OPTION. PyTorch: torch.topk.
   *
   * @example F.topK({ data: Float32Array.of(1, 3, 2), shape: [1, 3] }, 2).indices // { data: [1, 2], shape: [1, 2] }
   */
  topK<I extends FloatInput, const C extends Some<GreatestOptions> = NoOptions>(
    input: I,
    k: number,
    options?: Checked<C, GreatestOptions>,
  ): TopK<I>;
}

const optionSet = new OptionSet({ axis: axisOption() });

/** Whether a number comes before another whose class is smaller. */
const isBefore = (x: number, other: number): boolean =>
  x > other || (Number.isNaN(x) && !Number.isNaN(other));

/** The first class of a row, from c on, that comes before another with this number; `classes` where there is none. */
function next(all: FloatArray, from: number, step: number, c: number, classes: number, than: number): number {
  // nothing comes before NaN, and NaN is not at most anything
  if (Number.isNaN(than)) return classes;
  const end = from + classes * step;
  let at = from + c * step;
  // eight at a time: most are at most the greatest one
  if (step === 1)
    while (
      at + 8 <= end &&
      all[at] <= than &&
      all[at + 1] <= than &&
      all[at + 2] <= than &&
      all[at + 3] <= than &&
      all[at + 4] <= than &&
      all[at + 5] <= than &&
      all[at + 6] <= than &&
      all[at + 7] <= than
    )
      at += 8;
  while (at < end && all[at] <= than) at += step;
  return (at - from) / step;
}

/** Makes F.argmax. */
export function createArgmax({ name }: OwnSpec, _options: Owners, { arena }: Host): unknown {
  const argmax = (input: unknown, raw?: unknown): unknown => {
    const { x, layout, numbers } = rowsOf(arena, input, raw);
    const indices = newIndices(arena, x, layout.rowsOf(x.shape));
    const { outer, classes, inner } = layout;
    const { data } = indices;
    // what was made may have grown the memory
    const all = numbers();
    for (let i = 0; i < outer; i++)
      for (let j = 0; j < inner; j++) {
        const from = i * classes * inner + j;
        let best = 0;
        for (let c = 0; c < classes; c = next(all, from, inner, c + 1, classes, all[from + best * inner]))
          best = c;
        data[i * inner + j] = best;
      }
    return indices;
  };
  return Object.freeze(named(name, argmax));
}

/** Makes F.topK. */
export function createTopK({ name }: OwnSpec, _options: Owners, { arena }: Host): unknown {
  const topK = (input: unknown, k: unknown, raw?: unknown): unknown => {
    const { x, layout, numbers } = rowsOf(arena, input, raw);
    const { outer, classes, inner, axis, length } = layout;
    if (!Number.isInteger(k) || (k as number) < 1 || (k as number) > length)
      expected('ERR_OPTION', 'k', `an integer from 1 to ${length}`, show(k));
    const count = k as number;
    const shape = x.shape.map((size, i) => (i === axis ? count : size));
    const values = new Operand(VALUE);
    newOutput(values, 'values', shape, commonDtype([x]), x, arena);
    try {
      const indices = newIndices(arena, x, shape);
      const found = new Int32Array(count);
      const all = numbers();
      const to = (values.source as NDArray<FloatArray>).data;
      const { data } = indices;
      for (let i = 0; i < outer; i++)
        for (let j = 0; j < inner; j++) {
          const from = i * classes * inner + j;
          select(all, from, classes, inner, found);
          for (let m = 0; m < count; m++) {
            const at = (i * count + m) * inner + j;
            data[at] = found[m];
            to[at] = all[from + found[m] * inner];
          }
        }
      return { values: values.source, indices };
    } catch (error) {
      discard(values);
      throw error;
    }
  };
  return Object.freeze(named(name, topK));
}

/** Looks at the input; afterwards none of the caller's code runs. */
function rowsOf(arena: Arena, input: unknown, raw: unknown) {
  arena.check();
  const options = new Options(optionSet);
  options.read(raw);
  const x = operandOf(input, 'input', arena, new Operand(IN0));
  const layout = new Layout();
  layout.set(x, options.values.axis as number);
  const dtype = commonDtype([x]);
  arena.check();
  recheck(x, arena);
  const numbers = (): FloatArray => {
    x.settle(dtype, arena);
    return arena.halves?.wide(x.dtype, x.elements) ?? (x.elements as FloatArray);
  };
  return { x, layout, numbers };
}

function newIndices(arena: Arena, { tensor }: Operand, shape: Shape): { readonly data: Int32Array } {
  const length = elements(shape);
  if (tensor !== undefined) return arena.createUnset('i32', shape, length);
  try {
    return { data: zeros('i32', length), shape: [...shape] } as { readonly data: Int32Array };
  } catch (cause) {
    return noRoom(`a result of ${length} elements`, cause);
  }
}

/** Which classes of a row come first: as many as there is room for, in `found`, a heap whose first is the last of them. */
function select(all: FloatArray, from: number, classes: number, step: number, found: Int32Array): void {
  const k = found.length;
  const at = (c: number): number => all[from + c * step];
  /** Of two classes, whether the first one comes later. */
  const isLater = (a: number, b: number): boolean => {
    const [x, y] = [at(a), at(b)];
    return isBefore(y, x) || (!isBefore(x, y) && a > b);
  };
  const sink = (c: number, size: number): void => {
    let i = 0;
    for (let child = 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && isLater(found[child + 1], found[child])) child++;
      if (!isLater(found[child], c)) break;
      found[i] = found[child];
      i = child;
    }
    found[i] = c;
  };
  for (let c = 0; c < k; c++) {
    let i = c;
    for (let up = (i - 1) >> 1; i > 0 && isLater(c, found[up]); up = (i - 1) >> 1) {
      found[i] = found[up];
      i = up;
    }
    found[i] = c;
  }
  let last = at(found[0]);
  for (let c = next(all, from, step, k, classes, last); c < classes; ) {
    sink(c, k);
    last = at(found[0]);
    c = next(all, from, step, c + 1, classes, last);
  }
  for (let size = k - 1; size > 0; size--) {
    const c = found[size];
    found[size] = found[0];
    sink(c, size);
  }
}
