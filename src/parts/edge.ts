// The same where modules are compiled when they are deployed: without the js backend and threads.
import { fail } from '../errors.ts';
import {
  type LoadParts,
  type LoadPartsSync,
  loadPartsOf,
  loadPartsSyncOf,
  type PartPlatform,
} from './start.ts';

export * from '../load/public.ts';

const none = (): never =>
  fail('ERR_UNSUPPORTED', "backend 'js' is not in simdloss/losses here, but in simdloss");

const platform: PartPlatform = {
  open: (module) => module as WebAssembly.Module,
  js: { get: none, getSync: none },
  parts: 'workers are not available here',
};

export const load: LoadParts = loadPartsOf(platform);
export const loadSync: LoadPartsSync = loadPartsSyncOf(platform);
