// npm run bench:threads [-- --threads 2] [--json <file>]: what threads gain, by size, and what waking them costs; two threads are
// written to bench/results/threads.json.
//
// Calls one after another, as training makes them. They are cut here however short they are, which load() does not do: the sizes from
// which on it pays are what the thresholds in src/wasm/parts.ts come from. Wall time, the two sides in turn; on a machine that others
// use the medians say little, so the least time of either side stands beside them.
import { parseArgs } from 'node:util';
import { eager } from '../test/threads/eager.ts';
import type { LossName } from './cases.ts';
import { fillIndices, fillInput, fillTarget } from './data.ts';
import { environmentText } from './format.ts';
import { othersShare } from './peers/busy.ts';
import { environmentOf } from './results.ts';
import { median, rounded } from './statistics.ts';
import { type ThreadsCase, type ThreadsResults, threadsFile } from './threadsResults.ts';
import { writeCases } from './writeCases.ts';

const { values: options } = parseArgs({
  options: { threads: { type: 'string', default: '2' }, json: { type: 'string' } },
});
const threads = Number(options.threads);
if (!(Number.isInteger(threads) && threads > 1)) throw new RangeError('--threads takes an integer above 1');

const ROUNDS = 31;
const ROUND_MS = 4;

interface Size {
  readonly loss: LossName;
  readonly shape: readonly number[];
}
const elementwise = (loss: LossName): Size[] =>
  [14, 15, 16, 17, 18, 20, 22].map((power) => ({ loss, shape: [2 ** power] }));
const sizes: Size[] = [
  ...[16, 32, 64, 128, 256, 1024, 4096].map((rows) => ({
    loss: 'crossEntropy' as const,
    shape: [rows, 1024],
  })),
  ...[512, 1024, 2048, 4096, 8192, 65536].map((rows) => ({
    loss: 'crossEntropy' as const,
    shape: [rows, 10],
  })),
  ...elementwise('bceWithLogits'),
  ...elementwise('mse'),
];

const alone = await eager(1, 1);
/** Whether load()'s instances cut the last call. */
let isCut = false;
// what the present call is worth, not less than a chunk a thread
const shared = await eager(threads, threads);
const { chunks } = Object.getPrototypeOf(shared.parts);
Object.defineProperty(shared.parts, 'chunks', {
  value: (...call: unknown[]) => {
    const worth: number = chunks.apply(shared.parts, call);
    isCut = worth > 1;
    return Math.max(threads, worth);
  },
});

function stepOf(F: typeof alone.F, { loss, shape }: Size): () => number {
  const x = F.zeros(shape);
  fillInput(loss, x.data);
  if (loss === 'crossEntropy') {
    const labels = F.zeros([shape[0]], 'i32');
    fillIndices(labels.data, shape[1]);
    return F.crossEntropy.prepare(x, labels);
  }
  const t = F.zeros(shape);
  fillTarget(loss, t.data);
  return (F as any)[loss].prepare(x, t);
}

/** µs of a call, over calls that fill a round. */
function round(step: () => number, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) step();
  return ((performance.now() - start) * 1000) / calls;
}

console.log(`${environmentText(environmentOf('f32'))}, ${threads} threads\n`);
console.log('µs of valueAndGrad: median (least); gain: of the medians (of the least)\n');
const lines: ThreadsCase[] = [];
const others = await othersShare();
function measure(size: Size): void {
  const steps = [alone, shared].map(({ F }) => stepOf(F, size));
  for (const step of steps) round(step, 200);
  const calls = steps.map((step) => Math.max(1, Math.round((ROUND_MS * 1000) / round(step, 20))));
  const times: number[][] = [[], []];
  for (let i = 0; i < ROUNDS; i++) steps.forEach((step, k) => void times[k].push(round(step, calls[k])));
  const [one, many] = times.map((list) => ({ median: median(list), least: Math.min(...list) }));
  const gain = [one.median / many.median, one.least / many.least].map(rounded);
  const show = ({ median: m, least }: typeof one) => `${rounded(m)} (${rounded(least)})`;
  const name = `${size.loss} [${size.shape}]`;
  console.log(
    `${name.padEnd(28)} ${show(one).padStart(18)} ${show(many).padStart(18)}   ${gain[0]} (${gain[1]})`,
  );
  const wall = (of: typeof one) => ({ median: rounded(of.median), least: rounded(of.least) });
  lines.push({ ...size, isCut, one: wall(one), many: wall(many), gain: { median: gain[0], least: gain[1] } });
}
for (const size of sizes) alone.F.scope(() => shared.F.scope(() => measure(size)));
const results: ThreadsResults = {
  environment: { ...environmentOf('f32'), threads, others: rounded(others) },
  cases: lines,
};
const file = options.json ?? (threads === 2 ? threadsFile : undefined);
if (file !== undefined) writeCases(file, { ...results });
alone.F.dispose();
shared.F.dispose();
