// Freezes the constants of modules that asc has compiled, and orders their functions; with --parts those of what was cut from one. Runs
// in a Node without tsx, which would transform the megabytes of binaryen: 13 s of CPU time.
import { freeze } from './freeze.ts';
import { order } from './order.ts';

const [first, ...rest] = process.argv.slice(2);
const isPart = first === '--parts';
for (const path of isPart ? rest : [first, ...rest]) {
  if (!isPart) freeze(path);
  order(path, isPart);
}
