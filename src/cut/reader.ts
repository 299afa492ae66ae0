// Reads the binary format of WebAssembly as far as modules of this package need it.

/** What instructions, functions and exports name by a number. */
export type Kind = 'type' | 'function' | 'global';

export interface Reference {
  readonly kind: Kind;
  readonly index: number;
  /** Where the number stands. */
  readonly from: number;
  readonly to: number;
}

/** A piece of a module, and what it names. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly references: readonly Reference[];
}

export const foreign = (what: string): never => {
  throw new Error(`not a module of simdloss: ${what}`);
};

const END = 0x0b;

export class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.at < this.bytes.length ? this.bytes[this.at++] : foreign('it ends too early');
  }

  /** Unsigned LEB128. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  text(): string {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** As many of what `read` reads as stand there; their number comes first. */
  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read);
  }

  /** What `read` passes over. */
  piece(read: () => Reference[]): Piece {
    const from = this.at;
    const references = read();
    return { from, to: this.at, references };
  }

  reference(kind: Kind): Reference {
    const from = this.at;
    return { kind, index: this.number(), from, to: this.at };
  }

  /** Instructions up to the last `end`; what they name. */
  expression(): Reference[] {
    const references: Reference[] = [];
    for (let depth = 1; depth > 0; ) depth += this.#instruction(references);
    return references;
  }

  /** One instruction; by how much it changes the depth of blocks. */
  #instruction(references: Reference[]): number {
    const code = this.byte();
    if (code === END) return -1;
    if (code >= 0x02 && code <= 0x04) {
      // the type of a block: no value or one of them is a negative number
      if ((this.bytes[this.at] & 0xc0) === 0x40) this.at++;
      else references.push(this.reference('type'));
      return 1;
    }
    if (code === 0x10) references.push(this.reference('function'));
    else if (code === 0x23 || code === 0x24) references.push(this.reference('global'));
    else if (code === 0x0e) {
      this.list(() => this.skipNumber());
      this.skipNumber();
    } else if (code === 0x1c) this.list(() => this.byte());
    else if (code >= 0x28 && code <= 0x3e) this.#address();
    else if (code === 0x43) this.at += 4;
    else if (code === 0x44) this.at += 8;
    else if (code === 0xfc) this.#bulk();
    else if (code === 0xfd) this.#vector();
    else if (NUMBERED.has(code)) this.skipNumber();
    else if (!BARE.has(code) && (code < 0x45 || code > 0xc4)) foreign(`instruction ${code}`);
    return 0;
  }

  /** Alignment and offset. */
  #address(): void {
    this.skipNumber();
    this.skipNumber();
  }

  #bulk(): void {
    const code = this.number();
    if (code === 10) this.at += 2;
    else if (code === 11) this.at++;
    else if (code > 7) foreign(`instruction 0xfc ${code}`);
  }

  #vector(): void {
    const code = this.number();
    if (code <= 11 || code === 92 || code === 93) this.#address();
    else if (code <= 13) this.at += 16;
    else if (code >= 21 && code <= 34) this.at++;
    else if (code >= 84 && code <= 91) {
      this.#address();
      this.at++;
    }
  }
}

/** Branches, locals, sizes of memory, constants of integers. */
const NUMBERED = new Set([0x0c, 0x0d, 0x20, 0x21, 0x22, 0x3f, 0x40, 0x41, 0x42]);
/** unreachable, nop, else, return, drop, select; so is all arithmetic. */
const BARE = new Set([0x00, 0x01, 0x05, 0x0f, 0x1a, 0x1b]);
