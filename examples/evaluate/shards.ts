// Rows of logits with labels and groups, cut into shards, evaluated in worker threads, merged.
import { Worker } from 'node:worker_threads';
import type { LossFunctions } from 'simdloss';
import { type EvaluateOptions, type Evaluation, evaluate, type State } from 'simdloss/evaluate';

export interface Rows {
  /** [rows, classes], row after row. */
  readonly logits: Float32Array;
  readonly labels: Int32Array;
  /** Each row's. */
  readonly groups: readonly string[];
}

export const options = {
  loss: 'crossEntropy',
  figures: ['accuracy', 'perplexity', 'brier', 'ece'],
  topK: [2],
} satisfies EvaluateOptions;

/** Every `count`th row goes to the same shard. */
export function cut({ logits, labels, groups }: Rows, count: number): Rows[] {
  const classes = logits.length / labels.length;
  return Array.from({ length: count }, (_, shard) => {
    const rows = [...labels.keys()].filter((row) => row % count === shard);
    return {
      logits: Float32Array.from(
        rows.flatMap((row) => [...logits.subarray(row * classes, (row + 1) * classes)]),
      ),
      labels: Int32Array.from(rows, (row) => labels[row]),
      groups: rows.map((row) => groups[row]),
    };
  });
}

/** The state of one shard, from a thread of its own. */
const evaluated = (shard: Rows): Promise<State> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { shard, options } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

/** Merges in the order in which they are ready: it makes no difference. */
export async function evaluateShards(F: LossFunctions, shards: readonly Rows[]): Promise<Evaluation> {
  const all = evaluate(F, options);
  await Promise.all(shards.map(async (shard) => void all.merge(await evaluated(shard))));
  return all;
}

export function evaluateAtOnce(F: LossFunctions, { logits, labels, groups }: Rows): Evaluation {
  const shape = [labels.length, logits.length / labels.length];
  return evaluate(F, options).add({ data: logits, shape }, labels, { group: groups });
}
