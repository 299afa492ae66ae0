// 'simdloss' in browsers and wherever else no condition says more: the js backend, threads and relaxed math on demand.
import { inlineModule } from '../wasm/generated/inline.ts';
import { relaxed } from './inline.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';
import { js, parts } from './onDemand.ts';

export * from './public.ts';

const entry = { module: inlineModule, relaxed, moduleSync: inlineModule, js, parts };

export const load: Load = loadOf(entry);
export const loadSync: LoadSync = loadSyncOf(entry);
