import type { Inputs, Options, Terms } from './options.ts';
import { sum } from './scalar.ts';
import { rowsOf } from './tensor.ts';

/**
 * Σ max(0, 1 − x_k + x_j)/C over a row's labels k, which its target lists up to the first −1, and the classes j that are none.
 * `isSize`: the sizes of what these are made of, Σ (1 + |x_j − x_k|).
 */
export function multilabelMarginTerms({ input, target }: Inputs, _: Options, isSize = false): Terms {
  const rows = rowsOf(input.shape, -1);
  const classes = Array.from({ length: rows.classes }, (_, j) => j);
  const pairs = (row: number) => {
    const listed = classes.map((j) => Number(target.data[rows.at(row, j)]));
    const end = listed.indexOf(-1);
    const labels = end < 0 ? listed : listed.slice(0, end);
    return labels.flatMap((k) => {
      const own = input.data[rows.at(row, k)];
      // alone, it has no rival, and is NaN where it is
      const lost = Number.isNaN(own) ? [{ k, j: k, m: own, slope: own }] : [];
      const rivals = classes.filter((j) => !labels.includes(j));
      return [
        ...lost,
        ...rivals.map((j) => {
          const gap = input.data[rows.at(row, j)] - own;
          const m = isSize ? 1 + Math.abs(gap) : Math.max(0, 1 + gap);
          return { k, j, m, slope: isSize || m > 0 ? 1 : m };
        }),
      ];
    });
  };
  return {
    shape: rows.shape,
    targetHasGradient: false,
    ignored: () => false,
    mass: () => 1,
    value: (row) => sum(pairs(row).map(({ m }) => m)) / rows.classes,
    addGradient: (row, up, grads) => {
      // counts, which are exact, and divided once
      const slopes = new Float64Array(rows.classes);
      for (const { k, j, slope } of pairs(row)) {
        if (j !== k) slopes[j] += slope;
        slopes[k] += isSize ? slope : -slope;
      }
      for (const j of classes) grads.input[rows.at(row, j)] += (up * slopes[j]) / rows.classes;
    },
  };
}
