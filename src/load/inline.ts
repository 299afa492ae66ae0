// The modules stand in the code as text, so that nothing has to be found, fetched or allowed; the relaxed one on demand.
import { requireCompiler } from '../wasm/instantiate.ts';
import { onDemand } from './supply.ts';

const { get } = onDemand(
  'the relaxed module',
  async () => (await import('../wasm/generated/inlineRelaxed.ts')).inlineModule(),
  requireCompiler,
  'give "module" simdloss/simdloss.relaxed.wasm',
);
export const relaxed = get;
