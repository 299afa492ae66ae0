import type { FloatArray, FloatDType } from '../../dtypes.ts';
import { groupOf, type Rows } from '../exact.ts';
import type { Cells, Table } from '../table.ts';

/** What is known when the figures of an evaluation are made. */
export interface Setup {
  /** Whether the input of a loss of two labels is the probability of the second. */
  readonly areProbabilities: boolean;
  /** Classes of a row, 0 where the loss has none. */
  readonly classes: number;
  readonly bins: number;
  readonly topK: readonly number[];
  /** e^x, as the module computes it. */
  readonly exp: (x: number) => number;
}

/** What F.rowFigures says of each row: what figures need of it. */
export interface RowFigures {
  readonly nll: FloatArray;
  readonly rank: FloatArray;
  readonly argmax: FloatArray;
  readonly confidence: FloatArray;
  readonly entropy: FloatArray;
  readonly brier: FloatArray;
}

/** A batch whose terms are computed: rows of classes, or elements. */
export interface Batch extends Rows {
  readonly dtype: FloatDType;
  /** What reduction 'none' returns. */
  readonly terms: ArrayLike<number>;
  /** What each term adds to the divisor of the mean; 1 each where it is not given. */
  readonly divisors: ArrayLike<number> | undefined;
  /** sampleWeight of each, which is 1 where it is not given. */
  readonly weights: Float64Array | undefined;
  /** Class indices. */
  readonly labels: Int32Array | undefined;
  readonly rows: RowFigures | undefined;
  /** Numbers that elementwise losses compare. */
  readonly input: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  /** The probability of label 1, where a loss says one. */
  readonly probability: ArrayLike<number> | undefined;
}

/** One figure: its cells in each group, how a batch is added to them, and what they come to. */
export interface Figure extends Cells {
  /** What it takes to know of a batch. */
  readonly needs?: readonly ('rows' | keyof RowFigures | 'probability' | 'labels' | 'unweighted')[];
  /** Adds a batch to the cells, of which `sum` and `count` are the first in group 0. */
  add(table: Table, batch: Batch, sum: number, count: number): void;
  /** Its value in a group. */
  value(table: Table, group: number, sum: number, count: number): unknown;
}

/** What is done for each row that counts: its weight, and which cells its group has. */
export function forEach(
  { sumsPerGroup, countsPerGroup }: Table,
  { length, counted, groups, weights }: Batch,
  visit: (i: number, weight: number, sums: number, counts: number) => void,
): void {
  for (let i = 0; i < length; i++) {
    if (counted !== undefined && counted[i] === 0) continue;
    const group = groupOf(groups, i);
    visit(i, weights === undefined ? 1 : weights[i], group * sumsPerGroup, group * countsPerGroup);
  }
}

/** The weighted mean of something that each row has. */
export const mean = (
  name: string,
  needs: NonNullable<Figure['needs']>,
  of: (batch: Batch, i: number) => number,
  end: (mean: number) => number = (x) => x,
): Figure => ({
  name,
  sums: 1,
  counts: 0,
  needs,
  add(table, batch, sum) {
    const values = new Float64Array(batch.length);
    const { weights, counted } = batch;
    for (let i = 0; i < values.length; i++)
      if (counted === undefined || counted[i] !== 0)
        values[i] = of(batch, i) * (weights === undefined ? 1 : weights[i]);
    table.sums.addEach(values, batch, sum, table.sumsPerGroup);
  },
  value: (table, group, sum) => end(table.quotient(sum, table.weightOf(group))),
});

/** Bins are closed above, as (0, 1/15] is; what is NaN is in the first, whose sum it makes NaN. */
const binOf = (p: number, bins: number): number =>
  Math.min(Math.max(Math.ceil(p * bins) - 1 || 0, 0), bins - 1);

/** Expected calibration error: by bins of equal width, |what came true − what was expected to|. */
export const calibration = (
  { bins }: Setup,
  needs: NonNullable<Figure['needs']>,
  probability: (batch: Batch, i: number) => number,
  isTrue: (batch: Batch, i: number) => number,
): Figure => ({
  name: 'ece',
  sums: bins,
  counts: 0,
  needs,
  add(table, batch, sum) {
    forEach(table, batch, (i, weight, sums) => {
      const p = probability(batch, i);
      const bin = sums + sum + binOf(p, bins);
      if (isTrue(batch, i) === 1) table.sums.add(bin, weight);
      table.sums.add(bin, -p * weight);
    });
  },
  value: (table, group, sum) => table.quotientOfSizes(sum, bins, table.weightOf(group)),
});
