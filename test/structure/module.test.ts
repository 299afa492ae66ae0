// What the .wasm file is made of.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sectionsOf } from './sections.ts';

const bytes = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
const module = new WebAssembly.Module(bytes);

describe('simdloss.wasm', () => {
  it('imports env.memory alone', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  it('has no data segment', () => {
    const DATA = 11;
    expect(sectionsOf(bytes)).not.toContain(DATA);
  });

  it('exports kernels and the number of the ABI only', () => {
    for (const { name, kind } of WebAssembly.Module.exports(module)) {
      if (kind === 'global') {
        expect(name).toBe('abi');
        continue;
      }
      expect(kind).toBe('function');
      expect(name).toMatch(
        /^([a-zA-Z0-9]+_(any|sum|grad|sumgrad|softplus|product|pairs|rows|lanes|map|pick)|prepass|addBlocks|addRows)_f(32|64)$|^fused$/,
      );
    }
  });

  it('is at most 27 kB gzipped', () => {
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(27_000);
  });
});
