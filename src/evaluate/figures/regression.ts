// Figures of losses that compare numbers: of d = input − target, in f64.
import { minus, quotient, times } from '../rational.ts';
import { type Batch, type Figure, forEach, mean } from './figure.ts';

const difference = ({ input, target }: Batch, i: number): number => input[i] - target[i];

const mae = (): Figure => mean('mae', [], (batch, i) => Math.abs(difference(batch, i)));

const rmse = (): Figure => mean('rmse', [], (batch, i) => difference(batch, i) ** 2, Math.sqrt);

/** 1 − Σ d² / Σ (t − mean t)²; NaN or −∞ where the targets are all one number. */
const r2 = (): Figure => ({
  name: 'r2',
  sums: 3,
  counts: 0,
  add(table, batch, sum) {
    const { target } = batch;
    forEach(table, batch, (i, weight, sums) => {
      const at = sums + sum;
      table.sums.add(at, weight * difference(batch, i) ** 2);
      table.sums.add(at + 1, weight * target[i]);
      table.sums.addProduct(at + 2, weight * target[i], target[i]);
    });
  },
  value(table, group, sum) {
    if (!table.areFinite(sum, 3)) return Number.NaN;
    const [squares, targets, targetSquares] = [0, 1, 2].map((i) => table.sums.exact(sum + i));
    const weight = table.sums.exact(table.weightOf(group));
    // both times Σ w
    const spread = minus(times(targetSquares, weight), times(targets, targets));
    return quotient(minus(spread, times(squares, weight)), spread);
  },
});

export const regressionFigures = { mae, rmse, r2 };
