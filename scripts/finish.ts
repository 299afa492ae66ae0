// Freezes the constants of modules that asc has compiled, and orders their functions. Runs in a Node without tsx, which would
// transform the megabytes of binaryen: 13 s of CPU time.
import { freeze } from './freeze.ts';
import { order } from './order.ts';

for (const path of process.argv.slice(2)) {
  freeze(path);
  order(path);
}
