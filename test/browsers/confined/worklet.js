// Runs in an AudioWorklet, which has no URL, atob, fetch, TextDecoder or setTimeout.
import * as small from 'simdloss';
import * as complete from 'simdloss/complete';
import { callsOf, tried } from './calls.js';

const scope = /** @type {any} */ (globalThis);

/** @param {unknown} module */
async function see(module) {
  const missing = ['URL', 'atob', 'fetch', 'TextDecoder', 'setTimeout'].filter((name) => !(name in scope));
  return {
    missing,
    wasm: callsOf(await small.load()),
    given: callsOf(await small.load({ module: /** @type {any} */ (module) })),
    atOnce: callsOf(small.loadSync()),
    js: await tried(() => small.load({ backend: 'js' })),
    auto: (await small.load({ threads: 'auto' })).threads,
    recommended: {
      wasm: callsOf(await complete.load()),
      js: callsOf(await complete.load({ backend: 'js' })),
      auto: (await complete.load({ threads: 'auto' })).threads,
    },
  };
}

scope.registerProcessor(
  'probe',
  class extends scope.AudioWorkletProcessor {
    constructor() {
      super();
      const { port } = /** @type {any} */ (this);
      port.onmessage = (/** @type {any} */ event) =>
        tried(() => see(event.data)).then((saw) => port.postMessage(saw));
    }
    process() {
      return true;
    }
  },
);
