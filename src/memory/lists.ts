// Lists of numbers, and what is read like one: nested lists, masks of truth values and of integers of any type.
import type { FloatArray, Shape } from '../dtypes.ts';
import { expected, fail, isList, isReadable, show } from '../errors.ts';
import { lengthOf, lineOf, MOST_AXES } from './shape.ts';

/** What numbers are copied from. */
export type Numbers = ArrayLike<unknown>;

/** The shape of a list: of a nested one as its first rows say; `last` where it is that line. */
export function shapeOfList(list: readonly unknown[], name: string, last: Shape): Shape {
  const length = lengthOf(list, name);
  let row = length > 0 ? list[0] : undefined;
  if (!isList(row)) return lineOf(length, last);
  const shape = [length];
  while (isList(row)) {
    if (shape.length === MOST_AXES) expected('ERR_SHAPE', name, `at most ${MOST_AXES} axes`, 'more');
    const size = lengthOf(row, name);
    shape.push(size);
    row = size > 0 ? row[0] : undefined;
  }
  return shape;
}

/** Copies as many numbers as there is room for; anything else is ERR_TYPE, and rows of unequal lengths are ERR_SHAPE. */
export function fillNumbers(
  into: FloatArray,
  from: Numbers,
  name: string,
  shape: Shape,
  isMask = false,
): void {
  // a step reads it again and again
  if (!isReadable(from)) expected('ERR_TYPE', name, 'an array of numbers', show(from));
  if (shape.length > 1 && isList(from) && isList(from[0])) fillRows(into, from, name, shape, isMask, 0, 0);
  else fillLine(into, from, name, isMask, 0, into.length);
}

function fillRows(
  into: FloatArray,
  rows: unknown,
  name: string,
  shape: Shape,
  isMask: boolean,
  axis: number,
  at: number,
): number {
  if (!isList(rows)) expected('ERR_TYPE', name, `lists nested ${shape.length} deep`, show(rows));
  const size = shape[axis];
  const length = lengthOf(rows, name);
  if (length !== size) fail('ERR_SHAPE', `"${name}" has rows of unequal lengths: ${length} beside ${size}`);
  if (axis === shape.length - 1) {
    fillLine(into, rows, name, isMask, at, size);
    return at + size;
  }
  let next = at;
  for (let i = 0; i < size; i++) next = fillRows(into, rows[i], name, shape, isMask, axis + 1, next);
  return next;
}

function fillLine(
  into: FloatArray,
  from: Numbers,
  name: string,
  isMask: boolean,
  at: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    let value = from[i];
    if (isMask && (typeof value === 'boolean' || typeof value === 'bigint')) value = Number(value);
    if (typeof value !== 'number') {
      const wanted = isMask ? 'numbers or truth values' : 'numbers';
      fail('ERR_TYPE', `"${name}" expected ${wanted}, got ${show(value)} at index ${at + i}`);
    }
    into[at + i] = value as number;
  }
}
