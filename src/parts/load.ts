// 'simdloss/losses' and its entries: modules as text in the code, the js backend and threads on demand.
import { has } from '../given.ts';
import { js, parts } from '../load/onDemand.ts';
import { bytesOfBase64 } from '../wasm/base64.ts';
import { inflate } from '../wasm/inflate.ts';
import type { LoadParts, LoadPartsSync } from './asked.ts';
import type { PartModule, TextModule } from './part.ts';
import { loadPartsOf, loadPartsSyncOf, type PartPlatform } from './start.ts';

export * from '../load/public.ts';
export type { PartFunctions, PartOptions } from './asked.ts';
export type { Part } from './part.ts';

const isText = (module: PartModule): module is TextModule => has(module, 'text');

const platform: PartPlatform = {
  js,
  parts,
  open: (module) => (isText(module) ? inflate(bytesOfBase64(module.text), module.size) : module),
};

/**
 * Makes an instance that has the given losses and helpers alone.
 *
 * Throws as `load` of 'simdloss'; a call in a dtype whose part was not given is ERR_UNSUPPORTED.
 * @example const F = await load({ losses: [crossEntropy, mse] });
 */
export const load: LoadParts = loadPartsOf(platform);
/** The same at once. */
export const loadSync: LoadPartsSync = loadPartsSyncOf(platform);
