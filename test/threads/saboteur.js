// A worker that goes wrong at a phase of its work, for the tests of faults.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { SIGNAL, takeChunks, threadOf } from '../../src/threads/control.js';

const forever = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

/** What becomes of a kernel, by the name of the fault. @type {Record<string, (kernel: (at: number) => number) => (at: number) => number>} */
const faults = {
  'hangs with a claim': () => () => {
    forever();
    return 0;
  },
  'ends with a claim': () => () => process.exit(1),
  'hangs after the kernel': (kernel) => (at) => {
    kernel(at);
    forever();
    return 0;
  },
  traps: () => () => {
    throw new WebAssembly.RuntimeError('unreachable');
  },
  'traps after the kernel': (kernel) => (at) => {
    kernel(at);
    throw new WebAssembly.RuntimeError('unreachable');
  },
  'is slow': (kernel) => (at) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    return kernel(at);
  },
};

if (!isMainThread) {
  if (workerData.fault === 'ends before it is asked') process.exit(1);
  parentPort?.once('message', (start) => {
    const { fault } = workerData;
    if (fault === 'throws at its start') throw new Error('no');
    if (fault === 'never answers') forever();
    const thread = threadOf(start);
    if (fault === 'ends before it is ready') process.exit(0);
    const kernels = fault in faults ? thread.kernels.map(faults[fault]) : thread.kernels;
    parentPort?.postMessage('ready');
    if (fault === 'ends while it is parked') return parentPort?.once('message', () => process.exit(0));
    if (fault === 'throws while it is parked') {
      return parentPort?.once('message', () => {
        throw new Error('no more');
      });
    }
    for (;;) {
      const seen = Atomics.load(thread.words, SIGNAL);
      takeChunks({ ...thread, kernels });
      Atomics.wait(thread.words, SIGNAL, seen);
    }
  });
}
