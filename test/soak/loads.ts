import { readFileSync } from 'node:fs';
import { load } from '../../src/index.ts';

const module = new WebAssembly.Module(readFileSync(new URL('../../build/simdloss.wasm', import.meta.url)));

/** Loads, uses and disposes one instance. */
export async function loadOnce(): Promise<void> {
  const F = await load({ module, memory: { initial: 1, maximum: 4 } });
  const x = F.tensor(Float32Array.of(1, 2, 3));
  F.mse.prepare(x, new Float32Array(3))();
  F.softmax(F.zeros([30, 3]));
  F.dispose();
}
