import { loadSync } from 'simdloss';
import type { Options } from './parameters.ts';

// One instance serves all requests of an isolate: its module was compiled when the worker was deployed. Between filling
// the tensors below and reading what the kernel wrote there is no await, so that no other request gets in between.
const F = loadSync();
const ELEMENTS = 2 ** 16;
/** Some rows of logits; the call writes their gradients over them. */
const rows = F.zeros([ELEMENTS]);
const losses = F.zeros([ELEMENTS]);

/** A row has to fit. */
export const MOST_CLASSES = ELEMENTS / 4;

export interface Answer {
  /** The mean over the rows that are not ignored. */
  readonly loss: number;
  /** How many those are. */
  readonly rows: number;
  /** The Euclidean norm of the mean's gradient with respect to all logits. */
  readonly gradientNorm: number;
  /** The mean over the rows of each class; NaN where there are none. */
  readonly perClass: readonly { readonly rows: number; readonly loss: number }[];
}

/**
 * Cross entropy of a batch that comes in pieces. Every row's loss and gradient have the bits of a call on the whole batch, and
 * they are added in f64 in the order of the rows: how the batch was cut does not show in the answer.
 */
export class Summary {
  readonly #classes: number;
  readonly #options: Options;
  readonly #ignored: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;
  #seen = 0;
  #count = 0;
  #sum = 0;
  #squares = 0;

  /** Throws what the library throws for options that don't make sense. */
  constructor(classes: number, options: Options) {
    F.crossEntropy({ data: Float32Array.of(0), shape: [1, 1] }, Int32Array.of(0), options);
    this.#classes = classes;
    this.#options = options;
    this.#ignored = options.ignoreIndex ?? -100;
    this.#sums = new Float64Array(classes);
    this.#counts = new Uint32Array(classes);
  }

  /** How many rows `add` takes at most. */
  get most(): number {
    return Math.floor(ELEMENTS / this.#classes);
  }

  /** Takes as many rows as there are labels; `fill` writes their logits, one row after another, and must not wait. */
  add(labels: Int32Array | readonly number[], fill: (logits: Float32Array) => void): void {
    const shape = [labels.length, this.#classes];
    const length = labels.length * this.#classes;
    fill(rows.data.subarray(0, length));
    try {
      // views of the instance's own memory: used in place
      const input = { data: rows.data.subarray(0, length), shape };
      const value = { data: losses.data.subarray(0, labels.length), shape: [labels.length] };
      F.crossEntropy.valueAndGrad(input, labels, {
        ...this.#options,
        reduction: 'none',
        out: { value, grad: input },
      });
    } catch (error) {
      throw this.#located(error, labels.length);
    }
    this.#seen += labels.length;
    const loss = losses.data;
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i];
      if (label === this.#ignored) continue;
      this.#count++;
      this.#sum += loss[i];
      this.#counts[label]++;
      this.#sums[label] += loss[i];
    }
    const gradient = rows.data;
    for (let i = 0; i < length; i++) this.#squares += gradient[i] * gradient[i];
  }

  answer(): Answer {
    return {
      loss: this.#sum / this.#count,
      rows: this.#count,
      gradientNorm: Math.sqrt(this.#squares) / this.#count,
      perClass: Array.from(this.#counts, (rows, label) => ({ rows, loss: this.#sums[label] / rows })),
    };
  }

  /** The library counts from the first row that it was given. */
  #located(error: unknown, length: number): unknown {
    const { code, message } = error as { code?: string; message: string };
    if (code !== 'ERR_LABEL') return error;
    return Object.assign(new RangeError(`rows ${this.#seen} to ${this.#seen + length - 1}: ${message}`), {
      code,
    });
  }
}
