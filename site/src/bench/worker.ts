// Measures the cases of one loss. One worker each, for the reason that npm run bench has a process for each: engines
// optimise the loops that losses share for what they have seen.
import { type LossFunctions, load } from 'simdloss';
import { measureCase } from '../../../bench/caseResult.ts';
import { resolution } from '../../../bench/clock.ts';
import { Workload } from '../../../bench/workload.ts';
import { othersShare } from './busy.ts';
import type { Variant } from './plan.ts';
import type { Report, Task } from './protocol.ts';

const report = (message: Report): void => self.postMessage(message);

/** ms, twice for each side: until the compilers have the loops, which the cases of a loss share. */
const FIRST_WARMUP = 200;

const loading: Record<Variant, () => Promise<LossFunctions>> = {
  wasm: () => load(),
  relaxed: () => load({ math: 'relaxed' }),
  threads: () => load({ threads: 'auto' }),
};

/** Why there is no such variant here; undefined where there is. */
function whyNot(variant: Variant, F: LossFunctions): string | undefined {
  if (variant === 'relaxed' && F.math !== 'relaxed') return 'this engine has no fused relaxed SIMD';
  if (variant === 'threads' && F.threads === 1) return 'threads need an isolated page and a second core';
  return undefined;
}

async function measureAll({ cases, dtype, effort }: Task): Promise<void> {
  report({ kind: 'looked', others: othersShare() });
  const js = await load({ backend: 'js' });
  const loaded = new Map<Variant, LossFunctions>();
  let workload: Workload | undefined;
  let inputs = '';
  let isFirst = true;
  for (const which of cases) {
    report({ kind: 'started', which });
    const { loss, shape, target, variant } = which;
    if (!loaded.has(variant)) loaded.set(variant, await loading[variant]());
    const wasm = loaded.get(variant)!;
    const why = whyNot(variant, wasm);
    if (why !== undefined) {
      report({ kind: 'skipped', which, why });
      continue;
    }
    const wanted = JSON.stringify([loss, shape, target, variant]);
    if (wanted !== inputs) {
      workload?.dispose();
      workload = undefined; // so that its arrays can go before the next ones come
      workload = new Workload({ wasm, js }, which, dtype);
      inputs = wanted;
    }
    const result = measureCase(which, workload!, isFirst ? { ...effort, warmup: FIRST_WARMUP } : effort);
    isFirst = false;
    report({
      kind: 'measured',
      result: { ...result, variant, ...(wasm.threads > 1 ? { threads: wasm.threads } : {}) },
    });
  }
  workload?.dispose();
  for (const F of [js, ...loaded.values()]) F.dispose();
  report({ kind: 'done', resolution });
}

self.addEventListener('message', ({ data }: MessageEvent<Task>) => {
  // WebKit sometimes leaves a worker asleep whose module has been compiled: timers wake it
  setInterval(() => {}, 100);
  measureAll(data).catch((cause: Error) => report({ kind: 'failed', why: cause.message }));
});
