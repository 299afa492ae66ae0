// One of the processes that main.ts starts: mutates its copy of the repository, one mutant after another.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'vitest/node';
import { compile } from './compile.ts';
import { applied, type Mutant, type Outcome } from './mutant.ts';
import { runTests } from './run.ts';
import type { Side } from './sites.ts';
import { namesOf } from './suite.ts';
import { typeErrors } from './types.ts';

export interface Task {
  readonly folder: string;
  readonly side: Side;
  readonly mutant: Mutant;
  /** The file's text without the mutation. */
  readonly source: string;
  readonly suite: readonly string[];
  /** ms */
  readonly patience: number;
}

function parses(source: string): boolean {
  try {
    parseAst(source, { lang: 'ts' });
    return true;
  } catch {
    return false;
  }
}

async function judge({ folder, side, mutant, suite, patience }: Task): Promise<Omit<Outcome, 'mutant'>> {
  const isKernel = side === 'kernels';
  if (isKernel && !(await compile(folder))) return { status: 'invalid' };
  if (!isKernel && !parses(readFileSync(join(folder, mutant.file), 'utf8'))) return { status: 'invalid' };
  const run = () => runTests(folder, suite, namesOf[side], true, patience);
  let result = await run();
  while (result.interrupted) result = await run();
  const { failed, hung } = result;
  if (hung) return { status: 'timeout' };
  if (failed !== undefined) return { status: 'killed', by: failed };
  if (!isKernel && typeErrors(folder)) return { status: 'types' };
  return { status: 'survived' };
}

process.on('message', async (task: Task) => {
  const path = join(task.folder, task.mutant.file);
  writeFileSync(path, applied(task.source, task.mutant));
  try {
    const outcome: Outcome = { mutant: task.mutant, ...(await judge(task)) };
    process.send!(outcome);
  } finally {
    writeFileSync(path, task.source);
  }
});
process.on('disconnect', () => process.exit());
