import { cut, fail } from '../errors.ts';
import { bare, has, read } from '../given.ts';
import type { Start } from './control.js';
import { type AnyWorker, nodeWorkers, platform, type WorkerFactory } from './platform.ts';

/** A worker that has not said that it is ready within this time counts as refused. */
const START_MS = 20_000;
/** Why our worker most often cannot be started. */
const HINT =
  'where a bundler leaves it behind, simdloss/worker is to be an entry named worker, beside the bundle';
/** What stands for a worker that could not even be made. */
const NOBODY: AnyWorker = { postMessage() {}, terminate() {} };

const refusal = (cause: unknown): unknown =>
  read(Object(cause), 'code') === 'ERR_TYPE'
    ? cause
    : new Error(`${cut(String((cause as Error)?.message || 'its script did not load'), 60)}; ${HINT}`, {
        cause,
      });

/** Node has no global Worker, and Deno's cannot be unref'd: the process would never end. A page has nothing to end. */
const globalServes = (): boolean =>
  typeof platform.Worker === 'function' &&
  (platform.document !== undefined ||
    nodeWorkers() === undefined ||
    typeof platform.Worker.prototype.unref === 'function');

/**
 * What bundlers look for is exactly the last expression. Where they leave the address as it is, it leads to a worker.js beside
 * the bundle.
 */
export function ourWorker(): AnyWorker {
  if (!globalServes()) {
    const { Worker } = nodeWorkers()!;
    // it needs none of the parent's flags, and refuses to start with some (--input-type)
    return new Worker(new URL('./worker.js', import.meta.url), bare({ name: 'simdloss', execArgv: [] }));
  }
  return new Worker(new URL('./worker.js', import.meta.url), {
    type: 'module',
    credentials: 'same-origin',
    name: 'simdloss',
  }) as AnyWorker;
}

/** The worker of a factory, which may be the caller's. */
function made(make: WorkerFactory): AnyWorker {
  const worker = make();
  if (typeof worker?.postMessage === 'function' && typeof worker.terminate === 'function') return worker;
  return fail('ERR_TYPE', '"worker" expected a function that returns a Worker');
}

/**
 * Starts one thread; `ready` resolves when it is parked and rejects where it never will be. `ended` is called when it goes away
 * after that, perhaps more than once.
 */
export function startWorker(
  make: WorkerFactory,
  start: Start,
  ended: () => void,
): { worker: AnyWorker; ready: Promise<void> } {
  let worker = NOBODY;
  const ready = new Promise<void>((resolve, reject) => {
    let parked = false;
    let over = false;
    const leave = (cause: unknown) => {
      clearTimeout(timer);
      over = true;
      // it may be slow, or have an error and go on
      worker.terminate();
      if (parked) ended();
      else reject(refusal(cause));
    };
    const timer = setTimeout(leave, START_MS, new Error(`no answer from a worker within ${START_MS} ms`));
    const accept = (message: unknown) => {
      // whatever else the script of that name may be
      if (message !== 'ready' || over) return;
      clearTimeout(timer);
      parked = true;
      if (has(worker, 'unref')) worker.unref!();
      resolve();
    };
    try {
      worker = made(make);
      if (has(worker, 'on')) {
        worker.on!('message', accept);
        worker.on!('error', leave);
        worker.on!('exit', () => leave(new Error('a worker ended')));
      } else {
        worker.addEventListener!('message', ({ data }) => accept(data));
        worker.addEventListener!('error', leave);
      }
      worker.postMessage(start);
    } catch (cause) {
      // a script of another origin, a bundle that does not know its own address, a memory that cannot be posted
      leave(cause);
    }
  });
  return { worker, ready };
}
