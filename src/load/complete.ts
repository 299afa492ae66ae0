// 'simdloss' in Node, Bun and Deno, where size hardly matters: all is at hand.
import { JsBackend } from '../js/backend.ts';
import { inlineModule } from '../wasm/generated/inlinePlain.ts';
import { Parts } from '../wasm/parts.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';
import { atHand } from './supply.ts';

export * from './public.ts';

const entry = {
  module: inlineModule,
  // in the file like all else; in the repository it need not have been built
  relaxed: async () => (await import('../wasm/generated/inlineRelaxed.ts')).inlineModule(),
  moduleSync: inlineModule,
  js: atHand(JsBackend),
  parts: atHand(Parts),
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
 * soon as they have started. In browsers it has neither threads nor backend 'js', which `load` brings on demand there:
 * ERR_UNSUPPORTED.
 */
export const loadSync: LoadSync = loadSyncOf(entry);
