// Writes the files that follow from the registry and the ABI. Run by the build; `--check` fails when one is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { abiSource } from './generate/abi.ts';
import { exportsSource, exportTypesSource } from './generate/exports.ts';
import { jsSources } from './generate/js.ts';
import { lossesSource } from './generate/losses.ts';
import { readmeSource } from './generate/readme.ts';

const files: Record<string, string> = {
  'assembly/abi.ts': abiSource(),
  'assembly/exports.ts': exportsSource(),
  'src/wasm/exports.ts': exportTypesSource(),
  ...jsSources(),
  'README.md': readmeSource(),
  'docs/losses.md': lossesSource(),
};

const check = process.argv.includes('--check');
const root = new URL('../', import.meta.url);
let stale = 0;
for (const [path, wanted] of Object.entries(files)) {
  const url = new URL(path, root);
  let present = '';
  try {
    present = readFileSync(url, 'utf8');
  } catch {}
  if (present === wanted) continue;
  if (check) {
    console.error(`${path} is not what the registry says: run npm run generate`);
    stale++;
  } else {
    writeFileSync(url, wanted);
    console.log(`wrote ${path}`);
  }
}
process.exit(stale ? 1 : 0);
