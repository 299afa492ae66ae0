// What entries for the edge have: a module that is compiled when it is deployed, and no workers. The relaxed module is left out, as
// everything that is imported is deployed: whoever wants it gives it.
import { JsBackend } from '../js/backend.ts';
import type { Entry } from './load.ts';
import { atHand } from './supply.ts';

export const edge = (module: WebAssembly.Module): Entry => ({
  module: () => module,
  relaxed: undefined,
  moduleSync: () => module,
  js: atHand(JsBackend),
  parts: 'workers are not available here',
});
