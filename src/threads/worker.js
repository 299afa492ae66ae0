// What a worker runs: it instantiates the module on the shared memory, then takes chunks of jobs, parked in between.
import { SIGNAL, takeChunks } from './control.js';

/**
 * What a worker is started with.
 * @typedef {object} Start
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {readonly string[]} kernels names of exports, in the order of their indices
 * @property {import('./control.js').Fields} fields
 * @property {number} recordBytes
 * @property {number} index
 * @property {number} control address of the control block
 * @property {number} controlBytes
 * @property {number} at address of this thread's record
 * @property {number} scratch
 * @property {number} tile
 */

/**
 * @param {Start} start
 * @returns {import('./control.js').Thread}
 */
export function threadOf({ module, memory, kernels, fields, recordBytes, ...own }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { buffer } = memory;
  return {
    index: own.index,
    words: new Int32Array(buffer, own.control, own.controlBytes / 4),
    record: new Int32Array(buffer, own.at, recordBytes / 4),
    at: own.at,
    scratch: own.scratch,
    tile: own.tile,
    fields,
    kernels: kernels.map((name) => /** @type {(call: number) => number} */ (exports[name])),
  };
}

/**
 * Never returns: the thread ends with its worker.
 * @param {Start} start
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
  port.once('message', (/** @type {Start} */ start) => serve(start, (message) => port.postMessage(message)));
} else if (typeof scope.WorkerGlobalScope === 'function' && scope instanceof scope.WorkerGlobalScope) {
  scope.addEventListener(
    'message',
    (/** @type {MessageEvent<Start>} */ { data }) => serve(data, (message) => scope.postMessage(message)),
    { once: true },
  );
}
