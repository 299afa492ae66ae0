import { deflateRawSync } from 'node:zlib';
import { inflateHere } from '../../src/wasm/inflate.ts';

/**
 * src/wasm/inline….ts: a module as text, so that the package needs no file and no network to load it. Deflated first: 24
 * kB gzipped instead of 37. A cold Node inflates it in 1.5 ms with its zlib; our own inflate, for all other platforms, takes
 * 6 ms, which 13 kB of transfer make up for below 17 Mbit/s. A stream (DecompressionStream) took 42 ms, and is no use to
 * loadSync.
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
  bytes ??= inflate(base64, ${wasm.length});
  return bytes;
}
`;
}
