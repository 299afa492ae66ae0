import { fail } from '../errors.ts';

interface NodeGlobal {
  process?: {
    getBuiltinModule?(name: 'node:fs/promises'): { readFile(path: URL): Promise<Uint8Array<ArrayBuffer>> };
  };
}

/** Bytes as a view of bytes. */
export const bytesOf = (source: BufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

/** The module at a URL: fetched, or read where it is a file in Node. */
export async function fetchModule(url: string | URL): Promise<Response | BufferSource> {
  try {
    const file = String(url).startsWith('file:');
    // not an import: bundlers for browsers would have to resolve it
    const fs = file ? (globalThis as NodeGlobal).process?.getBuiltinModule?.('node:fs/promises') : undefined;
    if (fs !== undefined) return await fs.readFile(new URL(url));
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    // streaming needs the right type; some servers don't send it
    const type = response.headers.get('content-type') ?? '';
    return type.startsWith('application/wasm') ? response : await response.arrayBuffer();
  } catch (cause) {
    return fail('ERR_UNSUPPORTED', `the module could not be read from ${url}`, cause);
  }
}
