// The library on both backends, and what this browser allows.
import { type LossFunctions, load } from 'simdloss';
import { byId, h } from './dom.ts';

export interface Backends {
  /** Missing where the browser has no WebAssembly or no SIMD. */
  readonly wasm: LossFunctions | undefined;
  readonly js: LossFunctions;
}

export async function loadBackends(): Promise<Backends> {
  const js = await load({ backend: 'js' });
  let wasm: LossFunctions | undefined;
  let why = '';
  try {
    wasm = await load();
  } catch (error) {
    why = (error as Error).message;
  }
  const chip = (text: string): HTMLElement => h('span', {}, text);
  byId('engine').replaceChildren(
    chip(wasm ? 'WebAssembly with SIMD' : `no WebAssembly: ${why}`),
    chip(crossOriginIsolated ? 'isolated: threads possible' : 'not isolated: no threads, coarser clock'),
    chip(`${navigator.hardwareConcurrency} logical cores`),
  );
  return { wasm, js };
}
