// What a worker runs: it instantiates the module on the shared memory, then takes chunks of jobs, parked in between.
// Nothing may import this file: it takes the first message of the worker that it is loaded in.
import { SIGNAL, takeChunks, threadOf } from './control.js';

/**
 * Never returns: the thread ends with its worker.
 * @param {import('./control.js').Start} start
 * @param {(message: 'ready') => void} post
 */
function serve(start, post) {
  const thread = threadOf(start);
  const { words } = thread;
  post('ready');
  for (;;) {
    const seen = Atomics.load(words, SIGNAL);
    takeChunks(thread);
    Atomics.wait(words, SIGNAL, seen);
  }
}

/** @type {any} */
const scope = globalThis;
// Node's workers have a port, all others are the scope of their messages; on a page this file does nothing
const port = scope.process?.getBuiltinModule?.('node:worker_threads').parentPort;
if (port) {
  port.once('message', (/** @type {import('./control.js').Start} */ start) =>
    serve(start, (message) => port.postMessage(message)),
  );
} else if (typeof scope.WorkerGlobalScope === 'function' && scope instanceof scope.WorkerGlobalScope) {
  scope.addEventListener(
    'message',
    (/** @type {MessageEvent<import('./control.js').Start>} */ { data }) =>
      serve(data, (message) => scope.postMessage(message)),
    { once: true },
  );
}
