// How far a regression model is off, row by row.
import type { Dataset, Split } from '../data.ts';
import { forward, type Linear } from '../model.ts';

/** Prediction − target of each row, in the target's own unit. */
export function residualsOf(model: Linear, { x, y, rows }: Split, { unit }: Dataset): number[] {
  const outputs = new Float32Array(rows);
  forward(model, x, outputs);
  return Array.from(outputs, (output, row) => (output - y[row]) * unit);
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bins of one width, symmetric about 0, for values up to `limit`, a multiple of the width. */
export function binsOf(values: readonly number[], width: number, limit: number): Bin[] {
  const bins = Array.from({ length: (2 * limit) / width }, (_, i) => ({
    from: i * width - limit,
    to: (i + 1) * width - limit,
    count: 0,
  }));
  for (const value of values) bins[Math.floor((value + limit) / width)].count++;
  return bins;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
