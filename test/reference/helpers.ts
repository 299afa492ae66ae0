import { sigmoid, sum, sumsOfOthers } from './scalar.ts';
import { softmaxRow } from './softmax.ts';
import { type Result, rowsOf, sizeOf, type Tensor } from './tensor.ts';

/** The functions that the losses are made of, each with its backward pass. */
export type HelperName = 'softmax' | 'logSoftmax' | 'logSumExp' | 'sigmoid';

export interface HelperOutcome {
  value: Result;
  /** The gradient for `x`, given the gradient of the value (1 everywhere if left out). */
  grad: Result;
}

/**
 * One row of a helper: its values and ∂Σ_j g_j·y_j/∂x. `sign` −1 subtracts as the formula says; +1 adds instead, for
 * magnitudes, with 1 for 1 − p where the library's backward is given no more than a rounded p.
 */
type RowHelper = (x: number[], g: number[], sign: number) => { y: number[]; dx: number[] };

const rowHelpers: Record<'softmax' | 'logSoftmax' | 'logSumExp', RowHelper> = {
  /** p_j·(g_j − Σ_k g_k·p_k) */
  softmax: (x, g, sign) => {
    const classes = softmaxRow(x);
    const others = sumsOfOthers(classes.map(({ p }, k) => g[k] * p));
    return {
      y: classes.map(({ p }) => p),
      dx: classes.map(({ p, complement }, j) => p * (g[j] * (sign < 0 ? complement : 1) + sign * others[j])),
    };
  },
  /** g_j − p_j·Σ_k g_k */
  logSoftmax: (x, g, sign) => {
    const classes = softmaxRow(x);
    const others = sumsOfOthers(g);
    return {
      y: classes.map(({ loss }) => -loss),
      dx: classes.map(({ p, complement }, j) => g[j] * complement + sign * p * others[j]),
    };
  },
  /** g·p_j */
  logSumExp: (x, g, sign) => {
    const top = Math.max(...x);
    const first = x.indexOf(top);
    const tail = Math.log1p(sum(x.filter((_, k) => k !== first).map((v) => Math.exp(v - top))));
    const y = Math.abs(top) === Number.POSITIVE_INFINITY ? top : sign < 0 ? top + tail : Math.abs(top) + tail;
    return { y: [y], dx: softmaxRow(x).map(({ p }) => g[0] * p) };
  },
};

/** Runs a helper along an axis; with `sign` +1 the gradient's terms are added instead of subtracted. */
export function runHelper(
  name: HelperName,
  x: Tensor,
  { axis, gradOutput }: { axis?: number; gradOutput?: ArrayLike<number> },
  sign: number,
): HelperOutcome {
  if (name === 'sigmoid') return runSigmoid(x, gradOutput, sign);
  const rows = rowsOf(x.shape, axis);
  const reduces = name === 'logSumExp';
  const value = zeros(reduces ? rows.shape : x.shape);
  const grad = zeros(x.shape);
  const up = gradOutput ?? new Float64Array(value.data.length).fill(1);
  for (let row = 0; row < sizeOf(rows.shape); row++) {
    const at = Array.from({ length: rows.classes }, (_, j) => rows.at(row, j));
    const outAt = reduces ? [row] : at;
    const { y, dx } = rowHelpers[name](
      at.map((i) => x.data[i]),
      outAt.map((i) => up[i]),
      sign,
    );
    outAt.forEach((i, k) => {
      value.data[i] = y[k];
    });
    at.forEach((i, k) => {
      grad.data[i] = dx[k];
    });
  }
  return { value, grad };
}

function runSigmoid(x: Tensor, gradOutput: ArrayLike<number> | undefined, sign: number): HelperOutcome {
  const value = zeros(x.shape);
  const grad = zeros(x.shape);
  for (let i = 0; i < value.data.length; i++) {
    value.data[i] = sigmoid(x.data[i]);
    grad.data[i] = (gradOutput?.[i] ?? 1) * sigmoid(x.data[i]) * (sign < 0 ? sigmoid(-x.data[i]) : 1);
  }
  return { value, grad };
}

const zeros = (shape: readonly number[]): Result => ({
  data: new Float64Array(sizeOf(shape)),
  shape: [...shape],
});

/** The value of a helper at `x` and its gradient for `x`. */
export const referenceHelper = (
  name: HelperName,
  x: Tensor,
  options: { axis?: number; gradOutput?: ArrayLike<number> } = {},
): HelperOutcome => runHelper(name, x, options, -1);
