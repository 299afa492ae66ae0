// From modules in any form to an instance, with threads or without.
import { fail } from '../errors.ts';
import { read } from '../given.ts';
import type { JsBackend } from '../js/backend.ts';
import { BufferArena } from '../memory/arena.ts';
import { type Threads, threadsHere } from '../threads/platform.ts';
import type { KernelExports } from '../wasm/generated/exports.ts';
import {
  type Compilable,
  compile,
  compileSync,
  instantiate,
  instantiateStreaming,
  isModule,
  messageOf,
  NoWasm,
  requireSimd,
  type Source,
} from '../wasm/instantiate.ts';
import type { Parts } from '../wasm/parts.ts';
import { withSharedMemory } from '../wasm/shared.ts';
import { bindInTiles } from '../wasm/tiledCall.ts';
import { arenaOf, type Create, memoryOf, merged, wasm } from './instance.ts';
import { isShared, type Settings } from './options.ts';
import { bytesOf, isResponse } from './source.ts';
import type { Supply } from './supply.ts';

/** What an entry has beside modules; all else is the same for all of them. */
export interface Platform {
  readonly js: Supply<typeof JsBackend>;
  /** What cuts calls for workers; or why there are no threads, whatever the platform may look like. */
  readonly parts: Supply<typeof Parts> | string;
}

/** Does what takes WebAssembly, or says what helps where there is none. */
export async function withWasm<F>({ js }: Platform, make: () => Promise<F>): Promise<F> {
  try {
    requireSimd();
    return await make();
  } catch (error) {
    if (!(error instanceof NoWasm)) throw error;
    let hasJs = true;
    try {
      await js.get();
    } catch {
      hasJs = false;
    }
    return without(error, hasJs);
  }
}

/** The same at once. */
export function withWasmSync<F>({ js }: Platform, make: () => F): F {
  try {
    requireSimd();
    return make();
  } catch (error) {
    if (!(error instanceof NoWasm)) throw error;
    let hasJs = true;
    try {
      js.getSync();
    } catch {
      hasJs = false;
    }
    return without(error, hasJs);
  }
}

/** Backend js is recommended only where it is at hand, or has come. */
const without = ({ message, cause }: NoWasm, hasJs: boolean): never =>
  fail(
    'ERR_UNSUPPORTED',
    `${message}; ${hasJs ? "load({ backend: 'js' }) works without it" : "simdloss/complete has backend 'js' at hand, which works without it"}`,
    cause,
  );

/** An instance with what these modules have, all on one memory. */
export async function start<F>(
  platform: Platform,
  sources: readonly Source[],
  asked: Settings,
  create: Create<F>,
): Promise<F> {
  let settings = fitting(asked, sources);
  let Cutter: typeof Parts | undefined;
  if (settings.threads > 1) {
    try {
      Cutter = await partsOf(platform).get();
    } catch (error) {
      settings = alone(settings, error);
    }
  }
  const arena = arenaOf(settings);
  const { memory } = arena;
  const instances = await Promise.all(sources.map((source) => instanceOf(source, memory)));
  const exports = merged(instances.map(({ exports }) => exports));
  if (Cutter === undefined || !isShared(memory)) return wasm(exports, arena, create, bindInTiles);
  let parts: Parts | undefined;
  try {
    const modules = instances.map(({ module }) => module!);
    parts = Cutter.start(modules, exports, arena, settings.threads, settings.worker);
    await parts.pool.ready;
  } catch (cause) {
    parts?.pool.dispose();
    const code = read(Object(cause), 'code');
    if (settings.threadsAreOptional && code !== 'ERR_TYPE') return wasm(exports, arena, create, bindInTiles);
    if (code !== undefined) throw cause;
    fail('ERR_UNSUPPORTED', `workers could not be started here (${messageOf(cause, 164)})`, cause);
  }
  return wasm(exports, arena, create, bindInTiles, parts);
}

/** The same at once. */
export function startSync<F>(
  platform: Platform,
  sources: readonly Compilable[],
  asked: Settings,
  create: Create<F>,
): F {
  let settings = fitting(asked, sources);
  let Cutter: typeof Parts | undefined;
  if (settings.threads > 1) {
    try {
      Cutter = partsOf(platform).getSync();
    } catch (error) {
      settings = alone(settings, error);
    }
  }
  const arena = arenaOf(settings);
  const { memory } = arena;
  const modules = sources.map((source) => compileSync(forMemory(source, memory)));
  const exports = merged(modules.map((module) => instantiate(module, memory)));
  if (Cutter === undefined || !isShared(memory)) return wasm(exports, arena, create, bindInTiles);
  const parts = Cutter.start(modules, exports, arena, settings.threads, settings.worker);
  // a worker that cannot be started leaves its work to the others
  parts.pool.ready.catch(() => {});
  return wasm(exports, arena, create, bindInTiles, parts);
}

export const threadsOf = ({ parts }: Platform): Threads =>
  typeof parts === 'string' ? () => parts : threadsHere;

/** Settings ask for threads only where an entry has them. */
const partsOf = ({ parts }: Platform): Supply<typeof Parts> => parts as Supply<typeof Parts>;

/** One thread, as others cannot be had: where that will do. */
function alone(settings: Settings, error: unknown): Settings {
  if (!settings.threadsAreOptional) throw error;
  return { ...settings, threads: 1 };
}

/** A compiled module has its kind of memory: one for a memory of its own leaves 'auto' at one thread. */
function fitting(settings: Settings, sources: readonly Source[]): Settings {
  const modules = sources.filter(isModule);
  if (settings.threads === 1 || !settings.threadsAreOptional || modules.length === 0) return settings;
  try {
    const memory = memoryOf({ initial: 1, maximum: 1 }, true);
    for (const module of modules) instantiate(module, memory);
    return settings;
  } catch {
    return { ...settings, threads: 1 };
  }
}

export const js = <F>(Backend: typeof JsBackend, create: Create<F>): F =>
  create({ arena: new BufferArena(), backend: new Backend() }, { math: 'deterministic', threads: 1 });

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

/** A module that is compiled already has to be one for the memory's kind. */
const forMemory = (source: Compilable, memory: WebAssembly.Memory): Compilable =>
  isShared(memory) && !isModule(source) ? withSharedMemory(source) : source;
