// 'simdloss' in browsers and wherever else no condition says more: the js backend, threads and relaxed math on demand.
import { modules } from './inline.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';
import * as onDemand from './onDemand.ts';

export * from './public.ts';

const entry = { ...modules, ...onDemand };

export const load: Load = loadOf(entry);
export const loadSync: LoadSync = loadSyncOf(entry);
