// The process that measures the cases of one loss.
import { type FloatDType, load } from 'simdloss';
import { measureCase } from './caseResult.ts';
import type { Case } from './cases.ts';
import { report, taskOfChild } from './child.ts';
import type { Effort } from './measure.ts';
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
  await report(measureCase(which, workload!, effort));
}
