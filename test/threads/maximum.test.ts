// Engines that set address space aside for all that a shared memory may grow to, and have little of it (Safari on iOS): smaller
// maxima are tried; with none of them 'auto' is one thread, and an error says what was refused.
import { afterEach, describe, expect, it } from 'vitest';
import { type LoadOptions, type LossFunctions, load, loadSync } from '../../src/index.ts';

const PAGE = 65536;
/** Below this no maximum is tried. */
const LEAST = 256;

const asked: { maximum: number; shared: boolean }[] = [];
const { Memory } = WebAssembly;
/** An engine that refuses larger maxima, of shared memories or of all. */
function engine(limit: number, refuses: 'shared' | 'all'): void {
  asked.length = 0;
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, [descriptor]) {
      const { maximum, shared } = descriptor;
      asked.push({ maximum, shared });
      if (maximum > limit && (shared || refuses === 'all')) throw new RangeError('Out of memory');
      return new target(descriptor);
    },
  });
}

let F: LossFunctions | undefined;
afterEach(() => {
  WebAssembly.Memory = Memory;
  F?.dispose();
  F = undefined;
});

const x = { data: Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i)), shape: [300, 1000] };
const labels = Int32Array.from({ length: 300 }, (_, i) => i);
const wanted = loadSync().crossEntropy(x, labels);
const ways = [
  ['load', load],
  ['loadSync', (options?: LoadOptions) => loadSync(options)],
] as const;
const limits = [65535, 32768, 20000, 4096, 1000, LEAST];

describe.each(ways)('%s', (_, make) => {
  it.each(limits)('an engine that has room for %i pages: threads all the same', async (limit) => {
    for (const threads of [2, 'auto'] as const) {
      engine(limit, 'shared');
      F = await make({ threads });
      if (threads === 2) expect(F.threads).toBe(2);
      for (let i = 0; i < 3; i++) expect(F.crossEntropy(x, labels)).toBe(wanted);
      if (F.threads > 1) {
        // the first that is not refused, and no other after it
        const { maximum, shared } = asked.at(-1)!;
        expect(shared).toBe(true);
        expect(maximum).toBeLessThanOrEqual(limit);
        expect(2 * maximum).toBeGreaterThan(limit);
        // it ends there, with a code, and goes on
        const code = (() => {
          try {
            return F.zeros([maximum * PAGE]).length;
          } catch (error) {
            return (error as { code?: string }).code;
          }
        })();
        expect(code).toBe('ERR_MEMORY');
        expect(F.crossEntropy(x, labels)).toBe(wanted);
      }
      F.dispose();
      WebAssembly.Memory = Memory;
    }
  });

  it.each([LEAST - 1, 100, 1, 0])('an engine that has room for %i pages: one thread', async (limit) => {
    engine(limit, 'shared');
    F = await make({ threads: 'auto' });
    expect([F.threads, F.crossEntropy(x, labels)]).toEqual([1, wanted]);
    const refused = await Promise.resolve()
      .then(() => make({ threads: 2 }))
      .then(
        () => undefined,
        (error) => error,
      );
    expect(refused).toMatchObject({
      code: 'ERR_MEMORY',
      message: `the engine has no room for a shared memory of 2 to ${LEAST} pages: backend 'js' of simdloss needs none`,
      cause: expect.objectContaining({ message: 'Out of memory' }),
    });
  });

  it('sizes that were asked for are kept', async () => {
    engine(1000, 'shared');
    const memory = { initial: 900 };
    F = await make({ threads: 2, memory });
    expect([F.threads, F.memory.capacity]).toEqual([2, 900 * PAGE]);
    F.dispose();
    F = await make({ threads: 'auto', memory: { maximum: 1200 } });
    expect(F.threads).toBe(1);
    const refusal = expect.objectContaining({
      code: 'ERR_MEMORY',
      message: expect.stringContaining('a shared memory of 2 to 1200 pages:'),
    });
    await expect((async () => make({ threads: 2, memory: { maximum: 1200 } }))()).rejects.toEqual(refusal);
    await expect((async () => make({ threads: 2, memory: { initial: 1001 } }))()).rejects.toEqual(
      expect.objectContaining({ message: expect.stringContaining('a shared memory of 1001 to 1001 pages:') }),
    );
  });

  it('memories of one thread, too', async () => {
    engine(5000, 'all');
    F = await make();
    expect([F.threads, F.crossEntropy(x, labels)]).toEqual([1, wanted]);
    expect(asked.map(({ maximum }) => maximum)).toEqual([65536, 32768, 16384, 8192, 4096]);
  });
});
