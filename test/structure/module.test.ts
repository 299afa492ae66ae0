// What the .wasm file is made of.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';
import { sectionsOf } from './sections.ts';

const bytes = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
/** Of the loops for logits; they were made for this loss. */
const SIZES: Record<string, number> = { bceWithLogits: 4_300 };
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
        /^([a-zA-Z0-9]+_(any|sum|grad|sumgrad|softplus|product|pairs|rows|lanes|map|pick)|prepass|addBlocks|addRows|unbroadcast)_f(32|64)$|^fused$/,
      );
    }
  });

  it('is at most 50 kB gzipped', () => {
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(50_000);
  });

  // what a loss costs where it is alone: a limit for each, whatever the whole has
  const elementwise = descriptors.filter(({ family }) => family.name === 'elementwise');
  it.each(elementwise)('$name is at most 4 kB gzipped in f32', ({ name }) => {
    const part = readFileSync(new URL(`../../src/parts/generated/${name}.f32.wasm`, import.meta.url));
    expect(gzipSync(part, { level: 9 }).length).toBeLessThanOrEqual(SIZES[name] ?? 4_000);
  });
});
