import { fail } from '../errors.ts';

const IMPORT_SECTION = 2;
const MEMORY = 2;
const SHARED_WITH_MAXIMUM = 3;
/** 65536 pages, as a LEB128 number. */
const MOST_PAGES = [0x80, 0x80, 0x04];

const foreign = (): never => fail('ERR_OPTION', '"module" expected a module of simdloss');

/** Reads an unsigned LEB128 number: its value and the position after it. */
function leb(bytes: Uint8Array, at: number): [number, number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= bytes.length) foreign();
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
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
    if (section >= module.length) foreign();
    [size, at] = leb(module, section + 1);
  }
  const end = at + size;
  const start = at;
  const [count, names] = leb(module, at);
  at = names;
  // env, then memory
  for (let i = 0; i < 2; i++) {
    const [length, text] = leb(module, at);
    at = text + length;
  }
  if (count !== 1 || module[at] !== MEMORY) foreign();
  const limits = at + 1;
  const [initial] = leb(module, limits + 1);
  const content = [...module.subarray(start, limits), SHARED_WITH_MAXIMUM, ...toLeb(initial), ...MOST_PAGES];
  return Uint8Array.from([
    ...module.subarray(0, section),
    IMPORT_SECTION,
    ...toLeb(content.length),
    ...content,
    ...module.subarray(end),
  ]);
}
