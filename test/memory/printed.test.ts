// What a console shows of a tensor, and that showing it never throws.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadSync, Tensor } from '../../src/index.ts';
import { detached } from '../faults/hostileValues.ts';

const F = { wasm: loadSync(), js: loadSync({ backend: 'js' }) };
const deno: any = Symbol.for('Deno.customInspect');

describe.each(Object.entries(F))('%s', (_, F) => {
  it.each([
    [
      Float32Array.of(0.1, -0, 1e-30, Number.NaN, Number.NEGATIVE_INFINITY, 1 / 3, 7),
      [7],
      'f32 [7]: 0.1, 0, 1e-30, NaN, -Infinity, 0.333333, …',
    ],
    [Float64Array.of(2 / 3, 1e300), [2, 1], 'f64 [2, 1]: 0.666667, 1e+300'],
    [Int32Array.of(123456789, -2147483648), [2], 'i32 [2]: 123456789, -2147483648'],
    [BigInt64Array.of(2n ** 62n), [1], 'i64 [1]: 4611686018427387904'],
    [new Float32Array(0), [0, 3], 'f32 [0, 3]: '],
    [Float32Array.of(4), [], 'f32 []: 4'],
  ])('%o of shape %o', (data, shape, text) => {
    const x: Tensor = F.tensor(data as Float32Array, shape);
    for (const said of [String(x), `${x}`, inspect(x), (x as any)[deno]()])
      expect(said).toBe(`Tensor ${text}`);
    expect(inspect({ x })).toContain(`Tensor ${text}`);
    expect(Object.prototype.toString.call(x)).toBe('[object Tensor]');
    x.dispose();
    for (const said of [String(x), inspect(x), (x as any)[deno]()])
      expect(said).toBe(`Tensor ${text.split(':')[0]}, disposed`);
  });

  it('after memory has grown', () => {
    const x = F.tensor(Float32Array.of(1, 2));
    F.tensor(new Float32Array(2 ** 20)).dispose();
    expect(String(x)).toBe('Tensor f32 [2]: 1, 2');
  });

  it('of a shape without end', () => {
    const x = F.tensor(new Float32Array(0), Array(64).fill(0));
    expect(inspect(x).length).toBeLessThan(150);
  });
});

it('what is no tensor, or has lost its memory', () => {
  const { proxy, revoke } = Proxy.revocable(F.js.tensor(Float32Array.of(1)), {});
  for (const value of [Tensor.prototype, Object.create(Tensor.prototype), proxy]) {
    expect(Tensor.prototype.toString.call(value)).toBe('Tensor');
    expect(inspect(value)).toContain('Tensor');
  }
  revoke();
  expect(Tensor.prototype.toString.call(proxy)).toBe('Tensor');
  const lost = F.js.tensor(Float32Array.of(1, 2));
  detached(lost.data);
  expect(String(lost)).toBe('Tensor f32 [2], its buffer was transferred');
  const G = loadSync();
  const x = G.tensor(Float32Array.of(1));
  G.dispose();
  expect(inspect(x)).toBe('Tensor f32 [1], disposed');
});
