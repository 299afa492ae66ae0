import { fail, type LossError } from '../errors.ts';
import { bare } from '../given.ts';
import type { JsBackend } from '../js/backend.ts';
import { createFunctions, type LossFunctions } from '../losses/functions.ts';
import { BufferArena, LinearArena } from '../memory/arena.ts';
import { WasmBackend } from '../wasm/backend.ts';
import type { KernelExports } from '../wasm/exports.ts';
import {
  type Compilable,
  compile,
  compileSync,
  hasRelaxed,
  instantiate,
  instantiateStreaming,
  isFused,
  isModule,
  messageOf,
  NoWasm,
  requireSimd,
  type Source,
} from '../wasm/instantiate.ts';
import type { Parts } from '../wasm/parts.ts';
import { withSharedMemory } from '../wasm/shared.ts';
import { isShared, type LoadOptions, MAX_PAGES, type Pages, type Settings, settingsOf } from './options.ts';
import { bytesOf, isResponse, sourceFrom, sourceOf } from './source.ts';
import type { Supply } from './supply.ts';

type Awaitable<T> = T | PromiseLike<T>;

/** Where an entry of the package takes things from; all else is the same for all of them. */
export interface Entry {
  /** The deterministic module. */
  module(): Awaitable<Source>;
  /** The relaxed one, which is not taken along before it is asked for; left out where nothing comes on demand. */
  readonly relaxed: (() => Awaitable<Source>) | undefined;
  /** The deterministic module at once, or an error that says why not. */
  moduleSync(): Compilable;
  readonly js: Supply<typeof JsBackend>;
  /** What cuts calls for workers; or why there are no threads, whatever the platform may look like. */
  readonly parts: Supply<typeof Parts> | string;
}

export type Load = (options?: LoadOptions) => Promise<LossFunctions>;
export type LoadSync = (options?: LoadOptions) => LossFunctions;

export const loadOf =
  (entry: Entry): Load =>
  async (options) => {
    const asked = settingsOf(options, noThreads(entry));
    if (asked.backend === 'js') return js(await entry.js.get());
    try {
      return await loadWasm(entry, asked);
    } catch (error) {
      if (!(error instanceof NoWasm)) throw error;
      let hasJs = true;
      try {
        await entry.js.get();
      } catch {
        hasJs = false;
      }
      return without(error, hasJs);
    }
  };

export const loadSyncOf =
  (entry: Entry): LoadSync =>
  (options) => {
    const asked = settingsOf(options, noThreads(entry));
    if (asked.backend === 'js') return js(entry.js.getSync());
    try {
      return loadWasmSync(entry, asked);
    } catch (error) {
      if (!(error instanceof NoWasm)) throw error;
      let hasJs = true;
      try {
        entry.js.getSync();
      } catch {
        hasJs = false;
      }
      return without(error, hasJs);
    }
  };

/** What helps where there is no WebAssembly is said only where it does: where the js backend is at hand, or has come. */
const without = ({ message, cause }: NoWasm, hasJs: boolean): never =>
  fail(
    'ERR_UNSUPPORTED',
    `${message}; ${hasJs ? "load({ backend: 'js' }) works without it" : "simdloss/complete has backend 'js' at hand, which works without it"}`,
    cause,
  );

async function loadWasm(entry: Entry, asked: Settings): Promise<LossFunctions> {
  requireSimd();
  const source = await (asked.module === undefined ? ownSource(entry, asked) : sourceOf(asked.module));
  let settings = fitting(asked, source);
  let Cutter: typeof Parts | undefined;
  if (settings.threads > 1) {
    try {
      Cutter = await partsOf(entry).get();
    } catch (error) {
      settings = alone(settings, error);
    }
  }
  const arena = arenaOf(settings);
  let { module, exports } = await instanceOf(source, arena.memory);
  if (!isAsWanted(entry, settings, exports)) {
    ({ module, exports } = await instanceOf(await entry.module(), arena.memory));
  }
  if (Cutter === undefined || !isShared(arena.memory)) return wasm(exports, arena);
  let parts: Parts | undefined;
  try {
    parts = Cutter.start(module!, exports, arena, settings.threads, settings.worker);
    await parts.pool.ready;
  } catch (cause) {
    parts?.pool.dispose();
    const { code } = cause as Partial<LossError>;
    if (settings.threadsAreOptional && code !== 'ERR_TYPE') return wasm(exports, arena);
    if (code !== undefined) throw cause;
    fail('ERR_UNSUPPORTED', `workers could not be started here (${messageOf(cause)})`, cause);
  }
  return wasm(exports, arena, parts);
}

