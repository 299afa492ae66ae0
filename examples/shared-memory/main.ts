// Two modules on one memory, in two threads: a model elsewhere, its loss here, and nothing copied between them.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { load } from 'simdloss';
import { loadDatasets } from '../train/data.ts';
import { axpyModule } from './axpy.ts';
import type { ModelData } from './model.js';
import { DONE, MODEL, pass, wait } from './turn.js';

const STEPS = 50;
const { train, features, outputs: classes } = loadDatasets().digits;
const { rows } = train;

// the memory is ours: the model's part from 0 on, then the region of simdloss
const at = { turn: 0, x: 64, weights: 0, logits: 0 };
at.weights = at.x + 4 * rows * features;
at.logits = at.weights + 4 * features * classes;
const base = at.logits + 4 * rows * classes;
const size = 2 ** 20;
const pages = Math.ceil((base + size) / 65536);
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
new Float32Array(memory.buffer, at.x, train.x.length).set(train.x);

const F = await load({ memory: { memory, base, size } });
const logits = F.attach(at.logits, [rows, classes]); // the model's bytes, as a tensor
const gradient = F.zeros([rows, classes]); // our tensor, whose address the model is told
const labels = F.tensor(train.y as Int32Array, [rows]);
const step = F.crossEntropy.prepare(logits, labels, { out: gradient });

const data: ModelData = {
  ...{ memory, module: axpyModule(), rows, features, classes, rate: 0.1 },
  at: { ...at, gradient: gradient.byteOffset },
};
const worker = new Worker(new URL('model.js', import.meta.url), { workerData: data });
// a thread that sleeps answers nobody: sleep when the other has all that it needs from us
await once(worker, 'message');

const turn = new Int32Array(memory.buffer, at.turn, 1);
for (let i = 0; i <= STEPS; i++) {
  wait(turn, MODEL);
  const loss = step(); // reads what the model wrote, writes what it will read
  if (i % 10 === 0) console.log(`step ${String(i).padStart(3)}  loss ${loss.toFixed(4)}`);
  pass(turn, i === STEPS ? DONE : MODEL);
}
worker.on('exit', () => F.dispose());
