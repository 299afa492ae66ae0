// How threads share the work of one kernel call. This file and worker.js are JavaScript, so that a worker can be started
// from the sources as well as from the package.
//
// A call is cut into chunks. A thread claims a chunk first and only then reads what the job is: while it holds a claim
// the job cannot end, so a thread that comes late either finds no chunk or one of the present job. No claim can belong
// to a job of before.

/** Words of the control block, which lies in the shared memory; those that threads write have a cache line each. */
export const SIGNAL = 0; // changes with every job: what parked workers wait for
export const LEFT = 16; // chunks that nobody has claimed; below 0 once threads have asked in vain
export const DONE = 32; // chunks that have ended
export const FAILED = 48; // how many of them trapped; which ones stands behind the record
// The job, written before LEFT is.
export const KERNEL = 64; // index of the export
export const CHUNKS = 65;
export const SIZE = 66; // elements or rows of a chunk
export const TOTAL = 67; // and of the call
export const TILES = 68; // working space of calls with many classes, one tile a thread; 0: the threads' own suffices
export const TILE_BYTES = 69;
export const RECORD = 80; // the call record

export const MOST_CHUNKS = 128;

/**
 * What a thread works with: the job's words, and its own record and working space.
 * @typedef {object} Thread
 * @property {number} index 0 for the calling thread
 * @property {Int32Array} words the control block
 * @property {Int32Array} record this thread's call record
 * @property {number} at its address
 * @property {number} scratch address of this thread's scratch space
 * @property {number} tile address of this thread's tile
 * @property {Fields} fields
 * @property {readonly ((call: number) => number)[]} kernels
 */

/**
 * Word of the record that a thread fills in itself; failedChunks is the word of the control block after the record.
 * @typedef {{ scratch: number, tile: number, from: number, to: number, failedChunks: number }} Fields
 */

/**
 * What a worker is started with.
 * @typedef {object} Start
 * @property {readonly WebAssembly.Module[]} modules
 * @property {WebAssembly.Memory} memory
 * @property {readonly string[]} kernels names of exports, in the order of their indices
 * @property {Fields} fields
 * @property {number} recordBytes
 * @property {number} index
 * @property {number} control address of the control block
 * @property {number} controlBytes
 * @property {number} at address of this thread's record
 * @property {number} scratch
 * @property {number} tile
 */

/**
 * @param {Start} start
 * @returns {Thread}
 */
export function threadOf({ modules, memory, kernels, fields, recordBytes, ...own }) {
  const exports = Object.assign(
    {},
    ...modules.map((module) => new WebAssembly.Instance(module, { env: { memory } }).exports),
  );
  const { buffer } = memory;
  return {
    index: own.index,
    words: new Int32Array(buffer, own.control, own.controlBytes / 4),
    record: new Int32Array(buffer, own.at, recordBytes / 4),
    at: own.at,
    scratch: own.scratch,
    tile: own.tile,
    fields,
    kernels: kernels.map((name) => exports[name]),
  };
}

/**
 * Works on chunks until none is left.
 * @param {Thread} thread
 */
export function takeChunks(thread) {
  const { words, fields } = thread;
  for (;;) {
    const left = Atomics.sub(words, LEFT, 1);
    if (left <= 0) return;
    const chunk = words[CHUNKS] - left;
    try {
      runChunk(thread, chunk);
    } catch {
      words[fields.failedChunks + Atomics.add(words, FAILED, 1)] = chunk;
    }
    Atomics.add(words, DONE, 1);
  }
}

/**
 * @param {Thread} thread
 * @param {number} chunk
 */
export function runChunk({ index, words, record, at, scratch, tile, fields, kernels }, chunk) {
  for (let i = 0; i < record.length; i++) record[i] = words[RECORD + i];
  record[fields.scratch] = scratch;
  record[fields.tile] = words[TILES] === 0 ? tile : words[TILES] + index * words[TILE_BYTES];
  record[fields.from] = chunk * words[SIZE];
  record[fields.to] = Math.min(words[TOTAL], (chunk + 1) * words[SIZE]);
  kernels[words[KERNEL]](at);
}
