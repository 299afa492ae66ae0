/** A dense array in C order. */
export interface Tensor {
  data: ArrayLike<number>;
  shape: readonly number[];
}

/** What the reference returns: always f64. */
export interface Result {
  data: Float64Array;
  shape: number[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const isTensor = (x: unknown): x is Tensor => typeof x === 'object' && x !== null && 'shape' in x;

/** For a flat index into `to`, the flat index into `from` that NumPy's broadcasting pairs with it. */
export function broadcastIndex(from: readonly number[], to: readonly number[]): (index: number) => number {
  const lead = to.length - from.length;
  if (lead < 0) throw new RangeError(`cannot broadcast [${from}] to [${to}]`);
  from.forEach((d, k) => {
    if (d !== 1 && d !== to[lead + k]) throw new RangeError(`cannot broadcast [${from}] to [${to}]`);
  });
  return (index) => {
    let rest = index;
    let flat = 0;
    let step = 1;
    for (let k = to.length - 1; k >= lead; k--) {
      const at = rest % to[k];
      rest = Math.floor(rest / to[k]);
      if (from[k - lead] !== 1) flat += at * step;
      step *= from[k - lead];
    }
    return flat;
  };
}

/** Reads an optional number or tensor, broadcast to `shape`; 1 where it is left out. */
export function reader(source: number | Tensor | undefined, shape: readonly number[]): (i: number) => number {
  if (source === undefined) return () => 1;
  if (typeof source === 'number') return () => source;
  const at = broadcastIndex(source.shape, shape);
  return (i) => source.data[at(i)];
}

/** The rows along one axis: row r holds the elements at(r, 0), at(r, 1) … at(r, classes − 1). */
export interface Rows {
  classes: number;
  /** The shape without the axis: the shape of one number for each row. */
  shape: number[];
  at(row: number, j: number): number;
}

/** PyTorch's class axis (1, or 0 for rank 1) unless `axis` names another. */
export function rowsOf(shape: readonly number[], axis = shape.length > 1 ? 1 : 0): Rows {
  const k = axis < 0 ? axis + shape.length : axis;
  if (k < 0 || k >= shape.length) throw new RangeError(`no axis ${axis} in [${shape}]`);
  const classes = shape[k];
  const inner = sizeOf(shape.slice(k + 1));
  return {
    classes,
    shape: [...shape.slice(0, k), ...shape.slice(k + 1)],
    at: (row, j) => (Math.floor(row / inner) * classes + j) * inner + (row % inner),
  };
}
