// 'simdloss' under the condition react-native: Hermes has no WebAssembly and Metro no import.meta, so that the js backend is all
// there is, in one file.
import { createFunctions } from '../everything.ts';
import { named } from '../given.ts';
import { JsBackend } from '../js/backend.ts';
import { BufferArena } from '../memory/arena.ts';
import type { Load, LoadSync } from './load.ts';
import { settingsOf } from './options.ts';

export * from './public.ts';

const NO_WASM =
  "backend 'wasm' and relaxed math are not available in React Native, which has no WebAssembly: load() has the js backend";

export const loadSync: LoadSync = named('loadSync', (options) => {
  settingsOf(options, undefined, NO_WASM);
  const instance = { arena: new BufferArena(), backend: new JsBackend() };
  return createFunctions(instance, { math: 'deterministic', threads: 1 });
});
export const load: Load = named('load', async (options) => loadSync(options));
