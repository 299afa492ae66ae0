// ERR_MEMORY says which limit was met: the region's, the memory's maximum, or the engine's.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { random } from '../random.ts';

type Any = any;
const PAGE = 65536;

afterEach(() => {
  vi.restoreAllMocks();
});

const refusal = (run: () => unknown): { code: string; message: string } => {
  try {
    run();
  } catch (error) {
    return error as Any;
  }
  return { code: 'nothing thrown', message: '' };
};

/** Allocates tensors of such sizes, freeing some, until one is refused. */
function fill(F: Any, most: number): { code: string; message: string } {
  const r = random(most);
  return refusal(() => {
    for (;;) {
      const x = F.zeros([1 + Math.floor(r() * most)]);
      if (r() < 0.3) x.dispose();
    }
  });
}
const refused = (limit: string) => ({
  code: 'ERR_MEMORY',
  message: expect.stringMatching(
    new RegExp(`^\\d+ bytes do not fit: \\d+ of \\d+ are in use, and ${limit}$`),
  ),
});
const MOST = [10, 1000, PAGE, 8 * PAGE];

describe.each(MOST)('tensors of up to %i numbers', (most) => {
  it.each([2, 3, 7, 40])('a maximum of %i pages', (maximum) => {
    const F = loadSync({ memory: { maximum } });
    expect(fill(F, most)).toMatchObject(refused(`the memory's maximum is ${maximum} pages`));
    F.dispose();
  });

  it.each([2 * PAGE, 3 * PAGE + 8, 5 * PAGE])('a region of %i bytes', (size) => {
    const memory = new WebAssembly.Memory({ initial: 10, maximum: 100 });
    const F = loadSync({ memory: { memory, base: 64, size } });
    expect(fill(F, most)).toMatchObject(refused('the region ends'));
    F.dispose();
  });

  it.each([2, 3, 7, 40])('an engine that gives %i pages', (pages) => {
    const { grow } = WebAssembly.Memory.prototype;
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(function (
      this: WebAssembly.Memory,
      by,
    ) {
      if (this.buffer.byteLength / PAGE + by > pages) throw new RangeError('Out of memory');
      return grow.call(this, by);
    });
    for (const memory of [undefined, { maximum: 100 }]) {
      const F = loadSync({ memory });
      expect(fill(F, most)).toMatchObject(refused('the engine gives no more'));
      F.dispose();
    }
  });
});

it('more than there are addresses for: the maximum of all memories', () => {
  const F = loadSync();
  for (const n of [2 ** 29 + 1, 2 ** 30, 2 ** 32])
    expect(refusal(() => F.zeros([n], 'f64'))).toMatchObject(refused("the memory's maximum is 65536 pages"));
  F.dispose();
});

it('no memory at all: the engine, and what needs none', async () => {
  class None {
    constructor() {
      throw new RangeError('Out of memory');
    }
  }
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(None as Any);
  const wanted = {
    code: 'ERR_MEMORY',
    message: "the engine has no room for a memory of 2 to 256 pages: backend 'js' of simdloss needs none",
    cause: expect.objectContaining({ message: 'Out of memory' }),
  };
  expect(refusal(() => loadSync())).toMatchObject(wanted);
  await expect(load()).rejects.toMatchObject(wanted);
  const F = await load({ backend: 'js' });
  expect(F.mse([1], [3])).toBe(4);
  expect(refusal(() => F.zeros([2 ** 32], 'f64'))).toMatchObject({
    code: 'ERR_MEMORY',
    message: `the engine has no room for ${8 * 2 ** 32} bytes`,
  });
});
