import type { Shape } from '../dtypes.ts';
import { expected, isList, show, showShape } from '../errors.ts';

export const NO_SHAPE: Shape = [];

export const elements = (shape: Shape): number => {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
};

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A shape that does not fit: where it has as many elements as one that does, it may have been forgotten. */
export const gotShape = (got: Shape, wanted: Shape): string =>
  showShape(got) + (elements(got) === elements(wanted) ? ': give shapes as { data, shape }' : '');

/** The length of a list: of a proxy it is the caller's word. */
export function lengthOf({ length }: { length: unknown }, name: string, member = ''): number {
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0)
    expected('ERR_TYPE', name + member, 'an array', `one of length ${show(length)}`);
  return length;
}

export const MOST_AXES = 64;

/** A copy of a shape that was given; `last` where that has the same sizes. `name` and `member` are for messages. */
export function checkShape(shape: unknown, name: string, member = '', last = NO_SHAPE): Shape {
  if (!isList(shape)) expected('ERR_TYPE', name + member, 'a shape (an array of sizes)', show(shape));
  let copy: number[] | undefined;
  let n = 1;
  const rank = lengthOf(shape, name, member);
  if (rank > MOST_AXES) expected('ERR_SHAPE', name + member, `at most ${MOST_AXES} axes`, `${rank}`);
  for (let i = 0; i < rank; i++) {
    const size: unknown = shape[i];
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      expected('ERR_SHAPE', name + member, 'sizes that are non-negative integers', show(size));
    }
    n *= size;
    if (copy === undefined && size !== last[i]) copy = last.slice(0, i);
    copy?.push(size);
  }
  const sizes = copy ?? (last.length === rank ? last : last.slice(0, rank));
  if (!(n <= 2 ** 32)) expected('ERR_SHAPE', name + member, 'at most 2^32 elements', showShape(sizes));
  return sizes;
}

/** The shape of one dimension; `last` where that is it. */
export const lineOf = (length: number, last: Shape): Shape =>
  last.length === 1 && last[0] === length ? last : [length];

/**
 * How `from` broadcasts to `to` as in NumPy: null where it is the same, else the record that broadcast.ts reads: rank,
 * then [length, step] per dimension from the innermost, neighbouring dimensions joined. `name` is for messages.
 */
export function broadcastRecord(name: string, from: Shape, to: Shape): Uint32Array | null {
  if (sameShape(from, to)) return null;
  const dims: { length: number; step: number }[] = [];
  let step = 1;
  let fits = from.length <= to.length;
  for (let i = 1; fits && i <= to.length; i++) {
    const length = to[to.length - i];
    const size = i <= from.length ? from[from.length - i] : 1;
    if (size !== 1 && size !== length) fits = false;
    const own = size === 1 ? 0 : step;
    step *= size;
    if (length === 1) continue;
    const last = dims.at(-1);
    if (last !== undefined && (last.step === 0 ? own === 0 : own === last.step * last.length))
      last.length *= length;
    else dims.push({ length, step: own });
  }
  if (!fits) expected('ERR_SHAPE', name, `a shape that broadcasts to ${showShape(to)}`, gotShape(from, to));
  // an innermost step is 0 or 1: a broadcast weight is dense
  const record = new Uint32Array(1 + 2 * dims.length);
  record[0] = dims.length;
  dims.forEach((d, i) => {
    record[1 + 2 * i] = d.length;
    record[2 + 2 * i] = d.step;
  });
  return record;
}
