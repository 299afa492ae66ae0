// 'simdloss/url': the modules are files beside the code, which browsers compile while they arrive.
import { fail } from '../errors.ts';
import { type Load, type LoadSync, loadOf, loadSyncOf } from './load.ts';
import { js, parts } from './onDemand.ts';
import { fetchModule, readModule } from './source.ts';

export * from './public.ts';

// bundlers look for exactly these expressions
const url = () => known(() => new URL('../simdloss.wasm', import.meta.url));
const relaxedUrl = () => known(() => new URL('../simdloss.relaxed.wasm', import.meta.url));

/** The address of a module; code that does not know its own (a bundle for CommonJS) knows none. */
function known(address: () => URL): URL {
  try {
    return address();
  } catch (cause) {
    return fail(
      'ERR_UNSUPPORTED',
      'the address of the module is not known here: give it, or take simdloss',
      cause,
    );
  }
}

const entry = {
  module: () => fetchModule(url()),
  relaxed: () => fetchModule(relaxedUrl()),
  moduleSync: () => readModule(url()),
  js,
  parts,
};

/** `load` of 'simdloss'; reads or fetches the module. */
export const load: Load = loadOf(entry);
/** `loadSync` of 'simdloss', where files can be read at once. */
export const loadSync: LoadSync = loadSyncOf(entry);
