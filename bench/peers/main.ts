// npm run bench:peers: simdloss beside other libraries. Options: --filter <regex>, --quick, --json <file>, and --threads, which
// measures two threads even where others use the machine.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inChild } from '../child.ts';
import { sizeText } from '../format.ts';
import { compareText, regressions } from '../guard/compare.ts';
import { machine } from '../machine.ts';
import { median } from '../statistics.ts';
import { TOLERANCE } from './agreement.ts';
import { BUSY, othersShare } from './busy.ts';
import { cases, type PeerCase, sweeps } from './cases.ts';
import { PyTorch } from './libraries/pytorch.ts';
import type { LossTask, Message } from './loss.ts';
import { peerRatios } from './ratios.ts';
import {
  type CaseResult,
  committedFile,
  measured,
  otherEnvironment,
  type Results,
  readResults,
  type SweepResult,
  writeResults,
} from './results.ts';
import { environmentText, targetTable } from './tables.ts';

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    threads: { type: 'boolean', default: false },
  },
});
const { filter, quick, json, threads } = options;
const started = performance.now();
const here = fileURLToPath(new URL('.', import.meta.url));

install();
const versions = await versionsOf();
if (versions.torch === undefined) console.log('No Python with torch was found: PyTorch is left out.');

const pattern = new RegExp(filter ?? '');
const nameOf = ({ loss, shape }: PeerCase): string => `${loss} [${shape}]`;
const chosen = cases.flatMap((which, index) => (pattern.test(nameOf(which)) ? [index] : []));
if (chosen.length === 0)
  throw new RangeError(`--filter ${filter} matches no case; they look like ${nameOf(cases[0])}`);

// The other libraries' case in a process of its own, so that they are not in the way of the rest.
const groupOf = ({ loss, peers }: PeerCase): string =>
  `${loss}${peers.includes('jax-js wasm') ? ' common' : ''}`;
const groups = new Map<string, number[]>();
for (const index of chosen) {
  const group = groupOf(cases[index]);
  groups.set(group, [...(groups.get(group) ?? []), index]);
}

const caseResults: CaseResult[] = [];
const sweepResults: SweepResult[] = [];
const shares: number[] = [];
const failed: string[] = [];
for (const [group, indices] of groups) {
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(
    `\n— ${group}: ${indices.map((i) => sizeText(cases[i].shape)).join(', ')} (after ${minutes} min)`,
  );
  const share = await othersShare();
  shares.push(share);
  const threaded = threads || share <= BUSY;
  if (!threaded) {
    console.log(
      `Others use ${Math.round(share * 100)} % of the machine: two threads are left out, wall time says nothing.`,
    );
  }
  const sweep = filter === undefined ? sweeps.find(({ loss }) => loss === group)?.loss : undefined;
  const task: LossTask = { cases: indices, sweep, threaded, quick };
  try {
    for (const { kind, result } of await inChild<Message>(new URL('./loss.ts', import.meta.url), task)) {
      if (kind === 'case') caseResults.push(result);
      else sweepResults.push(result);
    }
  } catch (error) {
    console.error(`${group} failed: ${error}`);
    failed.push(group);
  }
}

const results: Results = {
  environment: {
    ...machine(),
    cores: cpus().length,
    others: { median: Number(median(shares).toFixed(2)), max: Number(Math.max(...shares).toFixed(2)) },
    versions,
  },
  tolerance: TOLERANCE,
  cases: caseResults,
  sweeps: sweepResults,
};
console.log(`\n${environmentText(results.environment)}\n\n${targetTable(caseResults)}`);
if (existsSync(committedFile)) {
  const before = readResults(committedFile);
  console.log(`\n${compareText(regressions(peerRatios(before), peerRatios(results)))}`);
  if (results.environment.others.max > BUSY) console.log('Others used the machine: some of that is noise.');
  const others = otherEnvironment(before.environment, results.environment);
  if (others.length > 0)
    console.log(`The committed results are of another environment: ${others.join(', ')}`);
}

const wrong = caseResults.flatMap(({ loss, shape, peers, threaded }) =>
  Object.entries({ ...peers, ...threaded }).flatMap(([name, result]) =>
    measured(result) === undefined ? [`${loss} [${shape}] of ${name}`] : [],
  ),
);
for (const what of wrong) console.log(`DISAGREES, and was not timed: ${what}`);
if (failed.length > 0 || wrong.length > 0) process.exitCode = 1;

if (json !== undefined) writeResults(json, results);
else if (filter === undefined && !quick && failed.length === 0) {
  writeResults(committedFile, results);
  await import('./page.ts');
  console.log('\nwritten to bench/results/peers.md and bench/results/peers/');
}
console.log(`took ${((performance.now() - started) / 60_000).toFixed(1)} min`);

/** The peers are no dependencies of simdloss: they are installed here, when they are first asked for. */
function install(): void {
  const installed = new URL('node_modules/.package-lock.json', import.meta.url);
  if (existsSync(installed)) return;
  console.log('Installing the peers into bench/peers (half a gigabyte) …');
  const { status } = spawnSync('npm', ['ci'], {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ci in bench/peers ended with ${status}`);
}

async function versionsOf(): Promise<Record<string, string>> {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  const torch = await PyTorch.start(1, here);
  torch?.stop();
  return { ...dependencies, ...(torch && { torch: torch.version }) };
}
