// What rows of logits say of their labels, as in assembly/loops/figures.ts.
import { GRAD0, GRAD1, GRAD2, GRAD3, HESS, IN0, IN1, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { indexOf, isCounted } from '../rows.ts';

export function rowFigures(call: KernelCall): number {
  const { outer, classes, inner, ignoreIndex } = call;
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const [nll, ranks, argmax, confidence, entropy, brier] = [VALUE, GRAD0, GRAD1, GRAD2, GRAD3, HESS].map(
    (slot) => call.arrays[slot] as Float32Array,
  );
  const length = classes * inner;
  for (let row = 0; row < outer * inner; row++) {
    const label = labels[row];
    if (!isCounted(label, ignoreIndex, classes)) {
      for (const figures of [nll, ranks, argmax, confidence, entropy, brier]) figures[row] = Number.NaN;
      continue;
    }
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    const at = start + label * inner;
    const own = x[at];
    let top = start;
    let rank = 0;
    let hasNaN = false;
    for (let j = start; j < end; j += inner) {
      if (x[j] > x[top]) top = j;
      if (x[j] > own || (x[j] === own && j < at)) rank++;
      hasNaN ||= Number.isNaN(x[j]);
    }
    const m = x[top];
    let rest = m - m;
    let distances = 0;
    let squares = 0;
    for (let j = start; j < end; j += inner) {
      if (j === top) continue;
      const e = Math.exp(x[j] - m);
      rest += e;
      if (e !== 0) distances += e * (m - x[j]);
      squares += e * e;
    }
    const z = 1 + rest;
    const isTop = own === m;
    const e = isTop ? 1 : Math.exp(own - m);
    const missed = (isTop ? rest : z - e) / z;
    nll[row] = Math.log1p(rest) + (m - own);
    ranks[row] = hasNaN ? Number.NaN : rank;
    argmax[row] = hasNaN ? Number.NaN : (top - start) / inner;
    confidence[row] = 1 / z;
    entropy[row] = Math.log1p(rest) + distances / z;
    brier[row] = missed * missed + (isTop ? squares : 1 + squares - e * e) / (z * z);
  }
  return 0;
}
