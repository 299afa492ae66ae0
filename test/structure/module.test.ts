// What the .wasm file is made of.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const bytes = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
const module = new WebAssembly.Module(bytes);

/** Ids of the sections that the binary has. */
function sections(wasm: Uint8Array): number[] {
  const ids: number[] = [];
  let at = 8;
  while (at < wasm.length) {
    ids.push(wasm[at++]);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    at += size;
  }
  return ids;
}

describe('simdloss.wasm', () => {
  it('imports env.memory alone', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  it('has no data segment', () => {
    const DATA = 11;
    expect(sections(bytes)).not.toContain(DATA);
  });

  it('exports kernels only', () => {
    for (const { name, kind } of WebAssembly.Module.exports(module)) {
      expect(kind).toBe('function');
      expect(name).toMatch(
        /^([a-zA-Z0-9]+_(any|sum|grad|sumgrad|softplus|product|rows|lanes|map|pick)|prepass|addBlocks|addRows)_f(32|64)$|^fused$/,
      );
    }
  });

  it('is at most 24 kB gzipped', () => {
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(24_000);
  });
});
