import { expected, fail, show } from '../errors.ts';
import { has, kindOf, read } from '../given.ts';
import type { Url, WasmMemory } from '../globals.ts';
import { checkNames, isObject } from '../options/names.ts';
import type { Threads, WorkerFactory } from '../threads/platform.ts';
import type { ModuleSource } from '../wasm/instantiate.ts';

/** How an instance is loaded. */
export interface LoadOptions {
  /**
   * 'wasm' (default; React Native has 'js' alone), or 'js': plain TypeScript where WebAssembly is forbidden, and the rival in
   * the bench.
   */
  backend?: 'wasm' | 'js' | undefined;
  /**
   * 'relaxed' uses fused multiply-add where a probe finds that the engine has it, else the deterministic module;
   * `F.math` tells. A given `module` is used as it is. Default 'deterministic'.
   */
  math?: 'deterministic' | 'relaxed' | undefined;
  /**
   * How many threads work on a call, the calling one included; default 1. Calls stay synchronous, and their bits are the
   * same for any number; small ones stay on the calling thread. Needs shared memory and workers (a page: cross-origin
   * isolation), else ERR_UNSUPPORTED; 'auto' takes what the platform allows, at most 8.
   */
  threads?: number | 'auto' | undefined;
  /**
   * The compiled module, its bytes, a URL or a Response to take it from; default: the one inside this package. 'simdloss/core'
   * has none.
   */
  module?: ModuleSource | Url | string | PromiseLike<ModuleSource | Url | string> | undefined;
  /**
   * Pages of 64 KiB of a memory of its own, or a region of bytes of a memory that belongs to someone else (shared, where
   * there are threads).
   */
  memory?: MemoryOption | undefined;
  /** Makes a worker that runs 'simdloss/worker', for pages whose Content Security Policy forbids ours. */
  worker?: (() => unknown) | undefined;
}
export type MemoryOption = { initial?: number | undefined; maximum?: number | undefined } | Region;
/** Bytes of a memory that others use, too. */
export type Region = { memory: WasmMemory; base: number; size: number };
/** The size of a memory; with no maximum the instance takes what it gets. */
export interface Pages {
  readonly initial: number;
  readonly maximum: number | undefined;
}

export const OPTIONS = ['backend', 'math', 'threads', 'module', 'memory', 'worker'] as const;
export const MAX_PAGES = 65536;

/** Checked, with the defaults filled in. */
export interface Settings {
  readonly backend: 'wasm' | 'js';
  readonly math: 'deterministic' | 'relaxed';
  readonly threads: number;
  /** Whether fewer threads will do where workers cannot be started. */
  readonly threadsAreOptional: boolean;
  readonly worker: WorkerFactory | undefined;
  readonly module: LoadOptions['module'];
  /** Where it has no memory of its own. */
  readonly region: Region | undefined;
  readonly pages: Pages;
}

/**
 * `threadsHere`: what an entry has of them; `noWasm`: why it has the js backend alone, which is the default then; `known`: its
 * options.
 */
export function settingsOf(
  options: LoadOptions = {},
  threadsHere: Threads = () => 1,
  noWasm?: string,
  known: readonly string[] = OPTIONS,
): Settings {
  if (!isObject(options)) expected('ERR_TYPE', 'options', 'an object', show(options));
  checkNames(options, '', known);
  const usual = noWasm === undefined ? 'wasm' : 'js';
  const { backend = usual, math = 'deterministic', threads = 1, module, memory, worker } = readAll(options);
  if (backend !== 'wasm' && backend !== 'js')
    expected('ERR_OPTION', 'backend', "'wasm' or 'js'", show(backend));
  if (math !== 'deterministic' && math !== 'relaxed') {
    expected('ERR_OPTION', 'math', "'deterministic' or 'relaxed'", show(math));
  }
  if (threads !== 'auto' && (!Number.isInteger(threads) || threads < 1)) {
    expected('ERR_OPTION', 'threads', "a positive integer or 'auto'", show(threads));
  }
  if (worker !== undefined && typeof worker !== 'function')
    expected('ERR_TYPE', 'worker', 'a function', show(worker));
  if (noWasm !== undefined && (backend === 'wasm' || math === 'relaxed')) fail('ERR_UNSUPPORTED', noWasm);
  if (backend === 'js' && (module !== undefined || memory !== undefined)) {
    fail('ERR_OPTION', `"${module !== undefined ? 'module' : 'memory'}" needs backend 'wasm'`);
  }
  const settings = {
    backend,
    math,
    module,
    ...memoryOf(memory),
    worker: worker as WorkerFactory | undefined,
  };
  return { ...settings, ...threadsOf(threads, settings, threadsHere) };
}

const readAll = (options: LoadOptions): LoadOptions =>
  Object.fromEntries(OPTIONS.map((name) => [name, read(options, name)]));

function threadsOf(
  threads: number | 'auto',
  { backend, region, worker }: Pick<Settings, 'backend' | 'region' | 'worker'>,
  threadsHere: Threads,
): Pick<Settings, 'threads' | 'threadsAreOptional'> {
  const auto = threads === 'auto';
  if (threads === 1) return { threads, threadsAreOptional: true };
  const foreign = region !== undefined && !isShared(region.memory);
  const here = backend === 'js' ? 'the js backend has one thread' : threadsHere(worker);
  const isHere = typeof here === 'number';
  if (isHere && foreign && !auto) {
    expected('ERR_OPTION', 'memory.memory', 'a shared memory, as there are threads', 'one that is not');
  }
  if (!isHere && !auto) fail('ERR_UNSUPPORTED', `${threads} threads: ${here}`);
  if (!auto) return { threads, threadsAreOptional: false };
  return { threads: isHere && !foreign ? here : 1, threadsAreOptional: true };
}

export const isShared = ({ buffer }: WebAssembly.Memory): boolean => kindOf(buffer) === 'SharedArrayBuffer';

function memoryOf(memory: unknown): Pick<Settings, 'region' | 'pages'> {
  const pages: Pages = { initial: 2, maximum: undefined };
  if (memory === undefined) return { region: undefined, pages };
  if (!isObject(memory)) expected('ERR_TYPE', 'memory', 'an object', show(memory));
  const isRegion = has(memory, 'memory');
  checkNames(memory, 'memory.', isRegion ? ['memory', 'base', 'size'] : ['initial', 'maximum']);
  const integer = (name: string, low: number, high: number): number | undefined => {
    const value = read(memory, name);
    if (value === undefined && !isRegion) return undefined;
    if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
      expected('ERR_OPTION', `memory.${name}`, `an integer from ${low} to ${high}`, show(value));
    }
    return value as number;
  };
  if (!isRegion) {
    const maximum = integer('maximum', 1, MAX_PAGES);
    const least = Math.min(pages.initial, maximum ?? MAX_PAGES);
    const initial = integer('initial', 0, maximum ?? MAX_PAGES) ?? least;
    return { region: undefined, pages: { initial, maximum } };
  }
  const owner = read(memory, 'memory') as WebAssembly.Memory;
  const bytes = bytesOf(owner);
  if (bytes === undefined) expected('ERR_TYPE', 'memory.memory', 'a WebAssembly.Memory', show(owner));
  const base = integer('base', 0, bytes) as number;
  return { region: { memory: owner, base, size: integer('size', 0, bytes - base) as number }, pages };
}

/** Undefined where it is no memory, but a proxy of one or what only says so. */
function bytesOf(memory: WebAssembly.Memory): number | undefined {
  try {
    return kindOf(memory) === 'WebAssembly.Memory' ? memory.buffer.byteLength : undefined;
  } catch {
    return undefined;
  }
}
