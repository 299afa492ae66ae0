import { expected, showShape } from '../errors.ts';
import type { Shape } from '../types.ts';
import type { Operand } from './operands.ts';

/** A tensor seen as [outer, classes, inner] around its class axis. */
export interface Layout {
  readonly outer: number;
  readonly classes: number;
  readonly inner: number;
  /** The shape without the class axis: that of index targets and of the 'none' result. */
  readonly rows: Shape;
}

/** `axis` NaN means the default: 1, or 0 for rank 1. */
export function layoutOf(input: Operand, axis: number): Layout {
  const { shape } = input;
  const rank = shape.length;
  if (rank === 0) expected('ERR_SHAPE', input.name, 'a class axis', 'shape []');
  let at = Number.isNaN(axis) ? Math.min(1, rank - 1) : axis;
  if (at < -rank || at >= rank)
    expected(
      'ERR_OPTION',
      'axis',
      `from ${-rank} to ${rank - 1} for shape ${showShape(shape)}`,
      String(axis),
    );
  if (at < 0) at += rank;
  let outer = 1;
  let inner = 1;
  for (let i = 0; i < at; i++) outer *= shape[i];
  for (let i = at + 1; i < rank; i++) inner *= shape[i];
  const classes = shape[at];
  if (classes === 0 && outer * inner > 0) {
    expected('ERR_SHAPE', input.name, 'at least one class', `shape ${showShape(shape)}`);
  }
  return { outer, classes, inner, rows: [...shape.slice(0, at), ...shape.slice(at + 1)] };
}
