import { sum, sumsOfOthers } from './scalar.ts';

/** One class of a softmax row: p, 1 − p and −log p, each with its own tail. */
export interface ClassProbability {
  p: number;
  complement: number;
  loss: number;
}

/**
 * The classes of one row. 1 − p is the sum of the others' probabilities, so that where one class holds most
 * of the mass neither it nor −log p = −log1p(−(1 − p)) loses its tail.
 */
export function softmaxRow(x: number[]): ClassProbability[] {
  const top = Math.max(...x);
  return softmaxOf(x.map((v) => top - v));
}

/** The same from how far each is below the greatest. */
export function softmaxOf(gaps: number[]): ClassProbability[] {
  const e = gaps.map((gap) => Math.exp(-gap));
  const total = sum(e);
  const others = sumsOfOthers(e);
  return e.map((ej, j) => {
    const p = ej / total;
    const complement = others[j] / total;
    return { p, complement, loss: p > 0.5 ? -Math.log1p(-complement) : gaps[j] + Math.log(total) };
  });
}
