// Errors of the vector math over all 2^32 floats, and over a sample of the f64, against the bounds in its doc comments:
//   npx tsx scripts/exhaustive.ts [--samples N] [--relaxed] [function…]      a function: "exp", or one of its forms, "exp.flush"
// --relaxed: with fused multiply-add, for engines that have it (Node from 22 on: node --import tsx scripts/exhaustive.ts).
// N f64 inputs a form, 1e7 unless told. Ends with status 1 where a bound is exceeded or a special value is wrong.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { SingleBar } from 'cli-progress';
import { type Bound, readBounds } from '../test/math/bounds.ts';
import { compileMath } from '../test/math/module.ts';
import {
  BLOCK,
  broken,
  consecutive,
  type Found,
  merge,
  nothing,
  Sweep,
  sampler,
} from '../test/math/sweep.ts';

const WORKERS = 2;
// Node 20 gives a worker none of its parent's loaders, so it must register the one for TypeScript itself.
const BOOT = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})
  .then(({ register }) => register())
  .then(() => import(${JSON.stringify(import.meta.url)}));`;
const BLOCKS_BETWEEN_REPORTS = 64;

interface Task {
  module: WebAssembly.Module;
  bounds: Bound[];
  worker: number;
  blocks: number;
}

function work({ module, bounds, worker, blocks }: Task): void {
  const sweep = new Sweep(module, bounds);
  const { x, name, dtype } = sweep.kernel;
  const fill = sampler(name, 20 + worker);
  const first = Math.ceil((worker * blocks) / WORKERS);
  const end = Math.ceil(((worker + 1) * blocks) / WORKERS);
  for (let block = first; block < end; block++) {
    if (dtype === 'f32') consecutive(x, block * BLOCK);
    else fill(x);
    sweep.block();
    if ((block - first) % BLOCKS_BETWEEN_REPORTS === 0) parentPort!.postMessage(BLOCKS_BETWEEN_REPORTS);
  }
  parentPort!.postMessage(sweep.found);
}

function sweepOf(module: WebAssembly.Module, bounds: Bound[], samples: number): Promise<Found> {
  const inputs = bounds[0].dtype === 'f32' ? 2 ** 32 : samples;
  const blocks = Math.ceil(inputs / BLOCK);
  const bar = new SingleBar({
    format: `${bounds[0].name} ${bounds[0].dtype} {bar} {percentage} %`,
    clearOnComplete: true,
  });
  bar.start(blocks, 0);
  const half = (worker: number) =>
    new Promise<Found>((resolve, reject) => {
      const workerData: Task = { module, bounds, worker, blocks };
      new Worker(BOOT, { eval: true, workerData })
        .on('message', (message: number | Found) => {
          if (typeof message === 'number') bar.increment(message);
          else resolve(message);
        })
        .on('error', reject);
    });
  return Promise.all(Array.from({ length: WORKERS }, (_, worker) => half(worker))).then((halves) => {
    bar.stop();
    return halves.reduce(merge, nothing(bounds));
  });
}

/** The shortest decimal that reads back as this number of the dtype. */
function decimal(value: number, dtype: Bound['dtype']): string {
  if (dtype === 'f64') return String(value);
  let digits = 1;
  while (Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
  return String(Number(value.toPrecision(digits)));
}

/** Prints what was found; whether it keeps the bounds. */
function report(bounds: Bound[], found: Found): boolean {
  bounds.forEach(({ name, dtype, low, high }, i) => {
    const { ulps, at } = found.worst[i];
    const range = `[${low}, ${high}]`.replaceAll('Infinity', 'inf');
    console.log(`${name} ${dtype} on ${range}: ${ulps.toFixed(4)} ULP at ${decimal(at, dtype)}`);
  });
  const share = ((100 * found.misrounded) / found.tested).toFixed(2);
  console.log(`  ${found.tested} inputs, ${share} % misrounded, ${found.wrong} wrong specials`);
  const lines = broken(bounds, found);
  for (const line of lines) console.log(`  ${line}`);
  return lines.length === 0;
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const option = words.indexOf('--samples');
  const samples = option < 0 ? 1e7 : Number(words.splice(option, 2)[1]);
  if (!(samples > 0)) throw new Error('--samples takes a number');
  const relaxed = words.includes('--relaxed');
  if (relaxed) words.splice(words.indexOf('--relaxed'), 1);
  const every = readBounds();
  const known = (word: string) => every.some(({ name }) => name === word || name.startsWith(`${word}.`));
  const unknown = words.find((word) => !known(word));
  if (unknown) throw new Error(`no function "${unknown}"`);
  const chosen = every.filter(
    ({ name }) => words.length === 0 || words.some((word) => name === word || name.startsWith(`${word}.`)),
  );
  const module = await compileMath([...new Set(chosen.map(({ name }) => name))], relaxed);
  const sweeps = new Set(chosen.map(({ name, dtype }) => `${name} ${dtype}`));
  let kept = true;
  for (const one of sweeps) {
    const bounds = chosen.filter(({ name, dtype }) => `${name} ${dtype}` === one);
    kept = report(bounds, await sweepOf(module, bounds, samples)) && kept;
  }
  process.exitCode = kept ? 0 : 1;
}

if (isMainThread) main();
else work(workerData as Task);
