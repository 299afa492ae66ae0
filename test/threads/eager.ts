// Instances whose calls are cut however short they are, so that small tensors go through the threads.
import type { KernelCall } from '../../src/call.ts';
import { createFunctions } from '../../src/everything.ts';
import type { LossFunctions } from '../../src/functions.ts';
import { LinearArena } from '../../src/memory/arena.ts';
import type { WorkerFactory } from '../../src/threads/platform.ts';
import { ourWorker } from '../../src/threads/start.ts';
import { WasmBackend } from '../../src/wasm/backend.ts';
import { inlineModule } from '../../src/wasm/generated/inline.ts';
import { instantiate } from '../../src/wasm/instantiate.ts';
import { Parts } from '../../src/wasm/parts.ts';
import { withSharedMemory } from '../../src/wasm/shared.ts';
import { bindInTiles } from '../../src/wasm/tiledCall.ts';

const module = new WebAssembly.Module(withSharedMemory(inlineModule()));

export interface Eager {
  readonly F: LossFunctions;
  readonly parts: Parts;
  readonly memory: WebAssembly.Memory;
}

/** Every call is cut into as many as `chunks` chunks. `region` takes the end of a memory from its base on. */
export async function eager(
  threads: number,
  chunks: number,
  worker: WorkerFactory = ourWorker,
  deadline?: number,
  region?: { readonly memory: WebAssembly.Memory; readonly base: number },
): Promise<Eager> {
  const memory = region?.memory ?? new WebAssembly.Memory({ initial: 16, maximum: 4096, shared: true });
  const arena = new LinearArena(
    memory,
    region?.base ?? 0,
    memory.buffer.byteLength,
    region === undefined ? 65536 : 0,
  );
  const exports = instantiate(module, memory);
  const parts = Parts.start([module], exports, arena, threads, worker, deadline);
  // nothing is left whole, as everywhere
  const value = (_: KernelCall, total: number): number => (total === 0 ? 1 : chunks);
  Object.defineProperty(parts, 'chunks', { value, configurable: true });
  await parts.pool.ready;
  const backend = new WasmBackend(exports, arena, parts, bindInTiles);
  return { F: createFunctions({ arena, backend }, { math: 'deterministic', threads }), parts, memory };
}
