import type { Shape } from '../dtypes.ts';
import { expected, showShape } from '../errors.ts';
import type { Operand } from '../memory/operand.ts';

/** A tensor seen as [outer, classes, inner] around its class axis; one without rows as [0, 1, 0]. */
export class Layout {
  axis = 0;
  outer = 1;
  classes = 1;
  inner = 1;
  /** How many classes there are, rows or not. */
  length = 1;
  /** The last that `rowsOf` made: calls of one shape share it. */
  #rows: Shape = [];

  /** `axis` NaN means the default: 1, or 0 for rank 1. `mayLack`: whether rows may be of length 0. */
  set(input: Operand, axis: number, mayLack = false): void {
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
    if (classes === 0 && outer * inner > 0 && !mayLack) {
      expected('ERR_SHAPE', input.name, 'at least one class', `shape ${showShape(shape)}`);
    }
    this.axis = at;
    this.length = classes;
    // the other sizes of what has no rows may be anything: there is no work and no room that depends on them
    const isEmpty = outer === 0 || inner === 0;
    this.outer = isEmpty ? 0 : outer;
    this.classes = isEmpty ? 1 : classes;
    this.inner = isEmpty ? 0 : inner;
  }

  /** Whether `rows` is `shape` without the class axis: the shape of index targets and of the 'none' result. */
  isRowsOf(rows: Shape, shape: Shape): boolean {
    if (rows.length !== shape.length - 1) return false;
    for (let i = 0; i < rows.length; i++) if (rows[i] !== shape[i < this.axis ? i : i + 1]) return false;
    return true;
  }

  /** `shape` without the class axis. */
  rowsOf(shape: Shape): Shape {
    if (!this.isRowsOf(this.#rows, shape)) {
      this.#rows = [...shape.slice(0, this.axis), ...shape.slice(this.axis + 1)];
    }
    return this.#rows;
  }
}
