// Are the tests worth something? Changes the sources one place at a time and counts what the tests notice.
//   npx tsx scripts/mutation/main.ts kernels|wrapper|js [--sample N] [--seed S] [--only PREFIX] [--json FILE]
// FILE keeps the outcomes; a run that was interrupted goes on after those that it holds.
// Works in temporary copies of the repository. Needs `npm run build` before. Ends with status 1 below the target.
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { random } from '../../test/random.ts';
import { copyRepository } from '../copy.ts';
import { compile } from './compile.ts';
import { reasonOf } from './equivalent.ts';
import type { Mutant, Outcome } from './mutant.ts';
import { judgeAll } from './pool.ts';
import { report } from './report.ts';
import { runTests } from './run.ts';
import { mutantsOf, type Side, sources } from './sites.ts';
import { namesOf, suiteOf } from './suite.ts';
import { typeErrors } from './types.ts';

const TARGET: Record<Side, number> = { kernels: 0.95, wrapper: 0.9, js: 0.9 };
const PATIENCE = 300_000;

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** N of them, by a seeded shuffle. */
function sample(mutants: Mutant[], count: number, seed: number): Mutant[] {
  const r = random(seed);
  for (let i = mutants.length - 1; i > 0; i--) {
    const j = Math.floor(r() * (i + 1));
    [mutants[i], mutants[j]] = [mutants[j], mutants[i]];
  }
  return mutants.slice(0, count);
}

interface Baseline {
  /** How long the tests may say nothing, in ms. */
  readonly patience: number;
  /** How long each file takes, in ms. */
  readonly times: ReadonlyMap<string, number>;
}

/** A copy that does not pass as it is would tell nothing of its mutants. */
async function baselineOf(side: Side, folder: string, suite: readonly string[]): Promise<Baseline> {
  const refused = typeErrors(folder);
  if (refused) throw new Error(`the types do not pass without a mutation: ${refused}`);
  const { lines, failed, silence } = await runTests(folder, suite, namesOf[side], false, PATIENCE);
  const times = new Map<string, number>();
  for (const line of lines) {
    const [, file, time] = /^passed (.+\.test\.ts) in (\d+)$/.exec(line) ?? [];
    if (file?.startsWith(`${folder}/`)) times.set(file.slice(folder.length + 1), Number(time));
  }
  const bad = suite.filter((file) => !times.has(file));
  if (failed !== undefined || bad.length > 0) {
    throw new Error(`without a mutation ${failed} fails; did not pass: ${bad.join(', ')}`);
  }
  return { patience: 15_000 + 4 * silence, times };
}

const keyOf = ({ file, at, title, text }: Mutant): string => [file, at, title, text].join();

/** What a run that was interrupted has found. */
function found(file: string | undefined): Outcome[] {
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

const title = ({ file, line, title: what }: Mutant) => `${file}:${line} ${what}`;

/** Judges them all; `outcomes` grows. */
async function judge(
  side: Side,
  mutants: readonly Mutant[],
  outcomes: Outcome[],
  json?: string,
): Promise<void> {
  const total = outcomes.length + mutants.length;
  const temporary = mkdtempSync(join(tmpdir(), 'mutation-'));
  const folders = Array.from({ length: Math.min(cpus().length, mutants.length) }, (_, i) =>
    join(temporary, `${i}`),
  );
  const bar = new SingleBar({
    format: '{bar} {value}/{total} survived {survived}  {eta_formatted}',
    noTTYOutput: false,
  });
  try {
    for (const folder of folders) copyRepository(root, folder);
    if (side === 'kernels' && !(await compile(folders[0])))
      throw new Error('the kernels do not compile without a mutation');
    const suites = new Map(mutants.map(({ file }) => [file, suiteOf(root, side, file)]));
    const { patience, times } = await baselineOf(side, folders[0], [...new Set([...suites.values()].flat())]);
    const kills = new Map<string, number>();
    const count = ({ by }: Outcome) => {
      const file = by?.split(' > ')[0];
      if (file) kills.set(file, (kills.get(file) ?? 0) + 1);
    };
    outcomes.forEach(count);
    // what is quick, or has killed others, comes first
    const costOf = (file: string) => (100 + times.get(file)!) / (1 + (kills.get(file) ?? 0));
    bar.start(total, outcomes.length, { survived: 0 });
    await judgeAll(
      folders,
      mutants,
      (mutant, folder) => {
        const suite = [...suites.get(mutant.file)!].sort((a, b) => costOf(a) - costOf(b));
        const source = readFileSync(join(root, mutant.file), 'utf8');
        return { folder, side, mutant, source, suite, patience };
      },
      (outcome) => {
        outcomes.push(outcome);
        count(outcome);
        if (json) appendFileSync(json, `${JSON.stringify(outcome)}\n`);
        const survived = outcomes.filter(({ status }) => status === 'survived').length;
        bar.update(outcomes.length, { survived });
        if (!process.stdout.isTTY && outcomes.length % 20 === 0) {
          console.log(`${outcomes.length}/${total}, ${survived} survived, last ${title(outcome.mutant)}`);
        }
      },
    );
  } finally {
    bar.stop();
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
    },
  });
  const side = positionals[0] as Side;
  if (!(side in TARGET)) throw new Error(`kernels, wrapper or js, not ${side}`);
  const all = sources(root, side)
    .filter((file) => file.startsWith(values.only))
    // types, and entries that only the tests of the built package load
    .filter((file) => suiteOf(root, side, file).length > 0)
    .flatMap((file) => mutantsOf(root, side, file));
  const sampled = sample([...all], Number(values.sample), Number(values.seed));
  const keys = new Set(sampled.map(keyOf));
  const outcomes = found(values.json).filter(({ mutant }) => keys.has(keyOf(mutant)));
  const judged = new Set(outcomes.map(({ mutant }) => keyOf(mutant)));
  const mutants = sampled.filter((mutant) => !judged.has(keyOf(mutant)));
  console.log(`${side}: ${sampled.length} of ${all.length} mutants, seed ${values.seed}`);
  if (mutants.length > 0) await judge(side, mutants, outcomes, values.json);
  console.log(report(outcomes));
  const valid = outcomes.filter(
    ({ mutant, status }) => status !== 'invalid' && !(status === 'survived' && reasonOf(mutant)),
  );
  const killed = valid.filter(({ status }) => status !== 'survived').length;
  if (killed < TARGET[side] * valid.length) process.exitCode = 1;
}

await main();
