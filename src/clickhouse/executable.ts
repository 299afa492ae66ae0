// A function of the module as a process: reads blocks from its standard input and writes one for each. `node executable.js bce_loss`.
import { readFileSync, readSync, writeSync } from 'node:fs';

/** A block begins with its columns and rows, and each column with its bytes, in eight bytes each. */
const NUMBER = 8;

interface Exports {
  readonly memory: WebAssembly.Memory;
  clickhouse_create_buffer(size: number): number;
  clickhouse_destroy_buffer(handle: number): void;
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const name = process.argv[2] ?? '';
// it stands beside this file's folder in the package
const module = readFileSync(new URL('../simdloss.clickhouse.wasm', import.meta.url));
const instance = new WebAssembly.Instance(new WebAssembly.Module(module), {
  env: { clickhouse_throw: (at: number, size: number) => fail(text(at, size)) },
});
const exports = instance.exports as unknown as Exports;
const call = instance.exports[name] as ((handle: number, rows: number) => number) | undefined;
if (typeof call !== 'function') fail(`ERR_OPTION: the module has no function ${name}`);

const text = (at: number, size: number): string =>
  new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, size));

/** Bytes from the standard input; undefined: it has ended. */
function readFully(bytes: Uint8Array, from = 0): boolean {
  for (let at = from; at < bytes.length; ) {
    let n: number;
    try {
      n = readSync(0, bytes, at, bytes.length - at, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') continue;
      if (code === 'EOF') return false;
      throw error;
    }
    if (n === 0) return false;
    at += n;
  }
  return true;
}

const numberAt = (bytes: Uint8Array, at: number): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true));

/** A whole block; undefined: there is none. */
function readBlock(): Uint8Array | undefined {
  const header = new Uint8Array(2 * NUMBER);
  if (!readFully(header)) return undefined;
  const pieces = [header];
  for (let i = numberAt(header, 0); i > 0; i--) {
    const size = new Uint8Array(NUMBER);
    if (!readFully(size)) fail('ERR_SHAPE: a block ends too early');
    const data = new Uint8Array(numberAt(size, 0));
    if (!readFully(data)) fail('ERR_SHAPE: a block ends too early');
    pieces.push(size, data);
  }
  return Buffer.concat(pieces);
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** Where a buffer's bytes are, and how many. */
const viewOf = (handle: number): Uint8Array => {
  const [at, size] = new Uint32Array(exports.memory.buffer, handle, 2);
  return new Uint8Array(exports.memory.buffer, at, size);
};

for (let block = readBlock(); block !== undefined; block = readBlock()) {
  const given = exports.clickhouse_create_buffer(block.length);
  viewOf(given).set(block);
  const result = call(given, numberAt(block, NUMBER));
  write(viewOf(result));
  exports.clickhouse_destroy_buffer(given);
  exports.clickhouse_destroy_buffer(result);
}
