import { rowsOf, sizeOf } from '../../reference/tensor.ts';
import { mapTensor } from '../arrays.ts';
import type { Tensor } from '../case.ts';
import type { Convert, GradientPlan, Plan } from '../plan.ts';

/** Follows a gradient for f(x) back to one for x, element by element. */
export const chain =
  (slope: number[]): Convert =>
  (from) =>
    from.map((g, i) => g * slope[i]);

/** Prepends a step to how a plan's gradient is obtained. */
export function through(plan: Plan, gradient: string, step: Convert, bound = step): Plan {
  const { from, convert, bound: outer = convert } = plan.grads[gradient];
  const grads: Record<string, GradientPlan> = {
    ...plan.grads,
    [gradient]: { from, convert: (g) => step(convert(g)), bound: (g) => bound(outer(g)) },
  };
  return { ...plan, grads };
}

/**
 * p = x/Σx along an axis, as Keras and tfjs do before they take logarithms, with the gradient's way back:
 * ∂L/∂x_j = (g_j − Σ_k g_k·p_k)/Σx.
 */
export function normalised(x: Tensor, axis: number): { p: Tensor; back: Convert; bound: Convert } {
  const rows = rowsOf(x.shape, axis);
  const p = mapTensor(x, (v) => v);
  const totals = new Array<number>(x.data.length);
  /** Calls `visit` with the flat indices of each row. */
  const eachRow = (visit: (row: number[]) => void): void => {
    for (let r = 0; r < sizeOf(rows.shape); r++)
      visit(Array.from({ length: rows.classes }, (_, j) => rows.at(r, j)));
  };
  eachRow((row) => {
    const total = row.reduce((sum, i) => sum + x.data[i], 0);
    for (const i of row) {
      p.data[i] = x.data[i] / total;
      totals[i] = total;
    }
  });
  const withMean =
    (sign: number): Convert =>
    (g) => {
      const out = [...g];
      eachRow((row) => {
        const mean = row.reduce((sum, i) => sum + g[i] * p.data[i], 0);
        for (const i of row) out[i] = (g[i] + sign * mean) / totals[i];
      });
      return out;
    };
  return { p, back: withMean(-1), bound: withMean(1) };
}
