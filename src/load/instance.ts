// From what modules export to an instance: what all entries have in common.
import { noRoom } from '../errors.ts';
import type { About } from '../functions.ts';
import { bare } from '../given.ts';
import { LinearArena } from '../memory/arena.ts';
import type { Host } from '../plan/step.ts';
import { WasmBackend } from '../wasm/backend.ts';
import type { KernelExports } from '../wasm/generated/exports.ts';
import { isFused } from '../wasm/instantiate.ts';
import type { Parts } from '../wasm/parts.ts';
import type { Bind } from '../wasm/space.ts';
import { MAX_PAGES, type Pages, type Settings } from './options.ts';

/** Makes the functions of an instance. */
export type Create<F> = (host: Host, about: About) => F;

export const wasm = <F>(
  exports: KernelExports,
  arena: LinearArena,
  create: Create<F>,
  inTiles?: Bind,
  parts?: Parts,
): F =>
  create(
    { arena, backend: new WasmBackend(exports, arena, parts, inTiles) },
    {
      math: isFused(exports) ? 'relaxed' : 'deterministic',
      get threads() {
        return parts?.pool.alive ?? 1;
      },
    },
  );

/** All that the modules have, be there any. What one has too, another may have instead: they are cut from one. */
export const merged = (all: readonly KernelExports[]): KernelExports =>
  all.length === 1 ? all[0] : Object.assign(bare({ fused: () => 0 }), ...all);

export function arenaOf({ region, pages, threads, threadsAreOptional }: Settings): LinearArena {
  if (region !== undefined) {
    return new LinearArena(region.memory, region.base, region.base + region.size);
  }
  let own: WebAssembly.Memory;
  try {
    own = memoryOf(pages, threads > 1);
  } catch (error) {
    if (threads === 1 || !threadsAreOptional) throw error;
    own = memoryOf(pages, false);
  }
  return new LinearArena(own, 0, own.buffer.byteLength, pages.maximum ?? MAX_PAGES);
}

/** With a smaller maximum than this a memory is hardly worth having. */
const LEAST_MAXIMUM = 256;

/**
 * A memory of an instance's own. Some engines set address space aside for all that a memory may grow to, and have less of it
 * than 4 GiB (Safari on iOS, for shared ones): where nobody asked for a maximum, a smaller one will do.
 */
export function memoryOf({ initial, maximum }: Pages, shared: boolean): WebAssembly.Memory {
  const least = maximum ?? Math.max(initial, LEAST_MAXIMUM);
  for (let most = maximum ?? MAX_PAGES; ; most = Math.max(most / 2, least)) {
    try {
      return new WebAssembly.Memory(bare({ initial, maximum: most, shared }));
    } catch (cause) {
      if (most > least) continue;
      const kind = shared ? 'shared memory' : 'memory';
      return noRoom(`a ${kind} of ${initial} to ${most} pages: backend 'js' of simdloss needs none`, cause);
    }
  }
}
