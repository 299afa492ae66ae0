// The modules stand in the code as text, so that nothing has to be found, fetched or allowed; the relaxed one on demand.
import { onDemand } from './supply.ts';

const { get } = onDemand(
  'the relaxed module',
  async () => (await import('../wasm/generated/inlineRelaxed.ts')).inlineModule(),
  'give "module" simdloss/simdloss.relaxed.wasm, by URL or bytes',
);
export const relaxed = get;
