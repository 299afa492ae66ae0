import type { FloatArray } from '../dtypes.ts';

/** Index of class `label` of a row in [outer, classes, inner]. */
export const indexOf = (row: number, label: number, classes: number, inner: number): number =>
  inner === 1 ? row * classes + label : (Math.floor(row / inner) * classes + label) * inner + (row % inner);

/** Whether a row with this label counts. */
export const isCounted = (label: number, ignoreIndex: number, classes: number): boolean =>
  label !== ignoreIndex && label >= 0 && label < classes;

/** Zeros of a row that does not count, from `start` on, where its gradient is wanted. */
export function clearRow(grad: FloatArray | null, start: number, end: number, step: number): void {
  if (grad === null) return;
  if (step === 1) grad.fill(0, start, end);
  else for (let j = start; j < end; j += step) grad[j] = 0;
}
