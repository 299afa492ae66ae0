import { refuse } from './refusal.ts';
import type { Summary } from './summary.ts';

/** Labels that all requests of an isolate may hold together; of logits each holds less than a row. */
const MOST_HELD = 32 * 2 ** 20;
let held = 0;

/** All of the labels as i32, then the logits as f32, row after row; little-endian as every machine that this runs on. */
export const bytesOf = (rows: number, classes: number): number => 4 * rows + 4 * rows * classes;

/** Reads a binary body as it arrives: what has come is used up and forgotten. */
export async function readBinary(
  body: ReadableStream<Uint8Array>,
  rows: number,
  classes: number,
  summary: Summary,
): Promise<void> {
  if (held + 4 * rows > MOST_HELD) {
    refuse(503, 'ERR_BUSY', 'other batches take all of the memory at present', { 'retry-after': '1' });
  }
  held += 4 * rows;
  try {
    const parser = new Parser(rows, classes, summary);
    for await (const chunk of chunksOf(body)) parser.take(chunk);
    parser.end();
  } finally {
    held -= 4 * rows;
  }
}

/** The chunks of a body, which is given up when the reader stops. */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(gone);
      if (done) return;
      yield value;
    }
  } finally {
    // it may have failed itself
    await reader.cancel().catch(() => {});
  }
}

const gone = (): never => refuse(400, 'ERR_BODY', 'the body ended before it was complete');

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