function loadWasmSync(entry: Entry, asked: Settings): LossFunctions {
  requireSimd();
  if (takesRelaxed(entry, asked)) {
    fail('ERR_UNSUPPORTED', 'loadSync has the relaxed module at hand only if it is given as "module"');
  }
  const source =
    asked.module === undefined
      ? entry.moduleSync()
      : sourceFrom(asked.module, 'a WebAssembly.Module or bytes for loadSync');
  let settings = fitting(asked, source);
  let Cutter: typeof Parts | undefined;
  if (settings.threads > 1) {
    try {
      Cutter = partsOf(entry).getSync();
    } catch (error) {
      settings = alone(settings, error);
    }
  }
  const arena = arenaOf(settings);
  const module = compileSync(forMemory(source, arena.memory));
  const exports = instantiate(module, arena.memory);
  if (Cutter === undefined || !isShared(arena.memory)) return wasm(exports, arena);
  const parts = Cutter.start(module!, exports, arena, settings.threads, settings.worker);
  // a worker that cannot be started leaves its work to the others
  parts.pool.ready.catch(() => {});
  return wasm(exports, arena, parts);
}

const noThreads = ({ parts }: Entry): string | undefined => (typeof parts === 'string' ? parts : undefined);

/** Settings ask for threads only where an entry has them. */
const partsOf = ({ parts }: Entry): Supply<typeof Parts> => parts as Supply<typeof Parts>;

/** One thread, as others cannot be had: where that will do. */
function alone(settings: Settings, error: unknown): Settings {
  if (!settings.threadsAreOptional) throw error;
  return { ...settings, threads: 1 };
}

const js = (Backend: typeof JsBackend): LossFunctions => {
  const arena = new BufferArena();
  return createFunctions({ arena, backend: new Backend() }, { math: 'deterministic', threads: 1 });
};

const wasm = (exports: KernelExports, arena: LinearArena, parts?: Parts): LossFunctions =>
  createFunctions(
    { arena, backend: new WasmBackend(exports, arena, parts) },
    {
      math: isFused(exports) ? 'relaxed' : 'deterministic',
      get threads() {
        return parts?.pool.alive ?? 1;
      },
    },
  );

const takesRelaxed = (entry: Entry, { math, module }: Settings): boolean =>
  module === undefined && math === 'relaxed' && entry.relaxed !== undefined && hasRelaxed();

/** Relaxed math that is not fused is no faster: then the deterministic module serves better. */
const isAsWanted = (entry: Entry, settings: Settings, exports: KernelExports): boolean =>
  !takesRelaxed(entry, settings) || isFused(exports);

/** A compiled module has its kind of memory: one for a memory of its own leaves 'auto' at one thread. */
function fitting(settings: Settings, source: Source): Settings {
  if (settings.threads === 1 || !settings.threadsAreOptional || !isModule(source)) return settings;
  try {
    instantiate(source, memoryOf({ initial: 1, maximum: 1 }, true));
    return settings;
  } catch {
    return { ...settings, threads: 1 };
  }
}

function arenaOf({ region, pages, threads, threadsAreOptional }: Settings): LinearArena {
  if (region !== undefined) {
    return new LinearArena(region.memory, region.base, region.base + region.size, false);
  }
  let own: WebAssembly.Memory;
  try {
    own = memoryOf(pages, threads > 1);
  } catch (error) {
    if (threads === 1 || !threadsAreOptional) throw error;
    own = memoryOf(pages, false);
  }
  return new LinearArena(own, 0, own.buffer.byteLength, true);
}

/** With a smaller maximum than this a memory is hardly worth having. */
const LEAST_MAXIMUM = 256;

/**
 * A memory of an instance's own. Some engines set address space aside for all that a memory may grow to, and have less of it
 * than 4 GiB (Safari on iOS, for shared ones): where nobody asked for a maximum, a smaller one will do.
 */
function memoryOf({ initial, maximum }: Pages, shared: boolean): WebAssembly.Memory {
  let most = maximum ?? MAX_PAGES;
  for (;;) {
    try {
      return new WebAssembly.Memory(bare({ initial, maximum: most, shared }));
    } catch (cause) {
      if (maximum !== undefined || most / 2 < Math.max(initial, LEAST_MAXIMUM)) {
        return fail('ERR_MEMORY', `a memory of ${initial} to ${most} pages cannot be allocated`, cause);
      }
      most /= 2;
    }
  }
}

const ownSource = (entry: Entry, settings: Settings): Awaitable<Source> =>
  takesRelaxed(entry, settings) ? entry.relaxed!() : entry.module();

/** A module that is compiled already has to be one for the memory's kind. */
const forMemory = (source: Compilable, memory: WebAssembly.Memory): Compilable =>
  isShared(memory) && !isModule(source) ? withSharedMemory(source) : source;

interface Instance {
  /** Left out where it is not needed. */
  readonly module?: WebAssembly.Module;
  readonly exports: KernelExports;
}

async function instanceOf(source: Source, memory: WebAssembly.Memory): Promise<Instance> {
  let given = source;
  if (isResponse(given)) {
    const exports = isShared(memory) ? undefined : await instantiateStreaming(given, memory);
    if (exports !== undefined) return { exports };
    given = await bytesOf(given);
  }
  const module = await compile(forMemory(given, memory));
  return { module, exports: instantiate(module, memory) };
}
