// The same bits everywhere: what this engine computes hashes to the committed digests. They change with the kernels
// (run with SIMDLOSS_UPDATE=1 to write them), never with the engine.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { lossDigest, mathDigest } from './work.ts';

const file = new URL('./digests.json', import.meta.url);

it('1e5 loss calls and 2^24 math inputs have the committed digests', { timeout: 300_000 }, async () => {
  const F = await load();
  const actual = { losses: lossDigest(F, 1e5), math: mathDigest(F, 2 ** 24) };
  if (process.env.SIMDLOSS_UPDATE) writeFileSync(file, `${JSON.stringify(actual, null, 2)}\n`);
  expect(actual).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

it('the digest notices a single bit', async () => {
  const { Digest } = await import('./digest.ts');
  const of = (...values: number[]): string => {
    const digest = new Digest();
    digest.numbers(Float64Array.from(values));
    return digest.toString();
  };
  expect(of(1, 2)).toBe(of(1, 2));
  expect(of(1, 2)).not.toBe(of(2, 1));
  expect(of(1, 2)).not.toBe(of(1, 2 + 2 ** -51));
  expect(of(0)).not.toBe(of(-0));
  expect(of(1, 2)).not.toBe(of(1, 2, 0));
});
