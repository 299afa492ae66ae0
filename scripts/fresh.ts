// Build steps whose sources and results are as they were need not run again: build/fresh.json has what each was made from.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const list = new URL('build/fresh.json', root);
const pathOf = (name: string): string => fileURLToPath(new URL(name, root));

/** Files of a path from the project's root, in order; of a folder all that are in it. */
function filesOf(name: string): string[] {
  if (!existsSync(pathOf(name))) return [];
  if (!statSync(pathOf(name)).isDirectory()) return [name];
  return readdirSync(pathOf(name))
    .sort()
    .flatMap((entry) => filesOf(`${name}/${entry}`));
}

function digestOf(names: readonly string[]): string {
  const hash = createHash('sha256').update(process.versions.node);
  for (const file of names.flatMap(filesOf)) hash.update(`${file}\0`).update(readFileSync(pathOf(file)));
  return hash.digest('hex');
}

/** Runs a step unless it has run on just these sources and what it made is still there as it was. */
export async function unlessFresh(
  step: string,
  sources: readonly string[],
  results: readonly string[],
  run: () => Promise<void>,
): Promise<void> {
  const known = (): Record<string, string> =>
    existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {};
  // before the step: what changes while it runs has not been built
  const from = digestOf(sources);
  const present = (): string => `${from} ${digestOf(results)}`;
  if (known()[step] === present()) return;
  console.log(`building ${step} …`);
  const start = performance.now();
  await run();
  console.log(`built ${step} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  mkdirSync(new URL('./', list), { recursive: true });
  writeFileSync(list, `${JSON.stringify({ ...known(), [step]: present() }, null, 2)}\n`);
}
