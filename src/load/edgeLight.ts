// 'simdloss' under the condition edge-light: Vercel compiles modules when they are deployed, and may forbid it later. The
// relaxed module is left out: a host that lacks its opcodes (Node 20) would refuse the whole function.
import { JsBackend } from '../js/backend.ts';
import module from '../simdloss.wasm?module';
import { atHand, type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';

export * from './public.ts';

const entry = {
  module: () => module,
  moduleSync: () => module,
  js: atHand(JsBackend),
  parts: 'workers are not available here',
};

export const load: Load = loadOf(entry);
export const loadSync: LoadSync = loadSyncOf(entry);
