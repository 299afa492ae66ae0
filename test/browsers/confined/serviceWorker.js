// Runs in a service worker, where import() is forbidden: 'simdloss' says what helps, and that is tried.
import * as small from 'simdloss';
import * as complete from 'simdloss/complete';
import { callsOf, tried } from './calls.js';

const scope = /** @type {any} */ (globalThis);
const chunk = '/dist/chunks/js.js';
const nobody = () => {
  throw new Error('no worker here');
};

async function see() {
  return {
    importing: (await tried(() => import(chunk))).message,
    wasm: callsOf(await small.load()),
    js: await tried(() => small.load({ backend: 'js' })),
    relaxed: await tried(() => small.load({ math: 'relaxed' })),
    threads: await tried(() => small.load({ threads: 2 })),
    ownThreads: await tried(() => small.load({ threads: 2, worker: nobody })),
    auto: (await small.load({ threads: 'auto' })).threads,
    ownAuto: (await small.load({ threads: 'auto', worker: nobody })).threads,
    sync: await tried(() => small.loadSync({ backend: 'js' })),
    recommended: {
      wasm: callsOf(await complete.load()),
      js: callsOf(await complete.load({ backend: 'js' })),
      sync: callsOf(complete.loadSync({ backend: 'js' })),
      auto: (await complete.load({ threads: 'auto' })).threads,
      relaxed: await tried(async () => {
        const module = new URL('/dist/simdloss.relaxed.wasm', scope.location.href);
        return (await complete.load({ math: 'relaxed', module })).math;
      }),
      relaxedSmall: await tried(async () => {
        const module = await (await fetch('/dist/simdloss.relaxed.wasm')).arrayBuffer();
        return (await small.load({ math: 'relaxed', module })).math;
      }),
    },
  };
}

scope.addEventListener('message', (/** @type {any} */ event) => {
  event.waitUntil(tried(see).then((saw) => event.ports[0].postMessage(saw)));
});
