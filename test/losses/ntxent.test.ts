import { describe, expect, it } from 'vitest';
import { code } from '../faults/caught.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { integer, random } from '../random.ts';
import { ntxent as row } from '../rows/ntxent.ts';
import { expectSame } from './bits.ts';
import {
  itAgreesWithTheReference,
  itHasTheSameBits,
  itIsTheSameInThreads,
  itLeavesOutRowsOfNoWeight,
  itsReferenceHasGradients,
} from './pairs.ts';

type Any = any;

itsReferenceHasGradients(row);
itAgreesWithTheReference(row);
itHasTheSameBits(row);
itIsTheSameInThreads(row);
itLeavesOutRowsOfNoWeight(row);

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const { ntxent: loss } = loaded[backend] as Any;
  const near = dtype === 'f32' ? 5 : 12;
  const filled = (shape: readonly number[], draw: (i: number) => number) => ({
    data: (arrayOf[dtype] as Float32ArrayConstructor).from({ length: shape[0] * shape[1] }, (_, i) =>
      draw(i),
    ),
    shape,
  });

  it('compares labels, which may be any integers of any type', () => {
    const r = random(2);
    const x = filled([9, 3], () => r() - 0.5);
    const labels = Array.from({ length: 9 }, () => integer(r, 3));
    const wanted = loss.valueAndGrad(x, Int32Array.from(labels));
    for (const renamed of [
      Int32Array.from(labels, (l) => -(2 ** 31) + l),
      Int8Array.from(labels, (l) => l - 100),
      Uint32Array.from(labels, (l) => 2 ** 30 * (l ? 1 : 0) + l),
      BigInt64Array.from(labels, (l) => BigInt(7 * l - 9)),
      labels.map((l) => 1000 * l),
    ]) {
      const got = loss.valueAndGrad(x, renamed);
      expect(got.value).toBe(wanted.value);
      expectSame(got.grad, wanted.grad, renamed.constructor.name);
    }
    for (const bad of [
      Uint32Array.from(labels, (l) => 2 ** 31 + l),
      BigInt64Array.from(labels, (l) => 2n ** 40n + BigInt(l)),
      labels.map((l) => l + 0.5),
    ])
      expect(code(() => loss(x, bad))).toBe('ERR_LABEL');
    expect(code(() => loss(x, x))).toBe('ERR_SHAPE');
    expect(code(() => loss(x, filled([9, 1], () => 1).data))).toBe('ERR_DTYPE');
    expect(code(() => loss.grad(x, Int32Array.from(labels), { wrt: 'target' }))).toBe('ERR_OPTION');
  });

  it('without a pair its mean is NaN, or 0, and no row has a gradient', () => {
    const x = filled([3, 2], (i) => i + 1);
    const apart = Int32Array.of(1, 2, 3);
    expect(loss(x, apart)).toBeNaN();
    expect(loss(x, apart, { allIgnored: 'zero' })).toBe(0);
    expect(loss(x, apart, { reduction: 'sum' })).toBe(0);
    expect([...loss(x, apart, { reduction: 'none' }).data]).toEqual([0, 0, 0]);
    expect([...loss.grad(x, apart).data].every((g) => g === 0)).toBe(true);
    const none = { data: new arrayOf[dtype](0), shape: [0, 2] };
    expect(loss(none, new Int32Array(0))).toBeNaN();
    expect(loss(none, new Int32Array(0), { allIgnored: 'zero' })).toBe(0);
  });

  it('rows of one label alone cost nothing', () => {
    const { value, grad } = loss.valueAndGrad(
      filled([4, 2], (i) => i + 1),
      new Int32Array(4),
    );
    expect(value).toBe(0);
    expect([...grad.data].every((g: number) => g === 0)).toBe(true);
  });

  it('the mean is over the pairs, which sums and rows are not', () => {
    const r = random(3);
    const x = filled([7, 3], () => r() - 0.5);
    const labels = Int32Array.of(0, 0, 0, 1, 1, 2, 0);
    const sum = loss(x, labels, { reduction: 'sum' });
    // twelve pairs of four rows, two of two
    expect(loss(x, labels)).toBeCloseTo(sum / 14, near);
    const each = [...loss(x, labels, { reduction: 'none' }).data];
    expect(each.reduce((a, b) => a + b)).toBeCloseTo(sum, near - 1);
    expect(each[5]).toBe(0);
    const sampleWeight = arrayOf[dtype].of(1, 2, 1, 1, 1, 3, 1);
    const weighted = each.reduce((total, v, i) => total + sampleWeight[i] * v, 0);
    expect(loss(x, labels, { sampleWeight })).toBeCloseTo(weighted / 17, near);
  });

  it('NaN in a row reaches all that are compared with it', () => {
    const x = filled([4, 2], (i) => 1 + ((3 * i) % 5));
    x.data[0] = Number.NaN;
    const each = [...loss(x, Int32Array.of(0, 0, 1, 1), { reduction: 'none' }).data];
    expect(each.every(Number.isNaN)).toBe(true);
    expect([...loss.grad(x, Int32Array.of(0, 0, 1, 1)).data].every(Number.isNaN)).toBe(true);
  });

  it('norms are at least the root of the dtype’s epsilon, as in optax', () => {
    const least = dtype === 'f32' ? 2 ** -11.5 : 2 ** -26;
    const x = filled([3, 2], (i) => [least / 2, 0, 1, 0, 0, 1][i]);
    const value = loss(x, Int32Array.of(0, 0, 1), { temperature: 1, reduction: 'none' }).data[0];
    expect(value).toBeCloseTo(Math.log1p(Math.exp(-0.5)), near);
    x.data[0] = 0;
    const { value: zero, grad } = loss.valueAndGrad(x, Int32Array.of(0, 0, 1), {
      temperature: 1,
      reduction: 'sum',
    });
    expect(zero).toBeCloseTo(Math.LN2 + Math.log1p(Math.exp(0)), near);
    expect(grad.data[0]).toBeLessThan(-0.1 / least);
  });
});
