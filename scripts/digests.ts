// SHA-256 of the compiled modules, in the form that `sha256sum -c` reads:
//   npx tsx scripts/digests.ts            writes wasm.sha256 from what is in build/ (so build first)
//   npx tsx scripts/digests.ts --check    ends with status 1 where the list and build/ differ
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const list = new URL('wasm.sha256', root);
/** How the list is brought up to date. */
export const REFRESH = 'npm run --silent build && npx tsx scripts/digests.ts';

interface Artifact {
  /** The file that has the target. */
  config: string;
  target: string;
  file: string;
}

/** The targets that are published: name and file, from the repository's root. */
export function artifacts(): Artifact[] {
  return ['asconfig.json', 'asconfig.clickhouse.json']
    .flatMap((config) => {
      const { targets } = JSON.parse(readFileSync(new URL(config, root), 'utf8'));
      return Object.entries(targets as Record<string, { outFile: string }>).map(([target, { outFile }]) => ({
        config,
        target,
        file: outFile,
      }));
    })
    .filter(({ target }) => target !== 'debug')
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** File → digest, as committed. */
export function committed(): Map<string, string> {
  if (!existsSync(list)) return new Map();
  const lines = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split('  ').reverse() as [string, string]));
}

/** File → digest, as built. */
export function built(): Map<string, string> {
  return new Map(artifacts().map(({ file }) => [file, digest(readFileSync(new URL(file, root)))]));
}

function main(): void {
  const text = [...built()].map(([file, sum]) => `${sum}  ${file}\n`).join('');
  const same = existsSync(list) && readFileSync(list, 'utf8') === text;
  if (!process.argv.includes('--check')) writeFileSync(list, text);
  else if (!same) {
    console.error(`wasm.sha256 is not that of build/: ${REFRESH}`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
