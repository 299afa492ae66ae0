// 'simdloss' under the condition edge-light: Vercel compiles modules when they are deployed, and may forbid it later. A host that
// lacks relaxed opcodes (Node 20) would refuse a whole function that has them.
import module from '../simdloss.wasm?module';
import { edge } from './edge.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';

export * from './public.ts';

const entry = edge(module);

export const load: Load = loadOf(entry);
export const loadSync: LoadSync = loadSyncOf(entry);
