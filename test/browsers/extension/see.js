// What an extension's page or service worker sees of the package: every way to load, and what their errors recommend.
import * as small from 'simdloss';
import * as complete from 'simdloss/complete';
import * as parts from 'simdloss/losses';
import { callsOf, tried } from '../confined/calls.js';

// before the first build there are none
const { mse } = /** @type {any} */ (parts);
const relaxedModule = new URL('/simdloss.relaxed.wasm', location.href);
const x = Float32Array.of(1, 2);

/** @param {any} F */
const manyOf = (F) => [F.threads, callsOf(F)];
/** @param {any} F */
const oneOf = (F) => [F.backend, F.threads, F.mse(x, Float32Array.of(0, 0))];
/** Threads of the caller's own making: the package's worker as the extension's file. */
const ownWorker = () => new Worker('/worker.js', { type: 'module' });

const late = ['/late.js'][0];
/** What the policy is there to forbid. */
function blobWorker() {
  const worker = new Worker(URL.createObjectURL(new Blob(['postMessage("works")'])));
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve('refused');
  });
}

/** @param {string} where who says it */
export async function see(where) {
  const saw = {
    where,
    isolated: globalThis.crossOriginIsolated === true,
    importing: (await tried(() => import(late))).message,
    fromData: (await tried(() => import('data:text/javascript,'.concat('')))).message,
    blobWorker: await tried(blobWorker),
    wasm: await tried(async () => callsOf(await small.load())),
    js: await tried(async () => callsOf(await small.load({ backend: 'js' }))),
    relaxed: await tried(async () => (await small.load({ math: 'relaxed' })).mse(x, Float32Array.of(0, 0))),
    threads: await tried(async () => manyOf(await small.load({ threads: 2 }))),
    auto: await tried(async () => (await small.load({ threads: 'auto' })).threads),
    sync: await tried(async () => callsOf(small.loadSync())),
    losses: {
      wasm: await tried(async () => oneOf(await parts.load({ losses: [mse] }))),
      js: await tried(async () => oneOf(await parts.load({ losses: [mse], backend: 'js' }))),
      threads: await tried(async () => oneOf(await parts.load({ losses: [mse], threads: 2 }))),
      auto: await tried(async () => (await parts.load({ losses: [mse], threads: 'auto' })).threads),
    },
    recommended: {
      js: await tried(async () => callsOf(await complete.load({ backend: 'js' }))),
      sync: await tried(async () => callsOf(complete.loadSync({ backend: 'js' }))),
      relaxed: await tried(async () => {
        const F = await small.load({ math: 'relaxed', module: relaxedModule });
        return [F.math, F.mse(x, Float32Array.of(0, 0))];
      }),
      threads: await tried(async () => manyOf(await complete.load({ threads: 2 }))),
      ownThreads: await tried(async () => manyOf(await complete.load({ threads: 2, worker: ownWorker }))),
      auto: await tried(async () => (await complete.load({ threads: 'auto' })).threads),
    },
  };
  // an extension answers to no driver
  await fetch(/** @type {any} */ (globalThis).ADDRESS, {
    method: 'POST',
    mode: 'no-cors',
    body: JSON.stringify(saw),
  });
}
