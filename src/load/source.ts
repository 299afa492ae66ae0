import { fail } from '../errors.ts';

/** What Node, Bun and Deno have for files; not imported, as bundlers for browsers would have to resolve it. */
interface NodeFiles {
  readFileSync(path: URL): Uint8Array<ArrayBuffer>;
}
type NodeGlobal = { process?: { getBuiltinModule?(name: 'node:fs'): NodeFiles | undefined } };

const filesFor = (url: string | URL): NodeFiles | undefined =>
  String(url).startsWith('file:')
    ? (globalThis as NodeGlobal).process?.getBuiltinModule?.('node:fs')
    : undefined;

const unread = (url: string | URL, cause: unknown): never =>
  fail('ERR_UNSUPPORTED', `the module could not be read from ${url}`, cause);

export const isBuffer = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object ArrayBuffer]';

/** Bytes as a view of bytes. */
export const bytesOf = (source: BufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

/** The module at a URL: fetched, or read where it is a file in Node. */
export async function fetchModule(url: string | URL): Promise<Response | BufferSource> {
  try {
    const files = filesFor(url);
    // at once: 24 pages of a file are there before a promise of them is
    if (files !== undefined) return files.readFileSync(new URL(url));
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    // streaming needs the right type; some servers don't send it
    const type = response.headers.get('content-type') ?? '';
    return type.startsWith('application/wasm') ? response : await response.arrayBuffer();
  } catch (cause) {
    return unread(url, cause);
  }
}

/** The bytes at a URL at once, where it is a file and the platform reads files. */
export function readModule(url: URL): Uint8Array<ArrayBuffer> {
  const files = filesFor(url);
  if (files === undefined) {
    fail('ERR_UNSUPPORTED', `loadSync cannot fetch ${url}: give the module, or use load`);
  }
  try {
    return files.readFileSync(url);
  } catch (cause) {
    return unread(url, cause);
  }
}
