import { expected, fail, show } from '../errors.ts';
import { JsBackend } from '../js/backend.ts';
import { createFunctions, type LossFunctions } from '../losses/functions.ts';
import { BufferArena, LinearArena } from '../memory/arena.ts';
import { ourWorker } from '../threads/start.ts';
import { WasmBackend } from '../wasm/backend.ts';
import type { KernelExports } from '../wasm/exports.ts';
import { inlineModule } from '../wasm/inline.ts';
import {
  compile,
  compileSync,
  hasRelaxed,
  instantiate,
  instantiateSync,
  type ModuleSource,
  requireSimd,
} from '../wasm/instantiate.ts';
import { Parts } from '../wasm/parts.ts';
import { withSharedMemory } from '../wasm/shared.ts';
import { isShared, type LoadOptions, type Settings, settingsOf } from './options.ts';
import { bytesOf, fetchModule } from './source.ts';

/**
 * Makes an instance: the losses on a memory of their own. Instances share nothing.
 *
 * Throws ERR_UNSUPPORTED where WebAssembly, its SIMD, compiling or the threads asked for are not to be had (backend 'js'
 * works there), ERR_OPTION and ERR_TYPE for options that don't fit, ERR_MEMORY where the memory is too small.
 * @example const F = await load();
 */
export async function load(options?: LoadOptions): Promise<LossFunctions> {
  const settings = settingsOf(options);
  if (settings.backend === 'js') return js();
  requireSimd();
  const arena = arenaOf(settings);
  const { memory } = arena;
  if (!isShared(memory)) {
    const exports = await instantiate(await sourceOf(settings), memory);
    return wasm(isAsWanted(settings, exports) ? exports : await instantiate(inlineModule(), memory), arena);
  }
  let module = await compile(await sharedSource(await sourceOf(settings)));
  let exports = await instantiate(module, memory);
  if (!isAsWanted(settings, exports)) {
    module = await compile(withSharedMemory(inlineModule()));
    exports = await instantiate(module, memory);
  }
  if (settings.threads === 1) return wasm(exports, arena);
  const parts = Parts.start(module, exports, arena, settings.threads, settings.worker ?? ourWorker);
  try {
    await parts.pool.ready;
  } catch (cause) {
    parts.pool.dispose();
    if (settings.threadsAreOptional) return wasm(exports, arena);
    fail('ERR_UNSUPPORTED', `workers could not be started here (${(cause as Error)?.message})`, cause);
  }
  return wasm(exports, arena, parts);
}

/**
 * The same at once, for a module or bytes at hand (or the deterministic module inside this package). Workers take part as
 * soon as they have started.
 */
export function loadSync(options?: LoadOptions): LossFunctions {
  const settings = settingsOf(options);
  if (settings.backend === 'js') return js();
  requireSimd();
  if (settings.math === 'relaxed' && settings.module === undefined && hasRelaxed()) {
    fail('ERR_UNSUPPORTED', 'loadSync has the relaxed module at hand only if it is given as "module"');
  }
  const { module = inlineModule() } = settings;
  if (!(module instanceof WebAssembly.Module) && !ArrayBuffer.isView(module) && !isBuffer(module)) {
    expected('ERR_TYPE', 'module', 'a WebAssembly.Module or bytes for loadSync', show(module));
  }
  const source = module as WebAssembly.Module | BufferSource;
  const arena = arenaOf(settings);
  if (!isShared(arena.memory)) return wasm(instantiateSync(source, arena.memory), arena);
  const shared =
    source instanceof WebAssembly.Module ? source : compileSync(withSharedMemory(bytesOf(source)));
  const exports = instantiateSync(shared, arena.memory);
  if (settings.threads === 1) return wasm(exports, arena);
  const parts = Parts.start(shared, exports, arena, settings.threads, settings.worker ?? ourWorker);
  // a worker that cannot be started leaves its work to the others
  parts.pool.ready.catch(() => {});
  return wasm(exports, arena, parts);
}

const js = (): LossFunctions => {
  const arena = new BufferArena();
  return createFunctions({ arena, backend: new JsBackend() }, { math: 'deterministic', threads: 1 });
};

const wasm = (exports: KernelExports, arena: LinearArena, parts?: Parts): LossFunctions =>
  createFunctions(
    { arena, backend: new WasmBackend(exports, arena, parts) },
    { math: exports.fused() ? 'relaxed' : 'deterministic', threads: parts?.pool.threads ?? 1 },
  );

/** Relaxed math that is not fused is no faster: then the deterministic module serves better. */
const isAsWanted = ({ math, module }: Settings, exports: KernelExports): boolean =>
  module !== undefined || math === 'deterministic' || exports.fused() !== 0;

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

async function sourceOf({ module, math }: Settings): Promise<ModuleSource> {
  if (module === undefined) {
    if (math === 'deterministic' || !hasRelaxed()) return inlineModule();
    return (await import('../wasm/inlineRelaxed.ts')).inlineModule();
  }
  if (typeof module === 'string' || module instanceof URL) return fetchModule(module);
  return module;
}

/** What is compiled for a shared memory; a module that is compiled already has to be one for it. */
async function sharedSource(source: ModuleSource): Promise<WebAssembly.Module | Uint8Array<ArrayBuffer>> {
  if (source instanceof WebAssembly.Module) return source;
  const bytes =
    ArrayBuffer.isView(source) || isBuffer(source)
      ? bytesOf(source as BufferSource)
      : new Uint8Array(await (source as Response).arrayBuffer());
  return withSharedMemory(bytes);
}

const isBuffer = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object ArrayBuffer]';
