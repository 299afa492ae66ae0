// The page of examples/head as its script builds it, in a folder that goes away, and what its figures are in Node.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rowsOf, type Sentences } from '../../../examples/head/page/data.ts';
import { missing } from '../../missing.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const folder = 'examples/head/encoder';
const { dependencies } = JSON.parse(readFileSync(at(`${folder}/package.json`), 'utf8'));

/** Whether the encoder is installed. */
export const isThere = Object.keys(dependencies).every((name) =>
  existsSync(at(`${folder}/node_modules/${name}`)),
);
if (!isThere) {
  const install = `npm ci --prefix ${folder}`;
  missing({ what: 'examples/head', why: 'its encoder is not installed', install });
}

export const sentences = JSON.parse(readFileSync(at('examples/head/sentences.json'), 'utf8')) as Sentences;

export function buildPage() {
  const out = mkdtempSync(join(tmpdir(), 'simdloss-head-'));
  const args = ['--import', 'tsx', at('examples/head/build.ts'), '--out', out];
  execFileSync(process.execPath, args, { cwd: at(''), stdio: 'pipe' });
  const bytes = readFileSync(join(out, 'embeddings.f32'));
  return {
    folder: out,
    rows: rowsOf(sentences, new Float32Array(Uint8Array.from(bytes).buffer)),
    remove: () => rmSync(out, { recursive: true }),
  };
}
