// npm run generate: writes what follows from the registry and the ABI: sources, which git ignores, and documents or parts of them.
// `--check` writes nothing, and fails where something is not so.
import { apiSource } from './generate/api.ts';
import { lossesSource } from './generate/losses.ts';
import { readmeSource } from './generate/readme.ts';
import { sources } from './generate/sources.ts';
import { stale, write } from './generate/write.ts';

const files = {
  ...sources(),
  'README.md': readmeSource(),
  'docs/losses.md': lossesSource(),
  'docs/api.md': apiSource(),
};

if (process.argv.includes('--check')) {
  for (const path of stale(files)) {
    console.error(`${path} is not what the registry says: run npm run generate`);
    process.exitCode = 1;
  }
} else write(files);
