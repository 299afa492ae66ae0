// What ClickHouse hands over and takes back, as its ABI BUFFERED_V1 has it: a buffer is {u32 data, u32 size}, its data behind it, and has
// a block in the format Buffers: u64 columns, u64 rows, and for each column u64 bytes and as many bytes. Float32 is f32 after f32, an
// array's column the u64 ends of the rows, then their elements.

import { num, raise, text } from './errors';
import { areNone, gone, made } from './live';

/** What columns lie at a multiple of, and what is left free at the end of the memory: the host refuses data that end there. */
const ALIGN: usize = 16;
const HEADER: usize = 16;
const PAGE: usize = 65536;

/** Where the next bytes are free; 0 before the first. All of it is free again when the host has given back all buffers. */
let top: usize = 0;

/** Bytes that are good until the end of the call. */
export function take(bytes: usize): usize {
  if (!top) top = (__heap_base + ALIGN - 1) & ~(ALIGN - 1);
  const at = top;
  const end = u64(at) + u64(bytes) + 2 * ALIGN;
  const pages = i32((end + PAGE - 1) / PAGE);
  const have = memory.size();
  // twice as many: a growth takes the host longer than the pages do
  if (
    pages > have &&
    (pages > 65535 || (memory.grow(max(pages - have, have)) < 0 && memory.grow(pages - have) < 0))
  ) {
    text('ERR_MEMORY: a block takes ');
    num(f64(end));
    text(' bytes: raise webassembly_udf_max_memory, or lower webassembly_udf_max_input_block_size');
    raise();
  }
  top = (at + bytes + ALIGN - 1) & ~(ALIGN - 1);
  return at;
}

function create(size: usize, isOwn: bool): usize {
  const at = take(ALIGN + size);
  made(isOwn);
  store<u32>(at, u32(at + ALIGN));
  store<u32>(at, u32(size), 4);
  return at;
}

export function createBuffer(size: u32): usize {
  if (areNone()) top = 0;
  return create(usize(size), false);
}

export function destroyBuffer(handle: usize): void {
  gone();
}

/** The bytes of column i of a block that has rows. */
export function column(handle: usize, i: i32): usize {
  let at = usize(load<u32>(handle)) + HEADER;
  for (; i; i--) at += 8 + usize(load<u64>(at));
  return at + 8;
}

/** A block of one column of n rows; returns its handle. */
export function newBlock(n: u32, bytes: usize): usize {
  const handle = create(HEADER + 8 + bytes, true);
  const at = usize(load<u32>(handle));
  store<u64>(at, 1);
  store<u64>(at, n, 8);
  store<u64>(at, bytes, HEADER);
  return handle;
}

/** Leaves a block's only column so many of its bytes. */
export function resize(handle: usize, bytes: usize): void {
  store<u64>(onlyColumn(handle) - 8, bytes);
  store<u32>(handle, u32(HEADER + 8 + bytes), 4);
}

/** The bytes of a block's only column. */
export const onlyColumn = (handle: usize): usize => usize(load<u32>(handle)) + HEADER + 8;
