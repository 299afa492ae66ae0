// InfoNCE of the similarities of a row and its own in another input, as in assembly/kernels/infoNce.ts.
import { GRAD_OUTPUT } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale } from '../reduce.ts';
import { allPairs, type Pairs, type PairsOp, weightOf } from './allPairs.ts';

export const infoNce = (call: KernelCall): number => allPairs(call, op);

/** softmax − 1 of the pair itself, from how far it is below the greatest. */
const ownSlope = (distance: number, rest: number): number =>
  distance === 0 ? -rest / (1 + rest) : Math.exp(-distance) / (1 + rest) - 1;

/** Σ e^(x − m) but for one m, of the `count` numbers from `start` on, `step` apart; NaN where m is infinite. */
function restOf(x: Float64Array, m: number, start: number, count: number, step: number): number {
  let sum = m - m;
  let ties = -1;
  for (let i = 0, at = start; i < count; i++, at += step)
    if (x[at] === m) ties++;
    else sum += Math.exp(x[at] - m);
  return sum + ties;
}

/** The greatest but for NaNs, which reach the result through the sum. */
function greatestOf(x: Float64Array, start: number, count: number, step: number): number {
  let m = -Infinity;
  for (let i = 0, at = start; i < count; i++, at += step) if (x[at] > m) m = x[at];
  return m;
}

const op: PairsOp = {
  begin(call: KernelCall, { rows, order, ups }: Pairs): void {
    const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
    const scale = gradScale(call) * shareOf(call);
    for (let k = 0; k < rows; k++)
      ups[k] = scale * weightOf(call, order[k]) * (gradOutput === null ? 1 : gradOutput[order[k]]);
  },

  measure(pairs: Pairs, k: number, at: number): void {
    const { similarities: s, others } = pairs;
    const m = greatestOf(s, at, others, 1);
    pairs.rowMax[k] = m;
    pairs.rowRest[k] = restOf(s, m, at, others, 1);
    pairs.rowOwn[k] = s[at + k];
  },

  columns({ similarities: s, others, first, count, columnMax, columnRest }: Pairs): void {
    for (let j = 0; j < others; j++) {
      let m = greatestOf(s, j, count, others);
      let rest = restOf(s, m, j, count, others);
      if (first > 0) {
        const before = columnMax[j];
        if (m === before) rest += columnRest[j] + 1;
        else if (m < before) {
          rest = columnRest[j] + (1 + rest) * Math.exp(m - before);
          m = before;
        } else rest += (1 + columnRest[j]) * Math.exp(before - m);
      }
      columnMax[j] = m;
      columnRest[j] = rest;
    }
  },

  slopes(call: KernelCall, pairs: Pairs, k: number, at: number): void {
    const { similarities: s, others, ups, columnMax, columnRest } = pairs;
    const m = pairs.rowMax[k];
    const rest = pairs.rowRest[k];
    const distance = m - pairs.rowOwn[k];
    const factor = ups[k] / (1 + rest);
    const hasColumns = call.p1 !== 0;
    let own = ownSlope(distance, rest);
    if (hasColumns) own += ownSlope(columnMax[k] - pairs.rowOwn[k], columnRest[k]);
    for (let j = 0; j < others; j++) {
      const x = s[at + j];
      let g = Math.exp(x - m) * factor;
      if (hasColumns) g += Math.exp(x - columnMax[j]) * (ups[j] / (1 + columnRest[j]));
      s[at + j] = g;
    }
    s[at + k] = own * ups[k];
  },

  value(
    call: KernelCall,
    { rowMax, rowRest, rowOwn, columnMax, columnRest, order }: Pairs,
    k: number,
  ): number {
    let value = Math.log1p(rowRest[k]) + (rowMax[k] - rowOwn[k]);
    if (call.p1 !== 0) value += Math.log1p(columnRest[k]) + (columnMax[k] - rowOwn[k]);
    return value * shareOf(call) * weightOf(call, order[k]);
  },
};

/** Of the two losses of a row. */
const shareOf = ({ p1 }: KernelCall): number => (p1 !== 0 ? 0.5 : 1);
