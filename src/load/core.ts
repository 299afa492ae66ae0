// 'simdloss/core': no module of its own; the js backend and threads on demand.
import { expected } from '../errors.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';
import { js, parts } from './onDemand.ts';

export * from './public.ts';

const none = (): never =>
  expected('ERR_TYPE', 'module', 'a WebAssembly.Module, bytes, a URL or a Response', 'undefined');

const entry = { module: none, relaxed: undefined, moduleSync: none, js, parts };

/** `load` of 'simdloss', with `options.module` given. */
export const load: Load = loadOf(entry);
/** `loadSync` of 'simdloss', with `options.module` given. */
export const loadSync: LoadSync = loadSyncOf(entry);
