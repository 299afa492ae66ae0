// The page as npm run build:site makes it, in a folder that goes away.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing as missingForSite } from '../../site/installed.ts';
import { missing } from '../missing.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const hint = missingForSite();
if (hint !== undefined) {
  missing({ what: 'the page', why: 'what it is built with is not installed', install: hint });
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
