// examples/perplexity: three runtimes, the loss and the command line say of a text what PyTorch says of it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LossFunctions } from 'simdloss';
import { afterAll, describe, expect, it } from 'vitest';
import { byCommand } from '../../../examples/perplexity/command.ts';
import { costOf, costs, dearest, windowsOf } from '../../../examples/perplexity/evaluate.ts';
import { runtimes } from '../../../examples/perplexity/runtimes/runtimes.ts';
import { load } from '../../../src/index.ts';
import { expected, isThere, read } from './installed.ts';

const text = read('text/held-out.md');
const F = (await load()) as unknown as LossFunctions;
afterAll(() => F.dispose());

describe('what is committed', () => {
  it('is a model of bytes, and what PyTorch said of each of the text', () => {
    expect(expected.parameters).toBeGreaterThan(140_000);
    expect(expected.parameters).toBeLessThan(160_000);
    const { model } = JSON.parse(read('model/tokenizer.json'));
    expect(new Set(Object.values(model.vocab))).toEqual(
      new Set(Array.from({ length: 256 }, (_, byte) => byte)),
    );
    expect(expected.terms).toHaveLength(Buffer.byteLength(text) - 1);
    const mean = expected.terms.reduce((sum: number, term: number) => sum + term, 0) / expected.terms.length;
    expect(mean).toBeCloseTo(expected.loss, 5);
    expect(expected.perplexity).toBeCloseTo(Math.exp(expected.loss), 10);
    // ln 256 is 5.5
    expect(expected.loss).toBeLessThan(2);
  });
});

describe('windows', () => {
  it.each([0, 1, 2, 255, 256, 257, 511, 512, 1000])(
    'of %i tokens foretell each but the first once',
    (length) => {
      const tokens = Int32Array.from({ length }, (_, i) => (7 * i) % 256);
      const { ids, labels, shape } = windowsOf(tokens);
      const [rows, width] = shape;
      expect(ids).toHaveLength(rows * width);
      const foretold = [...labels].filter((label, i) => i % width > 0 && label !== -100);
      expect(foretold).toEqual([...tokens.subarray(1)]);
      labels.forEach((label, i) => {
        if (label !== -100) expect(ids[i]).toBe(BigInt(label));
      });
    },
  );

  it('words are what their bytes cost', () => {
    const said = 'a – bee, a';
    const bytes = new TextEncoder().encode(said).length;
    const words = dearest(
      said,
      Float32Array.from({ length: bytes - 1 }, (_, i) => i),
      9,
    );
    // bytes 6, 7, 8 of 12; the last; the first costs nothing
    expect(words).toEqual([
      { word: 'bee', nats: 5 + 6 + 7 },
      { word: 'a', nats: bytes - 2 },
      { word: 'a', nats: 0 },
    ]);
  });
});

describe.skipIf(!isThere).each(isThere ? Object.entries(runtimes) : [['', undefined!] as const])(
  '%s',
  (_, create) => {
    it('has the bytes of a text as its tokens', async () => {
      const { tokens } = await create();
      for (const said of [text, 'naïve – 🙂\n\n  x\t', ' a'])
        expect(Uint8Array.from(tokens(said), Number)).toEqual(new TextEncoder().encode(said));
    });

    it('costs what PyTorch says, each byte and all, by the command as well', async () => {
      const runtime = await create();
      const windows = windowsOf(runtime.tokens(text));
      const logits = await runtime.logits(windows.ids, windows.shape);
      expect(logits.dims).toEqual([...windows.shape, 256]);
      const each = costs(F, logits, windows);
      expect(each).toHaveLength(expected.count);
      const worst = each.reduce(
        (most, cost, i) => Math.max(most, Math.abs(cost - expected.terms[i]) / (1 + expected.terms[i])),
        0,
      );
      // 2.8e-5 with onnxruntime-web
      expect(worst).toBeLessThan(1e-4);
      const { count, loss, perplexity, accuracy } = costOf(F, logits, windows);
      expect(count).toBe(expected.count);
      expect(loss).toBeCloseTo(expected.loss, 5);
      expect(perplexity).toBeCloseTo(expected.perplexity, 4);
      const figures = JSON.parse(byCommand(logits, windows, '--json'));
      expect(figures).toMatchObject({ count, loss, perplexity, accuracy });
    });
  },
);

it.skipIf(!isThere)('README.md has what it prints', () => {
  const main = fileURLToPath(new URL('../../../examples/perplexity/main.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main], {
    encoding: 'utf8',
    timeout: 100_000,
  });
  expect(status, stderr).toBe(0);
  expect(read('README.md')).toContain(stdout);
});
