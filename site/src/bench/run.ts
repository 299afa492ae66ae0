// A run: one worker after another; cancelling ends the one that is at work, whatever it does.
import type { LossName } from '../../../bench/cases.ts';
import type { PageCase, PageResult } from './plan.ts';
import type { Report, Task } from './protocol.ts';

export interface Listener {
  started(which: PageCase, done: number, of: number): void;
  measured(result: PageResult): void;
  skipped(which: PageCase, why: string): void;
  /** Before a loss: the share of a core that others take. */
  looked(others: number): void;
  /** A loss is through. */
  resolution(ms: number): void;
}

export class Run {
  readonly #cases: ReadonlyMap<LossName, readonly PageCase[]>;
  readonly #settings: Pick<Task, 'dtype' | 'effort'>;
  readonly #listener: Listener;
  #cancelled = false;
  #stop: (() => void) | undefined;

  constructor(
    cases: ReadonlyMap<LossName, readonly PageCase[]>,
    settings: Pick<Task, 'dtype' | 'effort'>,
    listener: Listener,
  ) {
    this.#cases = cases;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Resolves with whether it came to its end; rejects with what went wrong. */
  async start(): Promise<boolean> {
    const of = [...this.#cases.values()].reduce((sum, cases) => sum + cases.length, 0);
    let done = 0;
    for (const cases of this.#cases.values()) {
      if (this.#cancelled) break;
      await this.#inWorker({ cases, ...this.#settings }, (message) => {
        if (message.kind === 'started') this.#listener.started(message.which, done, of);
        if (message.kind === 'measured') this.#listener.measured(message.result);
        if (message.kind === 'skipped') this.#listener.skipped(message.which, message.why);
        if (message.kind === 'measured' || message.kind === 'skipped') done++;
        if (message.kind === 'looked') this.#listener.looked(message.others);
        if (message.kind === 'done') this.#listener.resolution(message.resolution);
      });
    }
    return !this.#cancelled;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#stop?.();
  }

  #inWorker(task: Task, hear: (message: Report) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'bench' });
      const end = (settle: () => void) => {
        worker.terminate();
        this.#stop = undefined;
        settle();
      };
      this.#stop = () => end(resolve);
      worker.addEventListener('message', ({ data }: MessageEvent<Report>) => {
        if (this.#stop === undefined) return;
        if (data.kind === 'failed') end(() => reject(new Error(data.why)));
        else hear(data);
        if (data.kind === 'done') end(resolve);
      });
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        end(() => reject(new Error(event.message || 'the worker could not be started')));
      });
      worker.postMessage(task);
    });
  }
}
