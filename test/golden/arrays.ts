import { broadcastIndex, sizeOf } from '../reference/tensor.ts';
import type { Tensor } from './case.ts';
import type { Convert } from './plan.ts';

export const full = (shape: number[], value: number): Tensor => ({
  shape,
  data: new Array(sizeOf(shape)).fill(value),
});

/** The tensor repeated to `shape` as NumPy does. */
export function expand({ data, shape: from }: Tensor, shape: number[]): Tensor {
  const at = broadcastIndex(from, shape);
  return { shape, data: Array.from({ length: sizeOf(shape) }, (_, i) => data[at(i)]) };
}

export const reshape = ({ data }: Tensor, shape: number[]): Tensor => ({ data, shape });

export const mapTensor = ({ data, shape }: Tensor, fn: (v: number, i: number) => number): Tensor => ({
  shape,
  data: data.map(fn),
});

/** Drops a trailing axis of length 1 down to the given rank. */
export const squeezeTo = (rank: number, { data, shape }: Tensor): Tensor => {
  const keep = [...shape];
  while (keep.length > rank && keep.at(-1) === 1) keep.pop();
  return { data, shape: keep };
};

/** For each flat index of the array whose axes stand in `order`, the flat index in `shape`. */
export function permutation(shape: number[], order: number[]): number[] {
  const steps = shape.map((_, k) => sizeOf(shape.slice(k + 1)));
  let flat = [0];
  for (const axis of order) {
    flat = flat.flatMap((start) => Array.from({ length: shape[axis] }, (_, i) => start + i * steps[axis]));
  }
  return flat;
}

/** Puts the elements that `from` names back to where they came from. */
export const inverse =
  (from: number[]): Convert =>
  (values) => {
    const back = new Array<number>(values.length);
    from.forEach((at, i) => {
      back[at] = values[i];
    });
    return back;
  };

/** Sums over one axis, each sum times `factor`. */
export function sumAlong(shape: number[], axis: number, factor = 1): Convert {
  const k = axis < 0 ? axis + shape.length : axis;
  const inner = sizeOf(shape.slice(k + 1));
  const rows = sizeOf(shape) / (shape[k] || 1);
  return (from) =>
    Array.from({ length: rows }, (_, row) => {
      const start = Math.floor(row / inner) * shape[k] * inner + (row % inner);
      let total = 0;
      for (let j = 0; j < shape[k]; j++) total += from[start + j * inner];
      return total * factor;
    });
}
