// The js backend for entries that are to be small: it is taken along when it is asked for.
import { fail } from '../errors.ts';
import type { JsBackend } from '../js/backend.ts';

export const js = async (): Promise<typeof JsBackend> => (await import('../js/backend.ts')).JsBackend;

export const jsSync = (): never =>
  fail('ERR_UNSUPPORTED', "the js backend comes on demand here: load it, or take loadSync of 'simdloss'");
