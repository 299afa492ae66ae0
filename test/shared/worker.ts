// The worker's side: an instance of its own, and somebody else's module, on the memory that it is given.
import { type LossFunctions, load } from 'simdloss';
import { digest, losses, withoutRoom } from './batch.ts';
import type { Question, Reply } from './peer.ts';

/** Where a batch lies in the memory. */
export interface Addresses {
  logits: number;
  labels: number;
  gradient: number;
  rows: number;
  classes: number;
}

let F: LossFunctions;
let memory: WebAssembly.Memory;
let axpy: (to: number, from: number, scale: number, n: number) => void;

const tasks = {
  async start(given: {
    memory: WebAssembly.Memory;
    base: number;
    size: number;
    axpy: BufferSource;
    threads?: number;
  }) {
    memory = given.memory;
    F = await load({ memory: { memory, base: given.base, size: given.size } });
    const { instance } = await WebAssembly.instantiate(given.axpy, { env: { memory } });
    axpy = instance.exports.axpy as typeof axpy;
  },

  /** Loss and gradient of bytes that lie elsewhere in the memory. */
  loss({ logits, labels, gradient, rows, classes }: Addresses) {
    const shape = [rows, classes];
    return withoutRoom(F, () => {
      const out = F.attach(gradient, shape);
      return F.crossEntropy.valueAndGrad(F.attach(logits, shape), F.attach(labels, [rows], 'i32'), { out })
        .value;
    });
  },

  /** The same of copies of them, which there is no room for. */
  copies({ logits, labels, rows, classes }: Addresses) {
    const data = new Float32Array(memory.buffer, logits, rows * classes).slice();
    const indices = new Int32Array(memory.buffer, labels, rows).slice();
    try {
      return withoutRoom(F, () => F.crossEntropy({ data, shape: [rows, classes] }, indices));
    } catch (error) {
      return (error as { code?: string }).code;
    }
  },

  /** to += scale · from, by the other module. */
  axpy({ to, from, scale, n }: { to: number; from: number; scale: number; n: number }) {
    axpy(to, from, scale, n);
  },

  /** Losses of batches in the own region, while the page does the same in its. */
  work({ rounds }: { rounds: number }) {
    return losses(F, rounds);
  },

  /** Overwrites labels with what is none, and back, until a word says that it is enough. */
  spoil({ labels, rows, stop }: { labels: number; rows: number; stop: number }) {
    const shared = new Int32Array(memory.buffer, labels, rows);
    const word = new Int32Array(memory.buffer, stop, 1);
    const good = shared.slice();
    let rounds = 0;
    Atomics.store(word, 0, 1);
    while (Atomics.load(word, 0) === 1) {
      const at = (rounds * 7919) % rows;
      Atomics.store(shared, at, rounds % 3 === 0 ? 2 ** 30 : -5);
      Atomics.store(shared, at, good[at]);
      rounds++;
    }
    shared.set(good);
    return rounds;
  },

  /** The memory's size as this side sees it, before and after growing it. */
  grow({ pages }: { pages: number }) {
    const before = memory.buffer.byteLength;
    memory.grow(pages);
    return [before, memory.buffer.byteLength];
  },

  digest({ at, length }: { at: number; length: number }) {
    return digest(new Float32Array(memory.buffer, at, length));
  },

  stop(_: undefined) {
    F.dispose();
  },
};
export type Tasks = typeof tasks;

type Parent = { postMessage(reply: Reply): void; onmessage: ((event: { data: Question }) => void) | null };
type NodeProcess = { getBuiltinModule?(name: 'node:worker_threads'): { parentPort: Parent | null } };
const { process } = globalThis as { process?: NodeProcess };
const parent: Parent =
  process?.getBuiltinModule?.('node:worker_threads').parentPort ?? (globalThis as unknown as Parent);

parent.onmessage = async ({ data: { id, task, argument } }) => {
  try {
    parent.postMessage({ id, result: await tasks[task](argument as never) });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    parent.postMessage({ id, error: `${code} ${message}` });
  }
};
