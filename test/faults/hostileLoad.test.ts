// The same of load and loadSync: an instance, or an error with a code and a text of a few lines.
import { describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { complaint, values } from './hostileValues.ts';

type Any = any;

const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 });
/** Where a value goes. */
const places: Record<string, (value: unknown) => unknown> = {
  options: (v) => v,
  backend: (v) => ({ backend: v }),
  math: (v) => ({ math: v }),
  threads: (v) => ({ threads: v }),
  module: (v) => ({ module: v }),
  'module for a shared memory': (v) => ({ module: v, threads: 2 }),
  worker: (v) => ({ worker: v }),
  memory: (v) => ({ memory: v }),
  'memory.initial': (v) => ({ memory: { initial: v } }),
  'memory.maximum': (v) => ({ memory: { maximum: v } }),
  'memory.memory': (v) => ({ memory: { memory: v, base: 0, size: 65536 } }),
  'memory.base': (v) => ({ memory: { memory, base: v, size: 65536 } }),
  'memory.size': (v) => ({ memory: { memory, base: 0, size: v } }),
};
/** Of these places. */
const more: Record<string, () => unknown> = {
  'a proxy of a memory': () => new Proxy(memory, {}),
  'what says that it is a memory': () => ({ [Symbol.toStringTag]: 'WebAssembly.Memory' }),
  'what inherits from a memory': () => Object.create(memory),
  'a proxy of a module': () =>
    new Proxy(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)), {}),
  'a promise of nothing': () => Promise.resolve(undefined),
  'an address without end': () => `data:application/wasm,${'x'.repeat(1e6)}`,
};

describe.each(Object.entries(places))('%s', (_, place) => {
  it.each(['load', 'loadSync'])('%s', async (way) => {
    const wrong: string[] = [];
    for (const [name, make] of Object.entries({ ...values, ...more })) {
      try {
        const F = (await (way === 'load' ? load : loadSync)(place(make()) as Any)) as Any;
        expect(F.mse(Float32Array.of(1, 2), [0, 0])).toBe(2.5);
        F.dispose();
      } catch (error) {
        const text = complaint(error);
        if (text !== undefined) wrong.push(`${name}: ${text}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
