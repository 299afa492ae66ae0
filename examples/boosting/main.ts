import { load } from 'simdloss';
import { table } from './table.ts';

const F = await load();
process.stdout.write(table(F));
F.dispose();
