import { deflateRawSync } from 'node:zlib';
import { inflateHere } from '../../src/wasm/inflate.ts';

/**
 * src/wasm/inline….ts: a module as text, so that the package needs no file and no network to load it. Deflated first: 24
 * kB gzipped instead of 37. A cold process decodes it with Node's zlib in the time that plain base64 takes in a loop (5 ms,
 * with Uint8Array.from 13); our own inflate, for all other platforms, takes 6 ms more, which 13 kB of transfer make up
 * for below 17 Mbit/s. A stream (DecompressionStream) took 42 ms, and is no use to loadSync.
 */
export function inlineSource(name: string, wasm: Uint8Array): string {
  const deflated = deflateRawSync(wasm, { level: 9 });
  if (!Buffer.from(wasm).equals(inflateHere(deflated, wasm.length)))
    throw new Error(`${name} is not inflated to itself`);
  return `// Generated from assembly/ by \`npm run build\`; not committed.
import { inflate } from './inflate.ts';

const base64 =
  '${deflated.toString('base64')}';

let bytes: Uint8Array<ArrayBuffer> | undefined;

/** The bytes of ${name}. */
export function inlineModule(): Uint8Array<ArrayBuffer> {
  if (bytes === undefined) {
    const text = atob(base64);
    const deflated = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) deflated[i] = text.charCodeAt(i);
    bytes = inflate(deflated, ${wasm.length});
  }
  return bytes;
}
`;
}
