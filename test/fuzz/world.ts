// Instances for the fuzz: a region of a memory with someone else's bytes around it, and a memory that grows.
import { readFileSync } from 'node:fs';
import { type LossFunctions, loadSync, type Tensor } from '../../src/index.ts';
import type { World } from './blocks.ts';

const PAGE = 65536;
const bytes = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
const module = new WebAssembly.Module(bytes);
const BASE = 1000;
const TAIL = 8192;
const OUTSIDE = 0x5a;

export type WorldKind = 'region' | 'shared' | 'growing' | 'js';

export interface FuzzWorld extends World {
  readonly kind: WorldKind;
  /** Takes so much that this many bytes are left; the tensor that has the rest. */
  fill(left: number): Tensor | undefined;
  /** Whether the bytes beside the region are as they were; those of arrays at the end are not looked at. */
  outsideIntact(): boolean;
  /** Things that run out: a world that was used up is replaced. */
  uses: number;
}

const other = (): LossFunctions => loadSync({ module, memory: { initial: 1, maximum: 4096 } });
let shared: LossFunctions | undefined;

export function makeWorld(kind: WorldKind): FuzzWorld {
  shared ??= other();
  const G = shared;
  const always = { kind, G, uses: 0, outsideIntact: () => true, fill: () => undefined };
  if (kind === 'js') return { ...always, F: loadSync({ backend: 'js' }), tail: Number.POSITIVE_INFINITY };
  if (kind === 'growing') {
    const F = loadSync({ module, memory: { initial: 1, maximum: 4096 } });
    return { ...always, F, tail: Number.POSITIVE_INFINITY, fill: (left) => fillRegion(F, left) };
  }
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 4, shared: kind === 'shared' });
  // a shared memory that has grown has a buffer of before, over the same bytes
  const old = kind === 'shared' ? memory.buffer : undefined;
  if (old !== undefined) memory.grow(1);
  const whole = new Uint8Array(memory.buffer).fill(OUTSIDE);
  const tail = 3 * PAGE - TAIL;
  const F = loadSync({
    module: kind === 'shared' ? bytes : module,
    memory: { memory, base: BASE, size: tail - BASE },
  });
  return {
    ...always,
    F,
    tail,
    old,
    fill: (left) => fillRegion(F, left),
    outsideIntact: () => whole.subarray(0, BASE).every((b) => b === OUTSIDE),
  };
}

/** Makes the memory grow now rather than while a case puts its arrays there. */
export function makeRoom({ kind, F }: FuzzWorld): void {
  if (kind === 'growing') F.zeros([8 * PAGE], 'u8').dispose();
}

function fillRegion(F: LossFunctions, left: number): Tensor | undefined {
  const room = F.memory.capacity - F.memory.bytesInUse - left - 128;
  if (room <= 0) return undefined;
  // a tensor that an attack has disposed leaves a hole: what is free is then not in one piece
  for (let size = room; size > 64; size = Math.floor(size / 2)) {
    try {
      return F.zeros([size], 'u8');
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_MEMORY') throw error;
    }
  }
  return undefined;
}

const worlds = new Map<WorldKind, FuzzWorld>();
const USES = { region: 2000, shared: 2000, growing: 40, js: 2000 };

/** A world of this kind, used before or not. */
export function worldOf(kind: WorldKind): FuzzWorld {
  let world = worlds.get(kind);
  if (world === undefined || world.uses++ > USES[kind]) {
    world = makeWorld(kind);
    worlds.set(kind, world);
  }
  return world;
}

/** After a failure nothing of the old world is to be trusted. */
export function dropWorlds(): void {
  worlds.clear();
  shared = undefined;
}
