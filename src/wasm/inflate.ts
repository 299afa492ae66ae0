import { fail } from '../errors.ts';

/** Extra bits of a match's length, by its code. */
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
/** The order in which the lengths of the codes for lengths stand. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MOST_BITS = 15;
const STORED = 0;
const FIXED = 1;
const END = 256;

/**
 * A Huffman code as a table: as many bits as the longest code has, in the order in which they come, give
 * symbol << 4 | length. The table doubles from length to length, so that every symbol is written once.
 */
function tableOf(lengths: Uint8Array): Uint16Array {
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  const table = new Uint16Array(1 << longest);
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    const half = 1 << (length - 1);
    table.copyWithin(half, 0, half);
    for (let symbol = lengths.indexOf(length); symbol >= 0; symbol = lengths.indexOf(length, symbol + 1)) {
      table[code] = (symbol << 4) | length;
      // the next code, its bits reversed: the carry runs from the top
      let bit = half;
      while (code & bit) bit >>= 1;
      code = bit === 0 ? 0 : (code & (bit - 1)) | bit;
    }
  }
  return table;
}

const fixed = (): [Uint16Array, Uint16Array] => [
  tableOf(Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  tableOf(new Uint8Array(30).fill(5)),
];

const damaged = (): never => fail('ERR_UNSUPPORTED', 'the module inside this package is damaged');

/**
 * Raw DEFLATE data (RFC 1951) of this package, inflated to `size` bytes. Without a platform's help: DecompressionStream is
 * asynchronous, which loadSync cannot be, and takes longer.
 */
export function inflate(source: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  let to = 0;
  let at = 0;
  let held = 0;
  let count = 0;

  const take = (bits: number): number => {
    for (; count < bits; count += 8) held |= source[at++] << count;
    const value = held & ((1 << bits) - 1);
    held >>>= bits;
    count -= bits;
    return value;
  };

  const symbol = (table: Uint16Array): number => {
    for (; count < MOST_BITS; count += 8) held |= source[at++] << count;
    const found = table[held & (table.length - 1)];
    held >>>= found & 15;
    count -= found & 15;
    return found >> 4;
  };

  /** The two codes that stand before a block: of literals and lengths, of distances. */
  const dynamic = (): [Uint16Array, Uint16Array] => {
    const [literals, distances, codes] = [take(5) + 257, take(5) + 1, take(4) + 4];
    const ofLengths = new Uint8Array(ORDER.length);
    for (let i = 0; i < codes; i++) ofLengths[ORDER[i]] = take(3);
    const table = tableOf(ofLengths);
    const lengths = new Uint8Array(literals + distances);
    for (let i = 0; i < lengths.length; ) {
      const next = symbol(table);
      if (next < 16) {
        lengths[i++] = next;
        continue;
      }
      const value = next === 16 ? lengths[i - 1] : 0;
      const times = next === 16 ? 3 + take(2) : next === 17 ? 3 + take(3) : 11 + take(7);
      lengths.fill(value, i, i + times);
      i += times;
    }
    return [tableOf(lengths.subarray(0, literals)), tableOf(lengths.subarray(literals))];
  };

  const lengthFrom = [3];
  for (const bits of LENGTH_BITS) lengthFrom.push(lengthFrom[lengthFrom.length - 1] + (1 << bits));
  lengthFrom[28] = 258;
  for (let last = 0; last === 0; ) {
    last = take(1);
    const kind = take(2);
    if (kind === STORED) damaged(); // which the build does not write
    const [literals, distances] = kind === FIXED ? fixed() : dynamic();
    for (let next = symbol(literals); next !== END; next = symbol(literals)) {
      // whatever else is damaged, each step of this loop has a byte at least to write
      if (!(to < size)) damaged();
      if (next < END) {
        out[to++] = next;
        continue;
      }
      const code = next - 257;
      const length = lengthFrom[code] + take(LENGTH_BITS[code]);
      const far = symbol(distances);
      const extra = far < 4 ? 0 : (far >> 1) - 1;
      const back = (far < 2 ? far : (2 + (far & 1)) << extra) + 1 + take(extra);
      if (length <= back) {
        out.copyWithin(to, to - back, to - back + length);
        to += length;
      } else {
        for (const end = to + length; to < end; to++) out[to] = out[to - back];
      }
    }
  }
  return out;
}
