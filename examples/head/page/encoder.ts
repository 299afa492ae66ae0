// The page's side of the encoder, which is loaded when it is first asked.

/** A sentence to the worker. */
export interface Question {
  readonly number: number;
  readonly sentence: string;
}

/** The worker's messages: how much is loaded, from 0 to 1; an embedding; or what went wrong. */
export type Answer =
  | { readonly share: number }
  | { readonly number: number; readonly embedding: Float32Array }
  | { readonly failure: string };

export class Encoder {
  #worker: Worker | undefined;
  #number = 0;
  #waiting: { resolve(embedding: Float32Array): void; reject(error: Error): void } | undefined;

  constructor(readonly onProgress: (share: number) => void) {}

  /** The embedding of a sentence; one that was asked for before and is not there yet is given up. */
  embed(sentence: string): Promise<Float32Array> {
    this.#worker ??= this.#start();
    this.#waiting?.reject(new DOMException('another sentence came', 'AbortError'));
    const question: Question = { number: ++this.#number, sentence };
    this.#worker.postMessage(question);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #start(): Worker {
    const worker = new Worker('encoder.js');
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if ('share' in data) this.onProgress(data.share);
      else if ('failure' in data) this.#fail(data.failure);
      else if (data.number === this.#number) this.#waiting?.resolve(data.embedding);
    });
    worker.addEventListener('error', ({ message }) => this.#fail(message || 'encoder.js cannot be loaded'));
    return worker;
  }

  /** The next sentence tries anew. */
  #fail(message: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#waiting?.reject(new Error(message));
  }
}
