// npm run bench:cold: what a cold start costs, from the import to the first result, beside an empty program. Options: --only
// node|workerd|chromium, --rounds <n>, --json <file>. Engines that are not installed are left out, with a line that says so.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engine } from '../../test/engines/installed.ts';
import { othersShare } from '../peers/busy.ts';
import { CHROMIUM, driver, measureChromium } from './chromium.ts';
import { markdown, platformText } from './markdown.ts';
import { measureNode } from './node.ts';
import { committedFile, type Platform, pageFile, writeResults } from './results.ts';
import { measureWorkerd } from './workerd.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '41' },
    json: { type: 'string' },
  },
});
const { only, json } = options;
const rounds = Number(options.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) throw new RangeError('--rounds takes a positive integer');

const node24 = engine('Node 24', 'node24/bin/node');
const workerd = engine('workerd', 'workerd/bin/workerd');
const chromium = existsSync(CHROMIUM) && existsSync(fileURLToPath(driver));
if (!chromium) {
  console.warn('Chromium is left out: apt-get install chromium; npm ci --prefix test/browsers');
}

const measurements: readonly (readonly [name: string, measure: () => Promise<Platform>])[] = [
  ['node', () => measureNode(process.execPath, rounds)],
  ...(node24 ? [['node', () => measureNode(node24, rounds)] as const] : []),
  ...(workerd ? [['workerd', () => measureWorkerd(workerd, rounds)] as const] : []),
  ...(chromium ? [['chromium', () => measureChromium(rounds)] as const] : []),
];
const chosen = measurements.filter(([name]) => only === undefined || name === only);
if (chosen.length === 0) throw new RangeError(`--only ${only}: expected node, workerd or chromium`);

const shares: number[] = [];
const platforms: Platform[] = [];
for (const [, measure] of chosen) {
  shares.push(await othersShare());
  const platform = await measure();
  console.log(`${platformText(platform)}\n`);
  platforms.push(platform);
}

const results = {
  environment: {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: cpus().length,
    date: new Date().toISOString().slice(0, 10),
    others: Number(Math.max(...shares).toFixed(2)),
  },
  platforms,
};
if (json !== undefined) writeResults(json, results);
else if (only === undefined && platforms.length === 4) {
  writeResults(committedFile, results);
  writeFileSync(pageFile, markdown(results));
  console.log('written to bench/results/cold.json and cold.md');
}
