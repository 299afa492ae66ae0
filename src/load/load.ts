import { expected, fail, show } from '../errors.ts';
import { JsBackend } from '../js/backend.ts';
import { createFunctions, type LossFunctions } from '../losses/functions.ts';
import { BufferArena, LinearArena } from '../memory/arena.ts';
import { WasmBackend } from '../wasm/backend.ts';
import type { KernelExports } from '../wasm/exports.ts';
import { inlineModule } from '../wasm/inline.ts';
import { instantiate, instantiateSync, type ModuleSource, requireSimd } from '../wasm/instantiate.ts';
import { type LoadOptions, type Settings, settingsOf } from './options.ts';
import { fetchModule } from './source.ts';

/**
 * Makes an instance: the losses on a memory of their own. Instances share nothing.
 *
 * Throws ERR_UNSUPPORTED where WebAssembly, its SIMD or compiling is not to be had (backend 'js' works there),
 * ERR_OPTION and ERR_TYPE for options that don't fit, ERR_MEMORY where the memory is too small.
 * @example const F = await load();
 */
export async function load(options?: LoadOptions): Promise<LossFunctions> {
  const settings = settingsOf(options);
  if (settings.backend === 'js') return js();
  requireSimd();
  const arena = arenaOf(settings);
  return wasm(await instantiate(await sourceOf(settings.module), arena.memory), arena);
}

/** The same at once, for a module or bytes at hand (or the module inside this package). */
export function loadSync(options?: LoadOptions): LossFunctions {
  const settings = settingsOf(options);
  if (settings.backend === 'js') return js();
  requireSimd();
  const { module = inlineModule() } = settings;
  if (!(module instanceof WebAssembly.Module) && !ArrayBuffer.isView(module) && !isBuffer(module)) {
    expected('ERR_TYPE', 'module', 'a WebAssembly.Module or bytes for loadSync', show(module));
  }
  const arena = arenaOf(settings);
  return wasm(instantiateSync(module as WebAssembly.Module | BufferSource, arena.memory), arena);
}

const js = (): LossFunctions => {
  const arena = new BufferArena();
  return createFunctions({ arena, backend: new JsBackend() }, { math: 'deterministic', threads: 1 });
};

const wasm = (exports: KernelExports, arena: LinearArena): LossFunctions =>
  createFunctions({ arena, backend: new WasmBackend(exports, arena) }, { math: 'deterministic', threads: 1 });

function arenaOf({ memory }: Settings): LinearArena {
  if ('memory' in memory)
    return new LinearArena(memory.memory, memory.base, memory.base + memory.size, false);
  let own: WebAssembly.Memory;
  try {
    own = new WebAssembly.Memory(memory);
  } catch (cause) {
    return fail('ERR_MEMORY', `a memory of ${memory.initial} pages cannot be allocated`, cause);
  }
  return new LinearArena(own, 0, own.buffer.byteLength, true);
}

async function sourceOf(module: LoadOptions['module']): Promise<ModuleSource> {
  if (module === undefined) return inlineModule();
  if (typeof module === 'string' || module instanceof URL) return fetchModule(module);
  return module;
}

const isBuffer = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object ArrayBuffer]';
