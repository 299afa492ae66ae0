// NT-Xent over labels, as in assembly/kernels/ntxent.ts.
import { GRAD_OUTPUT, IN1 } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale } from '../reduce.ts';
import { allPairs, type Pairs, type PairsOp, weightOf } from './allPairs.ts';

export const ntxent = (call: KernelCall): number => allPairs(call, op);

/** log(1 + e^x) */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** 1/(1 + e^−x) */
const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
};

const op: PairsOp = {
  begin(call: KernelCall, { rows, order, labels, ups }: Pairs): void {
    const given = call.arrays[IN1] as Int32Array;
    const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
    for (let k = 0; k < rows; k++) labels[k] = given[order[k]];
    call.weightSum = 0;
    call.active = 0;
    for (let k = 0; k < rows; k++) {
      let count = -1;
      for (let j = 0; j < rows; j++) if (labels[j] === labels[k]) count++;
      call.active += count;
      call.weightSum += count * weightOf(call, order[k]);
      ups[k] = count;
    }
    // a mean over no pair is of no row
    const scale = call.active === 0 ? 0 : gradScale(call);
    // a row of no pair has no term, whatever is upstream of it
    for (let k = 0; k < rows; k++)
      if (ups[k] !== 0)
        ups[k] = scale * weightOf(call, order[k]) * (gradOutput === null ? 1 : gradOutput[order[k]]);
  },

  measure(pairs: Pairs, k: number, at: number): void {
    const { similarities: s, others, labels } = pairs;
    let m = -Infinity;
    for (let j = 0; j < others; j++) if (labels[j] !== labels[k] && s[at + j] > m) m = s[at + j];
    let rest = 0;
    for (let j = 0; j < others; j++) if (labels[j] !== labels[k]) rest += Math.exp(s[at + j] - m);
    const log = Math.log(rest);
    let cost = 0;
    let pull = 0;
    for (let j = 0; j < others; j++) {
      if (j === k || labels[j] !== labels[k]) continue;
      const x = m - s[at + j] + log;
      cost += softplus(x);
      pull += sigmoid(x);
    }
    pairs.rowMax[k] = m;
    pairs.rowRest[k] = rest;
    pairs.rowOwn[k] = pull;
    // labels have no columns
    pairs.columnRest[k] = cost;
  },

  slopes(
    _: KernelCall,
    { similarities: s, others, labels, ups, rowMax, rowRest, rowOwn }: Pairs,
    k: number,
    at: number,
  ): void {
    const m = rowMax[k];
    const rest = rowRest[k];
    const log = Math.log(rest);
    const push = (ups[k] * rowOwn[k]) / rest;
    for (let j = 0; j < others; j++) {
      const x = s[at + j];
      if (labels[j] !== labels[k]) s[at + j] = Math.exp(x - m) * push;
      else s[at + j] = j === k ? 0 : -ups[k] * sigmoid(m - x + log);
    }
  },

  value: (call: KernelCall, { columnRest, order }: Pairs, k: number): number =>
    columnRest[k] * weightOf(call, order[k]),
};
