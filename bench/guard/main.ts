// npm run bench:guard: what got slower? Compares ratios with the committed results and exits with 1 where one is worse.
//   npm run bench:guard                     measures js / wasm anew, quickly, and what seems worse again with care
//   npm run bench:guard -- --filter mse     the same for some cases; --dtype f64 as in npm run bench
//   npm run bench:guard -- fresh.json       compares what npm run bench or bench:peers wrote with --json
//   npm run bench:guard -- before.wasm      compares another build's module with this one's (or a third, named after it), in turn in
//                                           one process: exact to a few percent, whatever else the machine does
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FloatDType } from 'simdloss';
import { cases, elementsOf, idOf, lossNames } from '../cases.ts';
import { inChild } from '../child.ts';
import type { LossTask } from '../loss.ts';
import { type Effort, quickEffort } from '../measure.ts';
import { peerRatios } from '../peers/ratios.ts';
import { committedFile as committedPeers, type Results as PeerResults } from '../peers/results.ts';
import { type CaseResult, committedFile, environmentOf, type Results } from '../results.ts';
import { compareText, type Ratios, regressions, SAME_RUN } from './compare.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { dtype: { type: 'string', default: 'f32' }, filter: { type: 'string' } },
});
const { dtype, filter } = options;
if (dtype !== 'f32' && dtype !== 'f64') throw new RangeError(`--dtype expected f32 or f64, got ${dtype}`);

/** What seems worse is measured again so often: a regression is there each time, noise is not. */
const TRIES = 2;
/** Elements of the largest case that modules are compared on: what is larger waits for the memory. */
const LIMIT = 2 ** 20;
const ONCE_MORE: Effort = { ...quickEffort, round: 4, budget: 400, minRounds: 25, maxRounds: 51 };

const [file, module] = positionals;
const isModule = file?.endsWith('.wasm');
const comparison = isModule
  ? await beside(file, module)
  : file === undefined
    ? await measured()
    : given(file);
console.log(compareText(comparison));
if (comparison.worse.length > 0) process.exitCode = 1;

function given(file: string) {
  const results = read<Results | PeerResults>(file);
  if ('tolerance' in results) {
    return regressions(peerRatios(read(committedPeers)), peerRatios(results));
  }
  return regressions(jsRatios(read(committedFile(results.environment))), jsRatios(results));
}

async function measured() {
  const file = committedFile(environmentOf(dtype as FloatDType));
  if (!existsSync(file)) throw new Error(`there are no results of this Node version and dtype: ${file}`);
  const matches = new RegExp(filter ?? '');
  const before = new Map([...jsRatios(read(file))].filter(([name]) => matches.test(name)));
  const now = new Map(await bench(['--quick', ...(filter === undefined ? [] : ['--filter', filter])]));
  for (let i = 0; i < TRIES; i++) {
    const { worse } = regressions(before, now);
    if (worse.length === 0) break;
    console.log(`\n${worse.length} seem worse and are measured again\n`);
    const again = await bench(['--filter', `^(${worse.map(({ name }) => escaped(name)).join('|')})$`]);
    for (const [name, ratio] of again) now.set(name, Math.max(ratio, now.get(name)!));
  }
  return regressions(before, now);
}

/** This module, or the one given, beside another one. */
async function beside(rival: string, module: string | undefined) {
  const all = cases.filter(
    (which) => new RegExp(filter ?? '').test(idOf(which)) && elementsOf(which.shape) <= LIMIT,
  );
  const now = new Map<string, number>();
  const measure = async (chosen: typeof all, effort: Effort) => {
    for (const loss of lossNames) {
      const ofLoss = chosen.filter((which) => which.loss === loss);
      if (ofLoss.length === 0) continue;
      const task: LossTask = { cases: ofLoss, dtype: dtype as FloatDType, effort, module, rival };
      const results = await inChild<CaseResult>(new URL('../loss.ts', import.meta.url), task);
      for (const [name, ratio] of results.map((which) => [idOf(which), which.ratio] as const)) {
        now.set(name, Math.max(ratio, now.get(name) ?? 0));
      }
    }
  };
  const compare = () => regressions(new Map(all.map((which) => [idOf(which), 1])), now, SAME_RUN);
  await measure(all, quickEffort);
  for (let i = 0; i < TRIES; i++) {
    const worse = new Set(compare().worse.map(({ name }) => name));
    console.log(`${worse.size} of ${all.length} seem slower and are measured again`);
    await measure(
      all.filter((which) => worse.has(idOf(which))),
      ONCE_MORE,
    );
  }
  return compare();
}

async function bench(args: readonly string[]): Promise<Ratios> {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-guard-'));
  try {
    const file = join(folder, 'fresh.json');
    const script = fileURLToPath(new URL('../main.ts', import.meta.url));
    const child = fork(script, [...args, '--dtype', dtype, '--json', file]);
    const code = await new Promise((resolve) => child.on('exit', resolve));
    if (code !== 0) throw new Error(`the bench ended with ${code}`);
    return jsRatios(read(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function jsRatios({ cases }: Results): Ratios {
  return new Map(cases.map((which) => [idOf(which), which.ratio]));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
