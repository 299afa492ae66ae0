// npm run bench:tfjs: an epoch of TensorFlow.js with our cross entropy, with its own, and without a loss, in turn. Needs
// npm ci --prefix test/tfjs. --quick: fewer rounds, and nothing is written.

import { parseArgs } from 'node:util';
import { load } from 'simdloss';
import { type Backend, backends, tf, use } from '../../test/tfjs/tfjs.ts';
import { columns, digits } from '../format.ts';
import { machine } from '../machine.ts';
import { othersShare } from '../peers/busy.ts';
import { median, rounded } from '../statistics.ts';
import { makes } from './epoch.ts';
import { measure } from './measure.ts';
import { type TfjsResult, writeResults } from './results.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });

const sizes = [10, 1000, 10_000];
/** How often each is measured: on the cpu backend the four epochs of 10,000 classes take a minute. */
const ROUNDS: Record<Backend, Record<number, number>> = {
  cpu: { 10: 9, 1000: 3, 10000: 2 },
  wasm: { 10: 15, 1000: 9, 10000: 9 },
};

const F = await load();
const cases: TfjsResult[] = [];
const shares: number[] = [];
for (const backend of backends) {
  await use(backend);
  for (const classes of sizes) {
    shares.push(await othersShare());
    tf.engine().startScope();
    const rounds = options.quick ? 2 : ROUNDS[backend][classes];
    const measured = measure(F, classes, rounds);
    tf.engine().endScope();
    cases.push({ backend, classes, rounds, ...measured });
    console.log(`${backend}, ${classes} classes`);
    const rows = makes.map((make) => [
      `  ${make}`,
      digits(measured.epoch[make]),
      `${measured.ratio[make].toFixed(2)}×`,
    ]);
    console.log(columns([['', 'ms', 'ratio'], ...rows]));
  }
}

if (!options.quick) {
  writeResults({
    environment: {
      ...machine(),
      tfjs: tf.version_core,
      others: rounded(median(shares)),
    },
    cases,
  });
  console.log('written to bench/results/tfjs.json: npm run generate');
}
process.exit(0);
