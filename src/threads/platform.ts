/** A Web Worker, or one of Node's worker_threads. */
export interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  /** Node: the process no longer waits for it. */
  unref?(): void;
  on?(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): void;
  addEventListener?(
    event: 'message' | 'error',
    listener: (event: { data?: unknown; message?: string }) => void,
  ): void;
}

/** Makes a worker that runs worker.js. */
export type WorkerFactory = () => AnyWorker;

type NodeWorkers = {
  Worker: new (url: URL, options: { name: string; execArgv: string[] }) => AnyWorker;
};
/** What this platform may have of what threads take. */
export const platform = globalThis as {
  process?: {
    getBuiltinModule?: ((name: 'node:worker_threads') => NodeWorkers | undefined) &
      ((name: 'node:os') => { availableParallelism(): number } | undefined);
  };
  Worker?: unknown;
  document?: unknown;
  crossOriginIsolated?: boolean;
  navigator?: { hardwareConcurrency?: number };
};
export const nodeWorkers = (): NodeWorkers | undefined =>
  platform.process?.getBuiltinModule?.('node:worker_threads');

const MOST = 8;

/** How many threads are to be had, 8 at most, or why there is one alone. */
export type Threads = (worker: WorkerFactory | undefined) => number | string;

export const threadsHere: Threads = (worker) => {
  if (typeof SharedArrayBuffer === 'undefined' || platform.crossOriginIsolated === false) {
    return 'shared memory is not available here (a page needs cross-origin isolation)';
  }
  if (worker === undefined && platform.Worker === undefined && nodeWorkers() === undefined) {
    return 'workers are not available here';
  }
  const processors =
    platform.navigator?.hardwareConcurrency ??
    platform.process?.getBuiltinModule?.('node:os')?.availableParallelism() ??
    1;
  return Math.min(MOST, processors);
};
