import { expected, fail, show } from '../errors.ts';
import { createFunctions, type LossFunctions } from '../functions.ts';
import type { JsBackend } from '../js/backend.ts';
import { BufferArena, LinearArena } from '../memory/arena.ts';
import { WasmBackend } from '../wasm/backend.ts';
import type { KernelExports } from '../wasm/generated/exports.ts';
import {
  compile,
  compileSync,
  hasRelaxed,
  instantiate,
  instantiateSync,
  isModule,
  type ModuleSource,
  requireSimd,
} from '../wasm/instantiate.ts';
import type { Parts } from '../wasm/parts.ts';
import { withSharedMemory } from '../wasm/shared.ts';
import { isShared, type LoadOptions, type Settings, settingsOf } from './options.ts';
import { bytesOf, fetchModule } from './source.ts';

type Awaitable<T> = T | PromiseLike<T>;

/** Where an entry of the package takes things from; all else is the same for all of them. */
export interface Entry {
  /** The deterministic module. */
  module(): Awaitable<ModuleSource>;
  /** The relaxed one, which is not taken along before it is asked for; left out where nothing comes on demand. */
  relaxed?(): Awaitable<ModuleSource>;
  /** The deterministic module at once, or an error that says why not. */
  moduleSync(): WebAssembly.Module | BufferSource;
  readonly js: Supply<typeof JsBackend>;
  /** What cuts calls for workers; or why there are no threads, whatever the platform may look like. */
  readonly parts: Supply<typeof Parts> | string;
}

/** Code that not every user needs: an entry has it at hand, or brings it when it is asked for. */
export interface Supply<T> {
  get(): Awaitable<T>;
  /** At once, or an error that says why not. */
  getSync(): T;
}

export const atHand = <T>(it: T): Supply<T> => ({ get: () => it, getSync: () => it });

export type Load = (options?: LoadOptions) => Promise<LossFunctions>;
export type LoadSync = (options?: LoadOptions) => LossFunctions;

export const loadOf =
  (entry: Entry): Load =>
  async (options) => {
    const asked = settingsOf(options, noThreads(entry));
    if (asked.backend === 'js') return js(await entry.js.get());
    requireSimd();
    const source = await sourceOf(entry, asked);
    const settings = fitting(asked, source);
    const arena = arenaOf(settings);
    const { memory } = arena;
    if (!isShared(memory)) {
      const exports = await instantiate(source, memory);
      return wasm(
        isAsWanted(entry, settings, exports) ? exports : await instantiate(await entry.module(), memory),
        arena,
      );
    }
    let module = await compile(await sharedSource(source));
    let exports = await instantiate(module, memory);
    if (!isAsWanted(entry, settings, exports)) {
      module = await compile(await sharedSource(await entry.module()));
      exports = await instantiate(module, memory);
    }
    if (settings.threads === 1) return wasm(exports, arena);
    const Cutter = await partsOf(entry).get();
    const parts = Cutter.start(module, exports, arena, settings.threads, settings.worker);
    try {
      await parts.pool.ready;
    } catch (cause) {
      parts.pool.dispose();
      if (settings.threadsAreOptional) return wasm(exports, arena);
      fail('ERR_UNSUPPORTED', `workers could not be started here (${(cause as Error)?.message})`, cause);
    }
    return wasm(exports, arena, parts);
  };

export const loadSyncOf =
  (entry: Entry): LoadSync =>
  (options) => {
    const asked = settingsOf(options, noThreads(entry));
    if (asked.backend === 'js') return js(entry.js.getSync());
    requireSimd();
    if (takesRelaxed(entry, asked)) {
      fail('ERR_UNSUPPORTED', 'loadSync has the relaxed module at hand only if it is given as "module"');
    }
    const { module = entry.moduleSync() } = asked;
    if (!isModule(module) && !ArrayBuffer.isView(module) && !isBuffer(module)) {
      expected('ERR_TYPE', 'module', 'a WebAssembly.Module or bytes for loadSync', show(module));
    }
    const source = module as WebAssembly.Module | BufferSource;
    const settings = fitting(asked, source);
    const arena = arenaOf(settings);
    if (!isShared(arena.memory)) return wasm(instantiateSync(source, arena.memory), arena);
    const shared = isModule(source) ? source : compileSync(withSharedMemory(bytesOf(source)));
    const exports = instantiateSync(shared, arena.memory);
    if (settings.threads === 1) return wasm(exports, arena);
    const parts = partsOf(entry).getSync().start(shared, exports, arena, settings.threads, settings.worker);
    // a worker that cannot be started leaves its work to the others
    parts.pool.ready.catch(() => {});
    return wasm(exports, arena, parts);
  };

const noThreads = ({ parts }: Entry): string | undefined => (typeof parts === 'string' ? parts : undefined);

/** Settings ask for threads only where an entry has them. */
const partsOf = ({ parts }: Entry): Supply<typeof Parts> => parts as Supply<typeof Parts>;

const js = (Backend: typeof JsBackend): LossFunctions => {
  const arena = new BufferArena();
  return createFunctions({ arena, backend: new Backend() }, { math: 'deterministic', threads: 1 });
};

const wasm = (exports: KernelExports, arena: LinearArena, parts?: Parts): LossFunctions =>
  createFunctions(
    { arena, backend: new WasmBackend(exports, arena, parts) },
    { math: exports.fused() ? 'relaxed' : 'deterministic', threads: parts?.pool.threads ?? 1 },
  );

const takesRelaxed = (entry: Entry, { math, module }: Settings): boolean =>
  module === undefined && math === 'relaxed' && entry.relaxed !== undefined && hasRelaxed();

/** Relaxed math that is not fused is no faster: then the deterministic module serves better. */
const isAsWanted = (entry: Entry, settings: Settings, exports: KernelExports): boolean =>
  !takesRelaxed(entry, settings) || exports.fused() !== 0;

/** A compiled module has its kind of memory: one for a memory of its own leaves 'auto' at one thread. */
function fitting(settings: Settings, source: ModuleSource): Settings {
  if (settings.threads === 1 || !settings.threadsAreOptional || !isModule(source)) return settings;
  try {
    instantiateSync(source, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
    return settings;
  } catch {
    return { ...settings, threads: 1 };
  }
}

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

async function sourceOf(entry: Entry, settings: Settings): Promise<ModuleSource> {
  const { module } = settings;
  if (module === undefined) return takesRelaxed(entry, settings) ? entry.relaxed!() : entry.module();
  if (typeof module === 'string' || module instanceof URL) return fetchModule(module);
  return module;
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

const isBuffer = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object ArrayBuffer]';
