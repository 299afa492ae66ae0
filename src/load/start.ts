// From modules to an instance: what all entries have in common.
import { fail } from '../errors.ts';
import type { About } from '../functions.ts';
import type { JsBackend } from '../js/backend.ts';
import { BufferArena, LinearArena } from '../memory/arena.ts';
import type { Host } from '../plan/step.ts';
import { WasmBackend } from '../wasm/backend.ts';
import type { KernelExports } from '../wasm/generated/exports.ts';
import {
  compile,
  compileSync,
  instantiate,
  instantiateSync,
  isModule,
  type ModuleSource,
} from '../wasm/instantiate.ts';
import type { Parts } from '../wasm/parts.ts';
import { withSharedMemory } from '../wasm/shared.ts';
import { isShared, type Settings } from './options.ts';
import { bytesOf, isBuffer } from './source.ts';

export type Awaitable<T> = T | PromiseLike<T>;

/** Code that not every user needs: an entry has it at hand, or brings it when it is asked for. */
export interface Supply<T> {
  get(): Awaitable<T>;
  /** At once, or an error that says why not. */
  getSync(): T;
}

export const atHand = <T>(it: T): Supply<T> => ({ get: () => it, getSync: () => it });

/** What an entry has beside modules; all else is the same for all of them. */
export interface Platform {
  readonly js: Supply<typeof JsBackend>;
  /** What cuts calls for workers; or why there are no threads, whatever the platform may look like. */
  readonly parts: Supply<typeof Parts> | string;
}

/** Makes the functions of an instance. */
export type Create<F> = (host: Host, about: About) => F;

/** An instance with what these modules have, all on one memory. */
export async function start<F>(
  { parts: supply }: Platform,
  sources: readonly ModuleSource[],
  settings: Settings,
  create: Create<F>,
): Promise<F> {
  const arena = arenaOf(settings);
  const { memory } = arena;
  const inMemory = async (all: readonly ModuleSource[]): Promise<KernelExports> =>
    merged(await Promise.all(all.map((source) => instantiate(source, memory))));
  if (!isShared(memory)) return wasm(await inMemory(sources), arena, create);
  const modules = await Promise.all(sources.map(async (source) => compile(await sharedSource(source))));
  const exports = await inMemory(modules);
  if (settings.threads === 1) return wasm(exports, arena, create);
  const Cutter = await (supply as Supply<typeof Parts>).get();
  const parts = Cutter.start(modules, exports, arena, settings.threads, settings.worker);
  try {
    await parts.pool.ready;
  } catch (cause) {
    parts.pool.dispose();
    if (settings.threadsAreOptional) return wasm(exports, arena, create);
    fail('ERR_UNSUPPORTED', `workers could not be started here (${(cause as Error)?.message})`, cause);
  }
  return wasm(exports, arena, create, parts);
}

/** The same at once. */
export function startSync<F>(
  { parts: supply }: Platform,
  sources: readonly (WebAssembly.Module | BufferSource)[],
  settings: Settings,
  create: Create<F>,
): F {
  const arena = arenaOf(settings);
  const { memory } = arena;
  const inMemory = (all: readonly (WebAssembly.Module | BufferSource)[]): KernelExports =>
    merged(all.map((source) => instantiateSync(source, memory)));
  if (!isShared(memory)) return wasm(inMemory(sources), arena, create);
  const modules = sources.map((source) =>
    isModule(source) ? source : compileSync(withSharedMemory(bytesOf(source))),
  );
  const exports = inMemory(modules);
  if (settings.threads === 1) return wasm(exports, arena, create);
  const Cutter = (supply as Supply<typeof Parts>).getSync();
  const parts = Cutter.start(modules, exports, arena, settings.threads, settings.worker);
  // a worker that cannot be started leaves its work to the others
  parts.pool.ready.catch(() => {});
  return wasm(exports, arena, create, parts);
}

export const noThreads = ({ parts }: Platform): string | undefined =>
  typeof parts === 'string' ? parts : undefined;

export const js = <F>(Backend: typeof JsBackend, create: Create<F>): F =>
  create({ arena: new BufferArena(), backend: new Backend() }, { math: 'deterministic', threads: 1 });

const wasm = <F>(exports: KernelExports, arena: LinearArena, create: Create<F>, parts?: Parts): F =>
  create(
    { arena, backend: new WasmBackend(exports, arena, parts) },
    { math: exports.fused() ? 'relaxed' : 'deterministic', threads: parts?.pool.threads ?? 1 },
  );

/** All that the modules have. What one has too, another may have instead: they are cut from one. */
const merged = (instances: readonly KernelExports[]): KernelExports =>
  instances.length === 1 ? instances[0] : Object.assign({}, ...instances);

function arenaOf({ memory, threads }: Settings): LinearArena {
  if ('memory' in memory)
    return new LinearArena(memory.memory, memory.base, memory.base + memory.size, false);
  let own: WebAssembly.Memory;
  try {
    own = new WebAssembly.Memory({ ...memory, shared: threads > 1 });
  } catch (cause) {
    return fail('ERR_MEMORY', `a memory of ${memory.initial} pages cannot be allocated`, cause);
  }
  return new LinearArena(own, 0, own.buffer.byteLength, true);
}

/** What is compiled for a shared memory; a module that is compiled already has to be one for it. */
async function sharedSource(source: ModuleSource): Promise<WebAssembly.Module | Uint8Array<ArrayBuffer>> {
  if (isModule(source)) return source;
  const bytes =
    ArrayBuffer.isView(source) || isBuffer(source)
      ? bytesOf(source as BufferSource)
      : new Uint8Array(await (source as Response).arrayBuffer());
  return withSharedMemory(bytes);
}
