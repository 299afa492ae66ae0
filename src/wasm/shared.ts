import { fail } from '../errors.ts';

const IMPORT_SECTION = 2;
/** The section's content up to the limits of the memory: one import, env.memory, of the kind memory. */
const IMPORT = [1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2];
const SHARED_WITH_MAXIMUM = 3;
/** 65536 pages, as a LEB128 number. */
const MOST_PAGES = [0x80, 0x80, 0x04];
/** What a number of 32 bits takes. */
const LEB_BYTES = 5;

export const foreign = (why = 'that does not import env.memory alone', cause?: unknown): never =>
  fail('ERR_OPTION', `"module" expected a module of this version of simdloss, got one ${why}`, cause);

/** Reads an unsigned LEB128 number: its value, which is not negative, and the position after it. */
function leb(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let i = 0; i < LEB_BYTES && at < bytes.length; i++) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at];
  }
  return foreign();
}

function toLeb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/**
 * The same module for a shared memory. The two differ in nothing but the type of the one import, env.memory; so there is
 * one artifact of each kind instead of two.
 */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let section = 8;
  let [size, at] = leb(module, section + 1);
  while (module[section] !== IMPORT_SECTION) {
    section = at + size;
    [size, at] = leb(module, section + 1);
  }
  if (!IMPORT.every((byte, i) => module[at + i] === byte)) foreign();
  const [initial] = leb(module, at + IMPORT.length + 1);
  const content = [...IMPORT, SHARED_WITH_MAXIMUM, ...toLeb(initial), ...MOST_PAGES];
  const head = [IMPORT_SECTION, ...toLeb(content.length), ...content];
  const tail = module.subarray(at + size);
  const shared = new Uint8Array(section + head.length + tail.length);
  shared.set(module.subarray(0, section));
  shared.set(head, section);
  shared.set(tail, section + head.length);
  return shared;
}
