// 'simdloss/core': no module of its own, and the js backend only where it is asked for.
import { expected } from '../errors.ts';
import { js, jsSync } from './demand.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';

export * from './public.ts';

const none = (): never =>
  expected('ERR_TYPE', 'module', 'a WebAssembly.Module, bytes, a URL or a Response', 'undefined');

const entry = { module: none, moduleSync: none, js, jsSync };

/** `load` of 'simdloss', with `options.module` given. */
export const load: Load = loadOf(entry);
/** `loadSync` of 'simdloss', with `options.module` given. */
export const loadSync: LoadSync = loadSyncOf(entry);
