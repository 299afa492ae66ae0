// 'simdloss': the deterministic module stands in the code as text, so that nothing has to be found, fetched or allowed.
import { JsBackend } from '../js/backend.ts';
import { inlineModule } from '../wasm/inline.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';

export * from './public.ts';

const entry = {
  module: inlineModule,
  relaxed: async () => (await import('../wasm/inlineRelaxed.ts')).inlineModule(),
  moduleSync: inlineModule,
  js: () => JsBackend,
  jsSync: () => JsBackend,
};

/**
 * Makes an instance: the losses on a memory of their own. Instances share nothing.
 *
 * Throws ERR_UNSUPPORTED where WebAssembly, its SIMD, compiling or the threads asked for are not to be had (backend 'js'
 * works there), ERR_OPTION and ERR_TYPE for options that don't fit, ERR_MEMORY where the memory is too small.
 * @example const F = await load();
 */
export const load: Load = loadOf(entry);
/**
 * The same at once, for a module or bytes at hand (or the deterministic module inside this package). Workers take part as
 * soon as they have started.
 */
export const loadSync: LoadSync = loadSyncOf(entry);
