// npm run generate: writes what follows from the registry and the ABI: sources, which git ignores, and documents or parts of them.
// `--check` writes nothing, and fails where something is not so.
import { apiSource } from './generate/api.ts';
import { comingFromSource } from './generate/comingFrom.ts';
import { evaluatingSource } from './generate/evaluating.ts';
import { lossesSource } from './generate/losses.ts';
import { readmeSource } from './generate/readme.ts';
import { sources } from './generate/sources.ts';
import { sqlSource } from './generate/sql.ts';
import { trainingSource } from './generate/training.ts';
import { withSources } from './generate/types.ts';
import { stale, write } from './generate/write.ts';

const documents = () => ({
  'README.md': readmeSource(),
  'docs/coming-from.md': comingFromSource(),
  'docs/evaluating.md': evaluatingSource(),
  'docs/sql.md': sqlSource(),
  'docs/training.md': trainingSource(),
  ...withSources((types) => ({ 'docs/losses.md': lossesSource(types), 'docs/api.md': apiSource(types) })),
});

if (process.argv.includes('--check')) {
  for (const path of stale({ ...sources(), ...documents() })) {
    console.error(`${path} is not what the registry says: run npm run generate`);
    process.exitCode = 1;
  }
} else {
  // the documents are of what these declare, too
  write(sources());
  write({ ...sources(), ...documents() });
}
