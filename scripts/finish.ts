// Freezes the constants of modules that asc has compiled, and orders their functions; with --parts those of what was cut from one. Runs
// in a Node without tsx, which would transform the megabytes of binaryen: 13 s of CPU time.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { freeze } from './freeze.ts';
import { order } from './order.ts';

/** Modules whose order was searched for. */
const SEARCHED = ['simdloss.wasm', 'simdloss.relaxed.wasm'];

const [first, ...rest] = process.argv.slice(2);
const isPart = first === '--parts';
for (const path of isPart ? rest : [first, ...rest]) {
  if (!isPart) freeze(path);
  const isSearched = SEARCHED.includes(basename(path));
  order(path, isPart, isSearched ? readFileSync('scripts/order.txt', 'utf8').trimEnd().split('\n') : []);
}
