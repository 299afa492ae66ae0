// 'simdloss' under the condition workerd: Cloudflare Workers compile modules when they are deployed and never from bytes. There
// is a node:worker_threads, but its Worker only throws.
import module from '../simdloss.wasm';
import { edge } from './edge.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';

export * from './public.ts';

const entry = edge(module);

export const load: Load = loadOf(entry);
export const loadSync: LoadSync = loadSyncOf(entry);
