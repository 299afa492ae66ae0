// The same of load and loadSync: an instance, or an error with a code and a text of a few lines.
import { describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { loadSync as loadParts } from '../../src/parts/load.ts';
import { f32 } from '../parts/every.ts';
import { complaint, revoked, values } from './hostileValues.ts';

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
/** A promise that may fail and that nobody may have waited for: loadSync refuses any, and then it is the caller's. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
/** A minimal Response. */
const response = (members: object) => ({ module: { arrayBuffer: () => new ArrayBuffer(8), ...members } });
const raise = (error: unknown): never => {
  throw error;
};
/** What runs code of the caller's, or is waited for. */
const later: typeof places = {
  'what a module is promised to be': (v) => ({ module: quiet(Promise.resolve(v)) }),
  'why a module is not there': (v) => ({ module: quiet(Promise.reject(v)) }),
  'the bytes of a response': (v) => response({ arrayBuffer: () => v }),
  'why a response has none': (v) => response({ arrayBuffer: () => raise(v) }),
  'headers of a response': (v) => response({ headers: v }),
  'a header of a response': (v) => response({ headers: { get: () => v } }),
  'the address of a response': (v) => response({ url: v, ok: false, status: v }),
  'what a factory makes': (v) => ({ threads: 2, worker: () => v }),
  'why a factory makes nothing': (v) => ({ threads: 2, worker: () => raise(v) }),
  'the method of a worker': (v) => ({ threads: 2, worker: () => ({ postMessage: v, terminate: v }) }),
  'the events of a worker': (v) => ({
    threads: 2,
    worker: () => ({ postMessage() {}, terminate() {}, on: v, addEventListener: v }),
  }),
};
/** Of these places. */
const more: Record<string, () => unknown> = {
  'a proxy of a memory': () => new Proxy(memory, {}),
  'what says that it is a memory': () => ({ [Symbol.toStringTag]: 'WebAssembly.Memory' }),
  'what inherits from a memory': () => Object.create(memory),
  'a proxy of a module': () =>
    new Proxy(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)), {}),
  'a promise of nothing': () => Promise.resolve(undefined),
  'an error without a text': () => Object.create(null),
  'an error whose text is a symbol': () => ({ message: Symbol('s') }),
  'an error whose text is long': () => new Error('x'.repeat(1e6)),
  'an error whose text is revoked': () => ({ message: revoked({}) }),
  'a code of another kind': () => Object.assign(new Error('x'), { code: revoked({}) }),
  'an address without end': () => `data:application/wasm,${'x'.repeat(1e6)}`,
};

describe.each(Object.entries({ ...places, ...later }))('%s', (_, place) => {
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

it.each<[string, (value: unknown) => unknown]>([
  ['options', (v) => v],
  ['losses', (v) => ({ losses: v })],
  ['a loss', (v) => ({ losses: [f32.mse, v] })],
  ['what makes a loss', (v) => ({ losses: [f32.mse, { ...f32.l1, create: v }] })],
  ['what a loss is', (v) => ({ losses: [f32.mse, { ...f32.l1, of: v }] })],
  ['the module of a loss', (v) => ({ losses: [f32.mse, { ...f32.l1, f32: v }] })],
  ['the other module of a loss', (v) => ({ losses: [f32.mse, { ...f32.l1, f64: v }] })],
])('parts: %s', (_, place) => {
  const wrong: string[] = [];
  for (const [name, make] of Object.entries({ ...values, ...more })) {
    try {
      loadParts(place(make()) as Any).dispose();
    } catch (error) {
      const text = complaint(error);
      if (text !== undefined) wrong.push(`${name}: ${text.slice(0, 300)}`);
    }
  }
  expect(wrong).toEqual([]);
});
