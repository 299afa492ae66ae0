import { labelReader } from './labels.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { counted } from './scalar.ts';
import { reader, rowsOf } from './tensor.ts';

/**
 * (w_y/C) Σ max(0, margin + x_j − x_y)ᵖ over the classes j other than the row's label y. `isSize`: the sizes of what these are made
 * of, Σ (|margin| + |x_j − x_y|)ᵖ.
 */
export function multiMarginTerms(inputs: Inputs, options: Options, isSize = false): Terms {
  const { input } = inputs;
  const { margin = 1, p = 1 } = options;
  const rows = rowsOf(input.shape, options.axis);
  const label = labelReader(inputs, rows.classes, options);
  const weight = reader(options.weight, [rows.classes]);
  const rivals = (row: number) => {
    const y = label(row)!;
    const w = weight(y);
    const own = input.data[rows.at(row, y)];
    // alone, it has no rival, and is NaN where it is
    const lost = Number.isNaN(own) ? own : 0;
    const missing = Array.from({ length: rows.classes }, (_, j) => {
      if (j === y) return lost;
      const gap = input.data[rows.at(row, j)] - own;
      return isSize ? Math.abs(margin) + Math.abs(gap) : Math.max(0, margin + gap);
    });
    const slopes = missing.map((m) => (p === 2 ? 2 * m : isSize || m > 0 ? 1 : m));
    // what has no weight does not count
    return { y, w: w / rows.classes, missing, slopes: w === 0 ? slopes.map(() => 0) : slopes };
  };
  return {
    shape: rows.shape,
    targetHasGradient: false,
    ignored: () => false,
    mass: () => 1,
    value: (row) => {
      const { w, missing } = rivals(row);
      return counted(
        w,
        missing.reduce((sum, m) => sum + m ** p, 0),
      );
    },
    addGradient: (row, up, grads) => {
      const { y, w, slopes } = rivals(row);
      const sign = isSize ? 1 : -1;
      let pull = 0;
      slopes.forEach((s, j) => {
        if (j !== y || Number.isNaN(s)) pull += s;
        if (j !== y) grads.input[rows.at(row, j)] += up * w * s;
      });
      grads.input[rows.at(row, y)] += sign * up * w * pull;
    },
  };
}
