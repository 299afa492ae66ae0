// The js backend and threads for entries that are to be small: they are taken along when they are asked for.
import { fail } from '../errors.ts';
import type { JsBackend } from '../js/backend.ts';
import type { Parts } from '../wasm/parts.ts';
import type { Supply } from './start.ts';

const later = (what: string) => (): never =>
  fail('ERR_UNSUPPORTED', `${what} come on demand here, which takes load instead of loadSync`);

export const js: Supply<typeof JsBackend> = {
  get: async () => (await import('../js/backend.ts')).JsBackend,
  getSync: later("the loops of backend 'js'"),
};
export const parts: Supply<typeof Parts> = {
  get: async () => (await import('../wasm/parts.ts')).Parts,
  getSync: later('threads'),
};
