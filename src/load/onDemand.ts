// The js backend and threads for entries that are to be small: they are taken along when they are asked for.
import type { JsBackend } from '../js/backend.ts';
import { requireCompiler } from '../wasm/instantiate.ts';
import type { Parts } from '../wasm/parts.ts';
import { onDemand, type Supply } from './supply.ts';

export const js: Supply<typeof JsBackend> = onDemand(
  "backend 'js'",
  async () => (await import('../js/backend.ts')).JsBackend,
);
export const parts: Supply<typeof Parts> = onDemand(
  'code for threads',
  async () => (await import('../wasm/parts.ts')).Parts,
  requireCompiler,
);
