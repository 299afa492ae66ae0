// A worker that is asked for one thing after another, in Node and in a page.
import type { Tasks } from './worker.ts';

type Task = keyof Tasks;
type Argument<T extends Task> = Parameters<Tasks[T]>[0];
type Result<T extends Task> = Awaited<ReturnType<Tasks[T]>>;

export type Question = { id: number; task: Task; argument: unknown };
export type Reply = { id: number; result?: unknown; error?: string };

/** What a Web Worker and a worker_thread have in common, once messages are told apart. */
export interface Port {
  post(question: Question): void;
  onReply(listener: (reply: Reply) => void): void;
}

export class Peer {
  readonly #port: Port;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(cause: Error): void }>();
  #id = 0;

  constructor(port: Port) {
    this.#port = port;
    port.onReply(({ id, result, error }) => {
      const waiting = this.#waiting.get(id)!;
      this.#waiting.delete(id);
      if (error === undefined) waiting.resolve(result);
      else waiting.reject(new Error(error));
    });
  }

  ask<T extends Task>(task: T, argument: Argument<T>): Promise<Result<T>> {
    const id = this.#id++;
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.post({ id, task, argument });
    }) as Promise<Result<T>>;
  }
}
