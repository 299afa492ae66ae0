// What the .wasm file is made of.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cut } from '../../src/cut/cut.ts';
import { apartOf, cuttable, isInCut } from '../../src/cut/exports.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { sectionsOf } from './sections.ts';

const bytes = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
const module = new WebAssembly.Module(bytes);

const gzipped = (wasm: Uint8Array): number => gzipSync(wasm, { level: 9 }).length;

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
        /^([a-zA-Z0-9]+_(any|sum|grad|sumgrad|terms|softplus|product|few|rows|lanes|map|pick|sequences|project|allPairs|overlaps)|prepass|addBlocks|addRows|unbroadcast)_f(32|64)$|^(widen|narrow)_b?f16$|^fused$/,
      );
    }
  });

  // sixty losses
  it('is at most 72 kB gzipped', () => {
    expect(gzipped(bytes)).toBeLessThanOrEqual(72_000);
  });

  // families share loops and math, which their first loss pays for: two thirds of the classes', and 2.5 kB of the features' loops
  // (a row's sums in f64, by pairs of features and of rows), 2 kB of the sequences', 1.1 of the rivals' of a label and 2 of sets of labels
  // and means of rows beyond a share of each of their losses, 2.4 kB of the projection's (three products of matrices in tiles),
  // 3.4 kB of the pairs' (scaled rows and the way back, columns), 2.6 of the sums and slopes of sets, 2 of functions of cross entropy
  it('grows by no more than a loss’s share, 1 kB, and 2 kB for what is apart', () => {
    const apart = descriptors.flatMap(apartOf).length;
    expect(gzipped(bytes)).toBeLessThanOrEqual(40_400 + 1_000 * descriptors.length + 2_000 * apart);
  });

  const cutTo = (names: readonly string[]): number => gzipped(cut(bytes, isInCut(names, ['f32', 'f64'])));
  const limits: Record<string, { readonly shared: number; readonly most: number }> = {
    elementwise: { shared: 6_100, most: 3_100 },
    // of which 1 kB is few classes going in whole tiles, 1.4 times as fast, 0.1 shares that do not vanish, and 0.9 the loops of rivals
    classes: { shared: 21_600, most: 2_250 },
    features: { shared: 5_000, most: 2_500 },
    // trellises of scaled numbers, once for both dtypes
    sequence: { shared: 4_980, most: 3_150 },
    // sets of labels, means of rows
    multilabel: { shared: 5_500, most: 2_740 },
    // with the rows of cross entropy, which its logits are handed to
    projection: { shared: 14_850, most: 3_500 },
    // the same rows and products, and what pairs have beside them
    pairs: { shared: 11_400, most: 2_000 },
    // the tiles of classes, softmax and sigmoid, sums and slopes of probabilities that are given or made
    sets: { shared: 5_660, most: 3_800 },
  };

  describe.each(Object.entries(limits))('the family %s', (family, { shared, most }) => {
    const names = descriptors.filter((d) => d.family.name === family).map(({ name }) => name);

    it('has its share', () => {
      expect(cutTo(names)).toBeLessThanOrEqual(shared + 1_000 * names.length);
    });

    it.each(names)('%s adds no more than it may', (name) => {
      const others = Object.keys(cuttable).filter((other) => other.split('/')[0] !== name);
      const apart = descriptors.filter((d) => d.name === name).flatMap(apartOf).length;
      expect(gzipped(bytes) - cutTo(others)).toBeLessThanOrEqual(most + 2_000 * apart);
    });
  });

  it('has limits for every family', () => {
    for (const { family } of descriptors) expect(Object.keys(limits)).toContain(family.name);
  });
});
