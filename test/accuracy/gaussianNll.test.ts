// Errors and variances of any size: what is finite in the dtype is so here, however much the squares on the way overflow.
import { describe, expect, it } from 'vitest';
import { arrayOf, floats, loaded, matrix } from '../instances.ts';
import { type Random, random } from '../random.ts';

const cases = Number(process.env.SIMDLOSS_CASES ?? 20_000);
const ofDtype = { f32: { top: 128, bottom: -126, bits: 24 }, f64: { top: 1024, bottom: -1022, bits: 53 } };

/** A number m·2ᵏ with 1 ≤ m < 2 whose power of two is in no way bounded. */
interface Wide {
  readonly m: number;
  readonly k: number;
}
const times = (a: Wide, b: Wide): Wide => ({ m: a.m * b.m, k: a.k + b.k });
const over = (a: Wide, b: Wide): Wide => ({ m: a.m / b.m, k: a.k - b.k });
const plus = (a: Wide, b: Wide): Wide => {
  const k = Math.max(a.k, b.k);
  return { m: a.m * 2 ** Math.max(a.k - k, -300) + b.m * 2 ** Math.max(b.k - k, -300), k };
};
/** As a number; infinite or 0 where it is beyond those. */
const toNumber = ({ m, k }: Wide): number => m * 2 ** Math.trunc(k / 2) * 2 ** (k - Math.trunc(k / 2));

describe.each(matrix)('$backend, $dtype', ({ backend, dtype }) => {
  const { top, bottom, bits } = ofDtype[dtype];
  const wide = (r: Random, low: number, high: number): Wide => ({
    m: dtype === 'f32' ? Math.fround(1 + r() / 1.001) : 1 + r() / 1.001,
    k: Math.floor(low + (high - low) * r()),
  });

  it(`${cases} of them`, () => {
    const r = random(17);
    // eps is below every variance
    const drawn = Array.from({ length: cases }, () => {
      const v = wide(r, bottom + 2, top - 2);
      // mostly where the gradient is a number, or nearly
      const k = r() < 0.2 ? wide(r, bottom, top).k : v.k + Math.floor((top / 2) * (2 * r() - 1));
      return { v, d: { ...wide(r, 0, 1), k: Math.min(Math.max(k, bottom), top - 1) } };
    });
    const d = floats(
      dtype,
      drawn.map((c) => (r() < 0.5 ? 1 : -1) * toNumber(c.d)),
    );
    const v = floats(
      dtype,
      drawn.map((c) => toNumber(c.v)),
    );
    const options = { reduction: 'none', eps: 2 ** (bottom + 1), wrt: ['var'] } as const;
    const zero = new arrayOf[dtype](cases);
    const { value, grad } = loaded[backend].gaussianNll.valueAndGrad(d, zero, v, options) as any;
    const bad: string[] = [];
    let finite = 0;
    const check = (what: string, i: number, got: number, want: number, size: number): void => {
      // the last step to infinity is rounding's
      const limit = 2 ** (top - 1) * (2 - 8 * 2 ** -bits);
      if (Math.abs(want) >= limit || Math.abs(size) >= limit) return;
      finite++;
      const error = Math.abs(got - want);
      if (!(error <= Math.max(8 * 2 ** -bits * size, 2 ** bottom)))
        bad.push(`${what} of d = ${d[i]}, v = ${v[i]} is ${got}, not ${want}`);
    };
    drawn.forEach((c, i) => {
      const ratio = over(c.d, c.v);
      const square = times(c.d, ratio);
      const log = Math.log(v[i]);
      const half = toNumber({ m: square.m / 2, k: square.k });
      check('the value', i, value.data[i], log / 2 + half, Math.abs(log / 2) + half);
      const inverse = over({ m: 0.5, k: 0 }, c.v);
      const slope = times(ratio, { m: ratio.m / -2, k: ratio.k });
      const size = plus(inverse, { m: -slope.m, k: slope.k });
      check('the gradient by v', i, grad.var.data[i], toNumber(plus(inverse, slope)), toNumber(size));
    });
    expect(bad.slice(0, 10)).toEqual([]);
    expect(finite).toBeGreaterThan(cases);
  });
});
