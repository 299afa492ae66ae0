// Losses of all pairs of rows, of two inputs or of one with itself: what a row costs depends on all the others.
import { FLAGS, GRAD0, GRAD1, GRAD2 } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { bytesOf, isFloat } from '../dtypes.ts';
import { expected, showShape } from '../errors.ts';
import { commonDtype, expectShape, type Operand } from '../memory/operand.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { chunkRowsOption, pairsBytes, rowsAtOnce } from './chunk.ts';
import type { Family, Input } from './family.ts';

export interface PairOptions {
  /** How many rows have their similarities in memory at once: 'auto' (default, 8 MB of them, at least 48 rows) or a number up to 1024. */
  chunkRows?: number | 'auto' | undefined;
}

export const pairOptions = () => ({ chunkRows: chunkRowsOption });

const domain = () => ANY_NUMBER;

/** Rows, and for each of them its own row in another input. */
export const rowsAndPairs: readonly Input[] = [
  { name: 'input', holds: 'numbers', shape: 'first', gradient: true, domain },
  { name: 'target', holds: 'numbers', shape: 'first', gradient: true, domain },
];

/** Rows, and labels that say which of them belong together. */
export const rowsAndLabels: readonly Input[] = [
  { name: 'input', holds: 'numbers', shape: 'first', gradient: true, domain },
  { name: 'target', holds: 'indices', shape: 'terms', gradient: false, domain },
];

export const pairs: Family = {
  name: 'pairs',
  // rows are copied before their gradients are written, each after it was read
  inPlace: { value: false, grad: 'first', hess: false },

  fit({ call, layout, inputs: [input, target], reads, options }, inputs) {
    const { shape } = input;
    if (shape.length !== 2) expected('ERR_SHAPE', input.name, 'shape [rows, features]', showShape(shape));
    const [rows, features] = shape;
    if (features === 0)
      expected('ERR_SHAPE', input.name, 'at least one feature', `shape ${showShape(shape)}`);
    const isOfOne = inputs[1].holds === 'indices';
    layout.set(input, -1, true);
    if (isOfOne) fitLabels(target, rows);
    else fitOthers(target, shape, options.values.symmetric === false);
    call.dtype = commonDtype(reads);
    call.outer = rows;
    call.classes = isOfOne ? rows : target.shape[0];
    call.inner = 1;
    call.features = features;
    call.ignoreIndex = 0;
    call.flags = isOfOne ? FLAGS.COMPARED : 0;
    if (isOfOne) call.check = checkLabels;
    call.chunk = rowsAtOnce(call, options.values.chunkRows!);
    return [rows];
  },

  loop(loops, call) {
    const hasShared = call.has(GRAD1) || (call.p3 !== 0 && (call.has(GRAD0) || call.has(GRAD2)));
    call.room = pairsBytes(
      bytesOf(call.dtype),
      call.outer,
      call.classes,
      call.features,
      call.chunk,
      hasShared,
    );
    return loops.allPairs!;
  },
};

/** Labels that are compared with each other have to be told apart as i32. */
function checkLabels(call: KernelCall): void {
  const { name, elements } = call.labels;
  if (
    !(
      elements instanceof Uint32Array ||
      elements instanceof BigInt64Array ||
      elements instanceof Float64Array
    )
  )
    return;
  for (let i = 0; i < elements.length; i++)
    if ((Number(elements[i]) | 0) !== Number(elements[i]))
      expected('ERR_LABEL', name, 'integers of 32 bits', `${elements[i]} at index ${i}`);
}

function fitLabels(target: Operand, rows: number): void {
  target.isIndex = true;
  expectShape(target, [rows]);
  if (target.dtype !== undefined && isFloat(target.dtype))
    expected('ERR_DTYPE', target.name, 'labels of an integer type', target.dtype);
}

/** `mayBeMore`: rows that belong to none of the input's may follow. */
function fitOthers(target: Operand, shape: readonly number[], mayBeMore: boolean): void {
  const [rows, features] = shape;
  const others = target.shape;
  if (!mayBeMore) expectShape(target, shape, ' as "input" has');
  else if (others.length !== 2 || others[1] !== features || others[0] < rows)
    expected('ERR_SHAPE', target.name, `at least ${rows} rows of ${features}`, `shape ${showShape(others)}`);
}
