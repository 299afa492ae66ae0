import { fail } from '../errors.ts';
import { createFunctions } from '../everything.ts';
import type { LossFunctions } from '../functions.ts';
import { named } from '../given.ts';
import { type Compilable, hasRelaxed, type Source } from '../wasm/instantiate.ts';
import { type LoadOptions, type Settings, settingsOf } from './options.ts';
import { sourceFrom, sourceOf } from './source.ts';
import { js, type Platform, start, startSync, threadsOf, withWasm, withWasmSync } from './start.ts';

/** Where an entry of the package takes the whole module from. */
export interface Entry extends Platform {
  /** The deterministic module. */
  module(): Source | PromiseLike<Source>;
  /** The relaxed one, which is not taken along before it is asked for; left out where nothing comes on demand. */
  readonly relaxed: (() => Source | PromiseLike<Source>) | undefined;
  /** The deterministic module at once, or an error that says why not. */
  moduleSync(): Compilable;
}

export type Load = (options?: LoadOptions) => Promise<LossFunctions>;
export type LoadSync = (options?: LoadOptions) => LossFunctions;

export const loadOf = (entry: Entry): Load =>
  named('load', async (options) => {
    const settings = settingsOf(options, threadsOf(entry));
    if (settings.backend === 'js') return js(await entry.js.get(), createFunctions);
    return withWasm(entry, async () => {
      const { module } = settings;
      if (module !== undefined) return start(entry, [await sourceOf(module)], settings, createFunctions);
      if (takesRelaxed(entry, settings)) {
        const F = await start(entry, [await entry.relaxed!()], settings, createFunctions);
        if (F.math === 'relaxed') return F;
        // relaxed math that is not fused is no faster: then the deterministic module serves better
        F.dispose();
      }
      return start(entry, [await entry.module()], settings, createFunctions);
    });
  });

export const loadSyncOf = (entry: Entry): LoadSync =>
  named('loadSync', (options) => {
    const settings = settingsOf(options, threadsOf(entry));
    if (settings.backend === 'js') return js(entry.js.getSync(), createFunctions);
    return withWasmSync(entry, () => {
      if (takesRelaxed(entry, settings)) {
        fail('ERR_UNSUPPORTED', 'loadSync has the relaxed module at hand only if it is given as "module"');
      }
      const source =
        settings.module === undefined
          ? entry.moduleSync()
          : sourceFrom(settings.module, 'a WebAssembly.Module or bytes for loadSync');
      return startSync(entry, [source], settings, createFunctions);
    });
  });

const takesRelaxed = (entry: Entry, { math, module }: Settings): boolean =>
  module === undefined && math === 'relaxed' && entry.relaxed !== undefined && hasRelaxed();
