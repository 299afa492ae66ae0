import { expected, fail, show } from '../errors.ts';
import { createFunctions } from '../everything.ts';
import type { LossFunctions } from '../functions.ts';
import {
  hasRelaxed,
  instantiateSync,
  isModule,
  type ModuleSource,
  requireSimd,
} from '../wasm/instantiate.ts';
import { type LoadOptions, type Settings, settingsOf } from './options.ts';
import { fetchModule, isBuffer } from './source.ts';
import { type Awaitable, js, noThreads, type Platform, start, startSync } from './start.ts';

/** Where an entry of the package takes the whole module from. */
export interface Entry extends Platform {
  /** The deterministic module. */
  module(): Awaitable<ModuleSource>;
  /** The relaxed one, which is not taken along before it is asked for; left out where nothing comes on demand. */
  relaxed?(): Awaitable<ModuleSource>;
  /** The deterministic module at once, or an error that says why not. */
  moduleSync(): WebAssembly.Module | BufferSource;
}

export type Load = (options?: LoadOptions) => Promise<LossFunctions>;
export type LoadSync = (options?: LoadOptions) => LossFunctions;

export const loadOf =
  (entry: Entry): Load =>
  async (options) => {
    const asked = settingsOf(options, noThreads(entry));
    if (asked.backend === 'js') return js(await entry.js.get(), createFunctions);
    requireSimd();
    const source = await sourceOf(entry, asked);
    const settings = fitting(asked, source);
    const F = await start(entry, [source], settings, createFunctions);
    if (!takesRelaxed(entry, asked) || F.math === 'relaxed') return F;
    // relaxed math that is not fused is no faster: then the deterministic module serves better
    F.dispose();
    return start(entry, [await entry.module()], settings, createFunctions);
  };

export const loadSyncOf =
  (entry: Entry): LoadSync =>
  (options) => {
    const asked = settingsOf(options, noThreads(entry));
    if (asked.backend === 'js') return js(entry.js.getSync(), createFunctions);
    requireSimd();
    if (takesRelaxed(entry, asked)) {
      fail('ERR_UNSUPPORTED', 'loadSync has the relaxed module at hand only if it is given as "module"');
    }
    const { module = entry.moduleSync() } = asked;
    if (!isModule(module) && !ArrayBuffer.isView(module) && !isBuffer(module)) {
      expected('ERR_TYPE', 'module', 'a WebAssembly.Module or bytes for loadSync', show(module));
    }
    const source = module as WebAssembly.Module | BufferSource;
    return startSync(entry, [source], fitting(asked, source), createFunctions);
  };

const takesRelaxed = (entry: Entry, { math, module }: Settings): boolean =>
  module === undefined && math === 'relaxed' && entry.relaxed !== undefined && hasRelaxed();

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

async function sourceOf(entry: Entry, settings: Settings): Promise<ModuleSource> {
  const { module } = settings;
  if (module === undefined) return takesRelaxed(entry, settings) ? entry.relaxed!() : entry.module();
  if (typeof module === 'string' || module instanceof URL) return fetchModule(module);
  return module;
}
