// The deterministic module stands in the code as text, so that nothing has to be found, fetched or allowed.
import { inlineModule } from '../wasm/inline.ts';

export const modules = {
  module: inlineModule,
  relaxed: async (): Promise<Uint8Array<ArrayBuffer>> =>
    (await import('../wasm/inlineRelaxed.ts')).inlineModule(),
  moduleSync: inlineModule,
};
