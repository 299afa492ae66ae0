// tsx bench/small.ts: what a call costs before it computes anything, and from which size on wasm is the faster backend.
// ns per call of --operation (value, grad or valueAndGrad, the default) in four ways, for 1 to 1024 elements:
//   plain, prepared            on tensors of the backend
//   staged plain, prepared     on ordinary typed arrays, which wasm has to copy in and out
// --write keeps them in bench/results/small.json, which README's figure is read from.
import { parseArgs } from 'node:util';
import { type LossName, type Operation, operations } from './cases.ts';
import { inChild } from './child.ts';
import { columns, digits, ratioText } from './format.ts';
import { environmentOf } from './results.ts';
import type { SmallResult, SmallTask } from './smallLoss.ts';
import { lastLost, type SmallRow, writeSmall } from './smallResults.ts';

/** A cheap formula, one with exp and log, and one with rows and labels. */
const losses: readonly LossName[] = ['mse', 'bceWithLogits', 'crossEntropy'];

const { values: options } = parseArgs({
  options: {
    dtype: { type: 'string', default: 'f32' },
    operation: { type: 'string', default: 'valueAndGrad' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const { dtype, quick } = options;
const operation = options.operation as Operation;
if (dtype !== 'f32' && dtype !== 'f64') throw new RangeError(`--dtype expected f32 or f64, got ${dtype}`);
if (!operations.includes(operation))
  throw new RangeError(`--operation expected ${operations.join(', ')}, got ${operation}`);

const rows: SmallRow[] = [];
for (const loss of losses) {
  const task: SmallTask = { loss, operation, dtype, quick };
  const results = await inChild<SmallResult>(new URL('./smallLoss.ts', import.meta.url), task);
  rows.push(...results.map((result) => ({ loss, ...result })));
  console.log(`${loss}, ${operation}, ${dtype}, ns per call`);
  for (const way of new Set(results.map((result) => result.way))) {
    const of = results.filter((result) => result.way === way);
    console.log(columns([header(way), ...of.map(row)]));
    console.log(`${crossing(of)}\n`);
  }
}

if (options.write) writeSmall({ environment: environmentOf(dtype), operation, rows });

function header(way: string): string[] {
  return [way, 'wasm', 'js', 'js/wasm', 'p10–p90'];
}

function row({ size, wasm, js, ratio, p10, p90 }: SmallResult): string[] {
  return [`  ${size}`, wasm.toFixed(0), js.toFixed(0), ratioText(ratio), `${digits(p10)}–${digits(p90)}`];
}

function crossing(results: readonly SmallResult[]): string {
  const lost = lastLost(results);
  if (lost === 0) return 'wasm wins from 1 element on';
  const first = results.find(({ size }) => size > lost);
  return first === undefined
    ? 'js wins up to the largest size'
    : `js wins up to ${lost}, wasm from ${first.size} elements on`;
}
