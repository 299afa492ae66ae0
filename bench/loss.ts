// The process that measures the cases of one loss.
import { readFileSync } from 'node:fs';
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
  /** Files of modules: one instead of this build's, and one that takes the place of the JS backend. */
  readonly module?: string | undefined;
  readonly rival?: string;
}

const { cases, dtype, effort, module, rival } = taskOfChild<LossTask>();
const wasm = await load(module === undefined ? {} : { module: readFileSync(module) });
const js = await load(rival === undefined ? { backend: 'js' } : { module: readFileSync(rival) });
const backends = { wasm, js };

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
