// The process that measures the cases of one loss.
import { type FloatDType, load } from 'simdloss';
import { type Case, elementsOf } from './cases.ts';
import { report, taskOfChild } from './child.ts';
import { alternate, type Effort } from './measure.ts';
import type { CaseResult } from './results.ts';
import { rounded } from './statistics.ts';
import { Workload } from './workload.ts';

export interface LossTask {
  readonly cases: readonly Case[];
  readonly dtype: FloatDType;
  readonly effort: Effort;
}

const { cases, dtype, effort } = taskOfChild<LossTask>();
const backends = { wasm: await load(), js: await load({ backend: 'js' }) };

let workload: Workload | undefined;
let inputs = '';
for (const which of cases) {
  const wanted = JSON.stringify([which.loss, which.shape, which.target]);
  if (wanted !== inputs) {
    workload?.dispose();
    workload = undefined; // so that its arrays can go before the next ones come
    workload = new Workload(backends, which, dtype);
    inputs = wanted;
  }
  await report(measure(which, workload!));
}

function measure(which: Case, inputs: Workload): CaseResult {
  const elements = elementsOf(which.shape);
  const { wasm, js, ratio, p10, p90, rounds } = inputs.run(which, (steps) => alternate(steps, effort));
  const { loss, operation, target, shape } = which;
  return {
    loss,
    operation,
    target,
    shape,
    wasm: rounded(wasm / elements),
    js: rounded(js / elements),
    ratio: rounded(ratio),
    p10: rounded(p10),
    p90: rounded(p90),
    rounds,
  };
}
