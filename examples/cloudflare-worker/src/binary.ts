import { chunksOf } from './body.ts';
import { Budget } from './budget.ts';
import { refuse } from './refusal.ts';
import type { Summary } from './summary.ts';

const budget = new Budget(32 * 2 ** 20);

/** All of the labels as i32, then the logits as f32, row after row; little-endian as every machine that this runs on. */
export const bytesOf = (rows: number, classes: number): number => 4 * rows + 4 * rows * classes;

/** Reads a binary body as it arrives: what has come is used up and forgotten. */
export async function readBinary(
  body: ReadableStream<Uint8Array>,
  rows: number,
  classes: number,
  summary: Summary,
): Promise<void> {
  // the labels; or less than a row, and two sums and a count for each class (16 bytes), where those are more
  const lease = budget.lease(Math.max(4 * rows, 16 * classes));
  try {
    const parser = new Parser(rows, classes, summary);
    for await (const chunk of chunksOf(body, lease)) parser.take(chunk);
    parser.end();
  } finally {
    lease.release();
  }
}

/** Cuts bytes into labels and rows; chunks may end anywhere. */
class Parser {
  readonly #expected: number;
  readonly #labels: Int32Array;
  readonly #labelBytes: Uint8Array;
  readonly #summary: Summary;
  readonly #rowBytes: number;
  /** The beginning of a row whose end is still to come. */
  readonly #carry: Uint8Array;
  #carried = 0;
  #received = 0;
  #row = 0;

  constructor(rows: number, classes: number, summary: Summary) {
    this.#expected = bytesOf(rows, classes);
    this.#labels = new Int32Array(rows);
    this.#labelBytes = new Uint8Array(this.#labels.buffer);
    this.#summary = summary;
    this.#rowBytes = 4 * classes;
    this.#carry = new Uint8Array(this.#rowBytes);
  }

  take(chunk: Uint8Array): void {
    const at = this.#received;
    this.#received += chunk.length;
    if (this.#received > this.#expected) this.#mismatch(`at least ${this.#received}`);
    const labels = this.#labelBytes;
    if (at < labels.length) {
      const part = chunk.subarray(0, labels.length - at);
      labels.set(part, at);
      this.#takeRows(chunk.subarray(part.length));
    } else this.#takeRows(chunk);
  }

  end(): void {
    if (this.#received < this.#expected) this.#mismatch(String(this.#received));
  }

  #takeRows(chunk: Uint8Array): void {
    let rest = chunk;
    for (;;) {
      const whole = Math.floor((this.#carried + rest.length) / this.#rowBytes);
      if (whole === 0) break;
      const n = Math.min(whole, this.#summary.most);
      const fresh = rest.subarray(0, n * this.#rowBytes - this.#carried);
      this.#summary.add(this.#labels.subarray(this.#row, this.#row + n), ({ buffer, byteOffset }) => {
        const bytes = new Uint8Array(buffer, byteOffset, n * this.#rowBytes);
        bytes.set(this.#carry.subarray(0, this.#carried));
        bytes.set(fresh, this.#carried);
      });
      this.#row += n;
      this.#carried = 0;
      rest = rest.subarray(fresh.length);
    }
    this.#carry.set(rest, this.#carried);
    this.#carried += rest.length;
  }

  #mismatch(got: string): never {
    refuse(400, 'ERR_LENGTH', `the body expected ${this.#expected} bytes for its shape, got ${got}`);
  }
}
