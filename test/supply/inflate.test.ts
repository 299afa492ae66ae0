// The modules inside the package are deflated; what inflates them is ours, so it is held to zlib.
import { readFileSync } from 'node:fs';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bytesOfBase64 } from '../../src/wasm/base64.ts';
import { inflate } from '../../src/wasm/inflate.ts';
import { integer, random } from '../random.ts';

const wasm = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
const r = random(7);
/** Text-like data: long matches at all distances, or nearly none. */
const sample = (size: number, kinds: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const length = Math.min(1 + integer(r, 300), size - at, at);
    if (at > 0 && r() < 0.2) bytes.copyWithin(at, at - 1 - integer(r, Math.min(at, 32768)), at + length);
    at += Math.max(1, length);
    bytes[at - 1] = integer(r, kinds);
  }
  return bytes;
};

describe.each([
  ['as the build deflates', { level: 9 }],
  ['fast', { level: 1 }],
  ['without matches', { strategy: constants.Z_HUFFMAN_ONLY }],
  ['with the fixed codes', { strategy: constants.Z_FIXED }],
  ['in small blocks', { memLevel: 1 }],
])('inflate, %s', (_, options) => {
  it('the module', () => {
    expect(Buffer.from(inflate(deflateRawSync(wasm, options), wasm.length)).equals(wasm)).toBe(true);
  });

  it('other data of all sizes', () => {
    for (const size of [0, 1, 2, 3, 257, 258, 259, 1000, 40_000, 100_000]) {
      for (const kinds of [1, 2, 20]) {
        const data = sample(size, kinds);
        const deflated = deflateRawSync(data, options);
        expect(Buffer.from(inflate(deflated, size)).equals(data), `${size} of ${kinds}`).toBe(true);
      }
    }
  });
});

it('a stored block is refused', () => {
  expect(() => inflate(deflateRawSync(Uint8Array.of(1, 2, 3), { level: 0 }), 3)).toThrow(
    expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
  );
});

describe('base64 is read', () => {
  const text = wasm.toString('base64');
  // not byte by byte through expect: it needs the Buffer that is away
  const isRead = (): boolean => {
    const bytes = bytesOfBase64(text);
    return bytes.length === wasm.length && bytes.every((byte, i) => byte === wasm[i]);
  };
  afterEach(() => vi.unstubAllGlobals());

  it("by Node's Buffer; the bytes stand alone", () => {
    expect(isRead()).toBe(true);
    expect(bytesOfBase64('AAAA').buffer.byteLength).toBe(3);
  });

  it('by atob', () => {
    vi.stubGlobal('Buffer', undefined);
    expect(isRead()).toBe(true);
  });

  it('by Uint8Array.fromBase64, where there is one', () => {
    const decoded = Uint8Array.from(wasm);
    const fromBase64 = vi.fn(() => decoded);
    vi.stubGlobal('Buffer', undefined);
    Object.defineProperty(Uint8Array, 'fromBase64', { value: fromBase64, configurable: true });
    try {
      expect(isRead()).toBe(true);
      expect(fromBase64).toHaveBeenCalledWith(text);
    } finally {
      Reflect.deleteProperty(Uint8Array, 'fromBase64');
    }
  });
});
