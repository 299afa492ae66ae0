// Evaluates one shard: gets its rows, answers with a state.
import { parentPort, workerData } from 'node:worker_threads';
import { loadSync } from 'simdloss';
import { evaluate } from 'simdloss/evaluate';

const { shard, options } = workerData;
const F = loadSync();
const { logits, labels, groups } = shard;
const shape = [labels.length, logits.length / labels.length];
const state = evaluate(F, options).add({ data: logits, shape }, labels, { group: groups }).state();
F.dispose();
parentPort?.postMessage(state);
