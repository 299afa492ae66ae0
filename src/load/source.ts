import { cut, expected, fail, show } from '../errors.ts';
import { kindOf, read } from '../given.ts';
import { type Compilable, isModule, messageOf, type Source } from '../wasm/instantiate.ts';

/** What Node, Bun and Deno have for files; not imported, as bundlers for browsers would have to resolve it. */
// a type literal, whose names are somebody else's and stay
type NodeFiles = {
  readFileSync(path: URL): Uint8Array<ArrayBuffer>;
};
type NodeGlobal = { process?: { getBuiltinModule?(name: 'node:fs'): NodeFiles | undefined } };

const filesFor = (url: string | URL): NodeFiles | undefined =>
  String(url).startsWith('file:')
    ? (globalThis as NodeGlobal).process?.getBuiltinModule?.('node:fs')
    : undefined;

const unread = (from: string, cause: unknown): never =>
  fail('ERR_UNSUPPORTED', `the module could not be read from ${cut(from, 80)} (${messageOf(cause)})`, cause);

/** "\0asm" */
const MAGIC = [0, 97, 115, 109];

/** The bytes of a view or a buffer of any realm: none where it was detached. Undefined where it is neither, or only says so. */
function copyOf(given: unknown): Uint8Array<ArrayBuffer> | undefined {
  try {
    if (ArrayBuffer.isView(given))
      return given.byteLength === 0
        ? new Uint8Array()
        : new Uint8Array(given.buffer, given.byteOffset, given.byteLength).slice();
    if (!/^(Shared)?ArrayBuffer$/.test(kindOf(given))) return undefined;
    const { byteLength } = given as ArrayBuffer;
    return byteLength === 0 ? new Uint8Array() : new Uint8Array(given as ArrayBuffer).slice();
  } catch {
    return undefined;
  }
}

/** What was given as a module: bytes in one form, copied, as engines compile none that are shared or may be resized. */
export function sourceFrom(given: unknown, wanted: string): Compilable {
  if (isModule(given)) return given;
  const bytes = copyOf(given) ?? expected('ERR_TYPE', 'module', wanted, show(given));
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    const start = show(String.fromCharCode(...bytes.subarray(0, 16)));
    expected('ERR_OPTION', 'module', 'a WebAssembly module', `bytes that begin with ${start}`);
  }
  return bytes;
}

export const isResponse = (given: unknown): given is Response =>
  typeof read(Object(given), 'arrayBuffer') === 'function';

/** The same of what load() takes: also an address, a response, or a promise. */
export async function sourceOf(given: unknown): Promise<Source> {
  let source: unknown;
  try {
    source = await given;
  } catch (cause) {
    return fail('ERR_UNSUPPORTED', `"module" could not be had (${messageOf(cause)})`, cause);
  }
  if (typeof source === 'string' || kindOf(source) === 'URL') return fetchModule(source as string | URL);
  return isResponse(source) ? source : sourceFrom(source, 'a WebAssembly.Module, bytes, a URL or a Response');
}

/** The bytes of a response; where the module is not there, the body would be a page that says so. */
export async function bytesOf(response: Response): Promise<Compilable> {
  let bytes: ArrayBuffer;
  try {
    if (response.ok === false) throw new Error(`status ${response.status}`);
    bytes = await response.arrayBuffer();
  } catch (cause) {
    const { url } = response;
    return unread(typeof url === 'string' && url !== '' ? url : 'a Response', cause);
  }
  return sourceFrom(bytes, '');
}

/** The module at a URL: fetched, or read where it is a file in Node. */
export async function fetchModule(url: string | URL): Promise<Source> {
  try {
    // at once: 24 pages of a file are there before a promise of them is
    return filesFor(url)?.readFileSync(new URL(url)) ?? (await fetch(url));
  } catch (cause) {
    return unread(String(url), cause);
  }
}

/** The bytes at a URL at once, where it is a file and the platform reads files. */
export function readModule(url: URL): Uint8Array<ArrayBuffer> {
  const files = filesFor(url);
  if (files === undefined) {
    fail('ERR_UNSUPPORTED', `loadSync cannot fetch ${cut(String(url), 100)}: give the module, or use load`);
  }
  try {
    return files.readFileSync(url);
  } catch (cause) {
    return unread(String(url), cause);
  }
}
