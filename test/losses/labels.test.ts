// Class indices of every integer type, and what is wrong with them.
import { describe, expect, it } from 'vitest';
import { loaded, matrix } from '../instances.ts';
import { expectSame } from './bits.ts';

type Any = any;
const constructors = [Int8Array, Int16Array, Int32Array, BigInt64Array, Uint8Array, Uint16Array, Uint32Array];

const errorOf = (f: () => unknown): { code: string; message: string; type: string } => {
  try {
    f();
  } catch (error) {
    const { code, message } = error as Any;
    return { code, message, type: (error as Error).constructor.name };
  }
  return { code: 'none', message: '', type: '' };
};

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = dtype === 'f32' ? Float32Array : Float64Array;
  const cases = [
    { loss: 'nll', shape: [5, 4] },
    { loss: 'crossEntropy', shape: [5, 4] },
    { loss: 'crossEntropy', shape: [5, 100] },
    { loss: 'crossEntropy', shape: [1, 4, 5] },
    { loss: 'crossEntropy', shape: [5, 4], options: { labelSmoothing: 0.1 } },
    { loss: 'crossEntropy', shape: [5, 4], options: { fromLogits: false } },
  ];
  const build = (shape: number[]) => ({
    data: new array(shape.reduce((a, b) => a * b, 1)).map((_, i) => 0.1 + (0.7 * ((i * 7) % 11)) / 11),
    shape,
  });
  const rows = (shape: number[]) => shape.filter((_, i) => i !== 1);

  it('may be of any integer type, arrays and tensors alike', () => {
    for (const { loss, shape, options } of cases) {
      const x = build(shape);
      const labels = [3, 0, 1, 2, 1];
      const expected = F[loss].valueAndGrad(
        x,
        { data: Int32Array.from(labels), shape: rows(shape) },
        options,
      );
      for (const C of constructors) {
        const data = (C as Any).from(C === BigInt64Array ? labels.map(BigInt) : labels);
        F.scope(() => {
          for (const target of [{ data, shape: rows(shape) }, F.tensor(data, rows(shape))]) {
            const actual = F[loss].valueAndGrad(x, target, options);
            expectSame(actual.value, expected.value, C.name);
            expectSame(actual.grad, expected.grad, C.name);
            const step = F[loss].prepare(x, target, options);
            expectSame(step(), expected.value, `${C.name} prepared`);
          }
        });
      }
      const plain = F[loss].valueAndGrad(x, { data: labels, shape: rows(shape) }, options);
      expectSame(plain.value, expected.value, 'number[]');
    }
  });

  it('ERR_LABEL names the first bad index and its value, and nothing is written', () => {
    for (const { loss, shape, options } of cases) {
      const x = build(shape);
      for (let at = 0; at < 5; at++) {
        for (const bad of [shape[1], -1, -100000, 2 ** 31 - 1, -(2 ** 31), -101]) {
          const data = Int32Array.from([3, 0, 1, 2, 1]);
          data[at] = bad;
          if (at < 4) data[4] = shape[1] + 5;
          const target = { data, shape: rows(shape) };
          const out = { data: x.data.slice().fill(7), shape };
          const none = { data: new array(5).fill(7), shape: rows(shape) };
          for (const call of [
            () => F[loss](x, target, options),
            () => F[loss].grad(x, target, { ...options, out }),
            () =>
              F[loss].valueAndGrad(x, target, {
                ...options,
                reduction: 'none',
                out: { value: none, grad: out },
              }),
            F[loss].prepare(x, target, { ...options, out }),
          ]) {
            const error = errorOf(call);
            expect([error.code, error.type]).toEqual(['ERR_LABEL', 'RangeError']);
            expect(error.message).toContain(`got ${bad} at index ${at}`);
          }
          expect(out.data.every((v: number) => v === 7)).toBe(true);
          expect(none.data.every((v: number) => v === 7)).toBe(true);
        }
      }
    }
  });

  it('what does not fit in i32 does not wrap into a class', () => {
    const x = build([2, 4]);
    expect(errorOf(() => F.nll(x, Uint32Array.of(1, 2 ** 32 - 1))).message).toContain(
      'got 4294967295 at index 1',
    );
    expect(errorOf(() => F.nll(x, Uint32Array.of(1, 2 ** 32 - 100))).code).toBe('ERR_LABEL');
    expect(errorOf(() => F.nll(x, BigInt64Array.of(2n ** 32n + 1n, 1n))).message).toContain(
      'got 4294967297 at index 0',
    );
    expect(errorOf(() => F.nll(x, BigInt64Array.of(1n, -(2n ** 62n)))).code).toBe('ERR_LABEL');
    for (const ignoreIndex of [-1, -2]) {
      expect(errorOf(() => F.nll(x, BigInt64Array.of(1n, 2n ** 40n), { ignoreIndex })).code).toBe(
        'ERR_LABEL',
      );
    }
    expect(errorOf(() => F.nll(x, [1, 1.5])).code).toBe('ERR_LABEL');
    expect(errorOf(() => F.nll(x, [1, 2 ** 32 + 1])).code).toBe('ERR_LABEL');
    expect(errorOf(() => F.nll(x, new array(2))).code).toBe('ERR_DTYPE');
  });

  it('ignored rows may hold anything, inside or outside the classes', () => {
    for (const { loss, shape, options } of cases) {
      for (const ignoreIndex of [-100, 2, 255, -1]) {
        const x = build(shape);
        const labels = Int32Array.from([3, ignoreIndex, 1, 0, ignoreIndex]);
        const target = { data: labels, shape: rows(shape) };
        const clean = F[loss].valueAndGrad(x, target, { ...options, ignoreIndex, reduction: 'none' });
        const inner = shape[2] ?? 1;
        const dirty = { data: x.data.slice(), shape };
        for (const row of [1, 4]) {
          for (let c = 0; c < shape[1]; c++) {
            dirty.data[(Math.floor(row / inner) * shape[1] + c) * inner + (row % inner)] =
              c % 2 ? Number.NaN : Infinity;
          }
        }
        const all = F[loss].valueAndGrad(dirty, target, { ...options, ignoreIndex, reduction: 'none' });
        expectSame(all.value, clean.value, `${loss} ${ignoreIndex}`);
        expectSame(all.grad, clean.grad, `${loss} ${ignoreIndex}`);
        expect([all.value.data[1], all.value.data[4]]).toEqual([0, 0]);
        const mean = F[loss](dirty, target, { ...options, ignoreIndex });
        expectSame(
          mean,
          F[loss](x, target, { ...options, ignoreIndex, reduction: 'sum' }) / 3,
          'mean over three rows',
        );
      }
    }
  });
});
