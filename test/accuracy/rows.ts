// Rows of logits with a given gap between the greatest and the next, in every layout that has a loop of its own.
import type { FloatDType } from '../../src/index.ts';
import { arrayOf } from '../instances.ts';
import { integer, random } from '../random.ts';
import { type ExactRow, exactRow } from './oracle.ts';

/** A layout: `inner` > 1 strides the class axis. */
export interface Layout {
  readonly title: string;
  readonly classes: number;
  readonly inner: number;
}
export const layouts: readonly Layout[] = [
  { title: 'two classes', classes: 2, inner: 1 },
  { title: 'two classes, strided', classes: 2, inner: 3 },
  { title: 'lanewise', classes: 3, inner: 1 },
  { title: 'lanewise, 10', classes: 10, inner: 1 },
  { title: 'lanewise, 64', classes: 64, inner: 1 },
  { title: 'strided', classes: 5, inner: 3 },
  { title: 'strided, 70', classes: 70, inner: 2 },
  { title: 'rowwise, 65', classes: 65, inner: 1 },
  { title: 'rowwise, 131', classes: 131, inner: 1 },
];

export interface LogitRow {
  readonly x: readonly number[];
  /** Where the greatest and the next logit are. */
  readonly top: number;
  readonly next: number;
  /** Between them. */
  readonly gap: number;
  readonly exact: ExactRow;
}

/** All gaps up to 69 (and between whole numbers); a multiple of six rows, so that every inner axis divides them. */
const gaps = [
  0,
  0,
  1e-6,
  1e-3,
  0.1,
  0.3,
  ...Array.from({ length: 33 }, (_, i) => 0.7 + 2 * i),
  63,
  66.5,
  68.9,
];

/** One row for each gap around `offset`, of numbers of the dtype. The further classes lie up to 69 below the greatest. */
export function logitRows({ classes }: Layout, dtype: FloatDType, offset: number, seed: number): LogitRow[] {
  const r = random(seed);
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;
  // a third of them does where rows are long
  return (classes > 60 ? gaps.filter((_, i) => i % 7 < 2) : gaps).map((wanted) => {
    const top = integer(r, classes);
    const next = (top + 1 + integer(r, classes - 1)) % classes;
    const jitter = dtype === 'f64' && wanted > 0 ? r() * 1e-3 : 0;
    const x = Array.from({ length: classes }, (_, j) => {
      if (j === top) return round(offset);
      const further = j === next ? 0 : r() * r() * (69 - wanted);
      return round(offset - wanted - further - jitter);
    });
    return { x, top, next, gap: x[top] - x[next], exact: exactRow(x) };
  });
}

/** The rows as one tensor [N / inner, classes, inner], or [N, classes]. */
export function pack(rows: readonly (readonly number[])[], { classes, inner }: Layout, dtype: FloatDType) {
  const data = new arrayOf[dtype](rows.length * classes);
  rows.forEach((row, i) => {
    row.forEach((v, j) => {
      data[at(i, j, { classes, inner })] = v;
    });
  });
  return { data, shape: inner === 1 ? [rows.length, classes] : [rows.length / inner, classes, inner] };
}

/** Where class j of row i is in the packed tensor. */
export const at = (i: number, j: number, { classes, inner }: { classes: number; inner: number }): number =>
  (Math.floor(i / inner) * classes + j) * inner + (i % inner);

/** The shape of labels and of the 'none' result. */
export const rowShape = (count: number, { inner }: Layout): number[] =>
  inner === 1 ? [count] : [count / inner, inner];
