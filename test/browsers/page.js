// Runs in a page: loads simdloss in several ways and leaves what it saw in the document's title.
import { load } from 'simdloss'; // by the page's import map
import { digestOf } from './work.js';

/** @param {() => Promise<unknown>} attempt */
async function codeOf(attempt) {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return /** @type {any} */ (error).code ?? String(error);
  }
}

async function see() {
  const F = await load();
  Object.assign(globalThis, { F }); // for what a test does here
  const relaxed = await load({ math: 'relaxed' });
  const saw = {
    isolated: globalThis.crossOriginIsolated,
    backend: F.backend,
    digest: digestOf(F),
    js: (await load({ backend: 'js' })).l1(Float32Array.of(1), Float32Array.of(3)),
    math: relaxed.math,
    relaxed: relaxed.mse(Float32Array.of(1, 2), Float32Array.of(0, 0)),
    threads: 0,
    threadsDigest: '',
    threadsRefused: '',
    auto: 0,
  };
  const auto = await load({ threads: 'auto' });
  saw.auto = auto.threads;
  auto.dispose();
  if (globalThis.crossOriginIsolated) {
    const many = await load({ threads: 2 });
    saw.threads = many.threads;
    // again and again, until the worker has taken part
    for (let i = 0; i < 3; i++) saw.threadsDigest = digestOf(many);
    many.dispose();
  } else saw.threadsRefused = await codeOf(() => load({ threads: 2 }));
  return saw;
}

see().then(
  (saw) => {
    document.title = JSON.stringify(saw);
  },
  (error) => {
    document.title = JSON.stringify({ error: `${error?.code} ${error?.message} ${error?.stack}` });
  },
);
