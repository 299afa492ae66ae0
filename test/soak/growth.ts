// Prints by how many bytes the heap grows under 8000 calls of each loss ('wasm', 'js') or 600 instances ('loads').
import { load } from '../../src/index.ts';
import { booksOf, soakCalls } from './calls.ts';
import { heapAfterGc } from './gauge.ts';
import { loadOnce } from './loads.ts';

export const CALLS = 8000;
export const LOADS = 600;

/** The heap once what loading the modules began has ended. */
async function settledHeap(): Promise<number> {
  let heap = heapAfterGc();
  for (let still = 0, i = 0; still < 5 && i < 100; i++) {
    await new Promise((done) => setTimeout(done, 20));
    const now = heapAfterGc();
    still = Math.abs(now - heap) < 1024 ? still + 1 : 0;
    heap = now;
  }
  return heap;
}

async function ofLoads(): Promise<number> {
  const cycle = async () => {
    for (let i = 0; i < LOADS; i++) await loadOnce();
  };
  await cycle();
  const heap = await settledHeap();
  await cycle();
  return (await settledHeap()) - heap;
}

async function ofCalls(backend: 'wasm' | 'js'): Promise<number> {
  const F = await load({ backend });
  const calls = soakCalls(F);
  const round = (n: number) => {
    for (const { run } of calls) for (let i = 0; i < n; i++) run(i);
  };
  round(2000);
  const books = booksOf(F);
  const heap = await settledHeap();
  round(CALLS);
  const growth = (await settledHeap()) - heap;
  if (booksOf(F) !== books) throw new Error(`${books} became ${booksOf(F)}`);
  return growth;
}

const kind = process.argv[2];
if (kind === 'loads') console.log(await ofLoads());
else if (kind === 'wasm' || kind === 'js') console.log(await ofCalls(kind));
