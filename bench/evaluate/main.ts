// npm run bench:evaluate: evaluations beside the losses that they evaluate, beside a loop and beside transformers.js, in turn. The last
// needs npm ci --prefix test/interop. --quick: fewer rounds, and nothing is written.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load } from 'simdloss';
import { evaluate } from 'simdloss/evaluate';
import { now } from '../clock.ts';
import { columns, digits } from '../format.ts';
import { machine } from '../machine.ts';
import { othersShare } from '../peers/busy.ts';
import { median, rounded } from '../statistics.ts';
import { type Case, type LogSoftmax, rows, terms, vocabulary } from './cases.ts';
import { type Compared, type EvaluateCase, type MemoryResult, writeResults } from './results.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const rounds = options.quick ? 3 : 15;

/** transformers.js's own, from its source: the package's entry would bring ONNX Runtime. */
async function logSoftmaxOf(): Promise<LogSoftmax | undefined> {
  const file = new URL(
    '../../test/interop/node_modules/@huggingface/transformers/src/utils/maths.js',
    import.meta.url,
  );
  return existsSync(file) ? (await import(file.href)).log_softmax : undefined;
}

/** Every make in turn, there and back; one round before them is for the engine. */
function measure({ name, unit, units, makes, due }: Case): EvaluateCase {
  const names = Object.keys(makes);
  const times = Object.fromEntries(names.map((make) => [make, [] as number[]]));
  for (let round = -1; round < rounds; round++)
    for (const make of round % 2 === 0 ? names : [...names].reverse()) {
      const start = now();
      makes[make]();
      if (round >= 0) times[make].push(((now() - start) * 1e6) / units);
    }
  const compared = due.map((one): Compared => {
    const { of, beside, ratio } = one;
    const each = times[of].map((ns, i) =>
      ratio === undefined ? ns - times[beside][i] : ns / times[beside][i],
    );
    return { ...one, measured: rounded(median(each)) };
  });
  const ns = Object.fromEntries(names.map((make) => [make, rounded(Math.min(...times[make]))]));
  return { name, unit, ns, compared };
}

/** A million rows of a thousand classes, a batch at a time. */
function measureMemory(): MemoryResult {
  const [rows, classes, batch] = [options.quick ? 100_000 : 1_000_000, 1000, 1000];
  const data = Float32Array.from({ length: batch * classes }, (_, i) => Math.sin(i) * 3);
  const logits = { data, shape: [batch, classes] };
  const labels = Int32Array.from({ length: batch }, (_, i) => i);
  const e = evaluate(F, { loss: 'crossEntropy', figures: ['accuracy', 'perplexity', 'ece'], topK: [5] });
  const megabytes = (): number => process.memoryUsage().rss / 1e6;
  let [early, most] = [0, 0];
  for (let row = 0; row < rows; row += batch) {
    e.add(logits, labels, { group: (row / batch) % 10 });
    if (row < rows / 10) early = Math.max(early, megabytes());
    else most = Math.max(most, megabytes());
  }
  if (e.result().count !== rows) throw new Error(`${e.result().count} rows`);
  return { rows, classes, batch, early: rounded(early), most: rounded(most) };
}

const F = await load();
const logSoftmax = await logSoftmaxOf();
if (logSoftmax === undefined) console.log('without transformers.js: npm ci --prefix test/interop');

const memory = measureMemory();
const cases: EvaluateCase[] = [];
const shares: number[] = [];
for (const make of [
  () => vocabulary(F, logSoftmax),
  () => terms(F, 'f32'),
  () => terms(F, 'f64'),
  ...[64, 128, 1000].map((classes) => () => rows(F, classes)),
]) {
  shares.push(await othersShare());
  const measured = F.scope(() => measure(make()));
  cases.push(measured);
  console.log(`${measured.name}, ns a ${measured.unit}`);
  console.log(columns(Object.entries(measured.ns).map(([make, ns]) => [`  ${make}`, digits(ns)])));
  for (const { of, beside, ratio, beyond, measured: found } of measured.compared)
    console.log(
      `  ${of}, ${ratio === undefined ? `beyond ${beside}: ${digits(found)} ns, ${beyond} due` : `beside ${beside}: ${found}, ${rounded(ratio)} due`}`,
    );
}
console.log(
  `${memory.rows} rows of ${memory.classes} classes: ${memory.early} MB in the first tenth, ${memory.most} MB at most later`,
);

if (!options.quick) {
  writeResults({
    environment: { ...machine(), others: rounded(median(shares)) },
    cases,
    memory,
  });
  console.log('written to bench/results/evaluate.json: npm run generate');
}
process.exit(0);
