// One case measured: in the bench's processes, and in the workers of the page.
import { type Case, elementsOf } from './cases.ts';
import { alternate, type Effort } from './measure.ts';
import type { CaseResult } from './results.ts';
import { rounded } from './statistics.ts';
import type { Workload } from './workload.ts';

export function measureCase(which: Case, inputs: Workload, effort: Effort): CaseResult {
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
