// Arrays in files: their elements follow one another, the last index first.
import type { HalfDType, TypedArray } from '../../dtypes.ts';
import { widened } from '../../half.ts';
import { wrong } from '../failure.ts';
import type { Bytes } from './bytes.ts';

/** What an element is in the file, and what it is read as. */
export interface Stored {
  readonly bytes: number;
  /** Bytes of what has an order of bytes, where an element has several. */
  readonly unit?: number;
  /** Whether what is read are the bits of numbers of 16. */
  readonly half?: HalfDType;
  /** As a type of numbers, or texts of so many letters of four bytes. */
  readonly make: (bytes: Uint8Array<ArrayBuffer>) => TypedArray | readonly string[];
}

const viewOf =
  <A>(Type: new (buffer: ArrayBuffer) => A) =>
  ({ buffer }: Uint8Array<ArrayBuffer>): A =>
    new Type(buffer);

/** By the names that safetensors have for them. */
export const storedTypes: Readonly<Record<string, Stored>> = {
  F64: { bytes: 8, make: viewOf(Float64Array) },
  F32: { bytes: 4, make: viewOf(Float32Array) },
  F16: { bytes: 2, half: 'f16', make: viewOf(Uint16Array) },
  BF16: { bytes: 2, half: 'bf16', make: viewOf(Uint16Array) },
  I64: { bytes: 8, make: viewOf(BigInt64Array) },
  I32: { bytes: 4, make: viewOf(Int32Array) },
  I16: { bytes: 2, make: viewOf(Int16Array) },
  I8: { bytes: 1, make: viewOf(Int8Array) },
  // what is beyond i64 is negative then, and no label
  U64: { bytes: 8, make: viewOf(BigInt64Array) },
  U32: { bytes: 4, make: viewOf(Uint32Array) },
  U16: { bytes: 2, make: viewOf(Uint16Array) },
  U8: { bytes: 1, make: viewOf(Uint8Array) },
  BOOL: { bytes: 1, make: viewOf(Uint8Array) },
};

/** Texts of at most `letters` letters, as UTF-32 with zeros behind them. */
export const texts = (letters: number): Stored => ({
  bytes: 4 * letters,
  unit: 4,
  make: ({ buffer }) => {
    const codes = new Uint32Array(buffer);
    return Array.from({ length: letters === 0 ? 0 : codes.length / letters }, (_, i) => {
      const own = codes.subarray(i * letters, (i + 1) * letters);
      let end = letters;
      while (end > 0 && own[end - 1] === 0) end--;
      return String.fromCodePoint(...own.subarray(0, end));
    });
  },
});

/** An array that is read row by row. */
export class StoredArray {
  /** `FILE`, or `FILE:NAME`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly #stored: Stored;
  readonly #bytes: Bytes;
  readonly #isSwapped: boolean;
  /** Of the rows that were read last. */
  #room: ArrayBuffer = new ArrayBuffer(0);

  constructor(name: string, shape: readonly number[], stored: Stored, bytes: Bytes, isSwapped = false) {
    if (shape.length === 0) wrong(`${name} is one number, not an array of rows`);
    this.name = name;
    this.shape = shape;
    this.#stored = stored;
    this.#bytes = bytes;
    this.#isSwapped = isSwapped;
  }

  /** Whether its numbers have 16 bits. */
  get half(): HalfDType | undefined {
    return this.#stored.half;
  }
  get rows(): number {
    return this.shape[0];
  }
  /** Elements of a row. */
  get perRow(): number {
    return this.shape.slice(1).reduce((a, b) => a * b, 1);
  }
  get bytesPerRow(): number {
    return this.perRow * this.#stored.bytes;
  }

  /** The next n rows: until the ones after them are read, in the same room. Numbers of 16 bits are widened, which is exact. */
  async read(n: number): Promise<TypedArray | readonly string[]> {
    const read = await this.readAsTheyAre(n);
    return this.half === undefined ? read : widened(this.half, read as Uint16Array);
  }

  /** The same, but numbers of 16 bits are their bits. */
  async readAsTheyAre(n: number): Promise<TypedArray | readonly string[]> {
    const length = n * this.bytesPerRow;
    if (this.#room.byteLength !== length) this.#room = new ArrayBuffer(length);
    const bytes = new Uint8Array(this.#room);
    await this.#bytes.fill(bytes);
    if (this.#isSwapped) swap(bytes, this.#stored.unit ?? this.#stored.bytes);
    return this.#stored.make(bytes);
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}

function swap({ buffer }: Uint8Array<ArrayBuffer>, size: number): void {
  const bytes = Buffer.from(buffer);
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
}
