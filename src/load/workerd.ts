// 'simdloss' under the condition workerd: Cloudflare Workers compile modules when they are deployed and never from bytes.
// The relaxed module is left out, as everything that is imported is deployed: whoever wants it gives it.
import { JsBackend } from '../js/backend.ts';
import module from '../simdloss.wasm';
import { atHand, type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';

export * from './public.ts';

const entry = {
  module: () => module,
  moduleSync: () => module,
  js: atHand(JsBackend),
  // there is a node:worker_threads, but its Worker only throws
  parts: 'workers are not available here',
};

export const load: Load = loadOf(entry);
export const loadSync: LoadSync = loadSyncOf(entry);
