// The page as npm run build:site makes it, in a folder that goes away.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing } from '../../site/installed.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const hint = missing();
if (hint !== undefined) {
  if (process.env.CI === 'true') throw new Error(`the page cannot be built: ${hint}`);
  console.warn(`\n*** SKIPPED: the page cannot be built (${hint}) ***\n`);
}
export const buildable = hint === undefined;

export interface Built {
  readonly folder: string;
  remove(): void;
}

export function buildSite(): Built {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-site-'));
  execFileSync(process.execPath, ['--import', 'tsx', 'site/build.ts', '--out', folder], {
    cwd: root,
    stdio: 'pipe',
  });
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
