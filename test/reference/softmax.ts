import { sum } from './scalar.ts';

/** One class of a softmax row: p, 1 − p and −log p, each with its own tail. */
export interface ClassProbability {
  p: number;
  complement: number;
  loss: number;
}

/**
 * The classes of one row. Where one class holds most of the mass, 1 − p is the sum of the others' probabilities,
 * so that neither it nor −log p = −log1p(−(1 − p)) loses its tail.
 */
export function softmaxRow(x: number[]): ClassProbability[] {
  const top = Math.max(...x);
  const e = x.map((v) => Math.exp(v - top));
  const total = sum(e);
  return e.map((ej, j) => {
    const p = ej / total;
    if (!(p > 0.5)) return { p, complement: 1 - p, loss: top - x[j] + Math.log(total) };
    const complement = sum(e.filter((_, k) => k !== j)) / total;
    return { p, complement, loss: -Math.log1p(-complement) };
  });
}
