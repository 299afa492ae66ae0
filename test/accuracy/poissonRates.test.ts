// poissonNll of rates: log(x + ε) against exact arithmetic where the sum is near 1, and wherever else rounding it would lose what
// the logarithm is made of. The gradient with respect to the count is that logarithm alone.
import { describe, expect, it } from 'vitest';
import { floats, loaded, matrix } from '../instances.ts';
import { integer, random } from '../random.ts';
import { log, toFixed, toNumber } from '../reference/exact.ts';
import { ulp } from './worst.ts';

const count = 40;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const { poissonNll } = loaded[backend] as any;
  const half = dtype === 'f32' ? 2 ** -24 : 2 ** -53;

  it('log(x + ε), any ε', () => {
    const r = random(53);
    const bad: string[] = [];
    for (let round = 0; round < 60; round++) {
      const [eps] = floats(dtype, [r() < 0.2 ? r() : 10 ** (-30 * r())]);
      const x = floats(
        dtype,
        Array.from({ length: count }, () => {
          // 1 and its neighbours, less or not less ε; or any rate
          const near = 1 + (integer(r, 9) - 4) * half;
          return [
            near,
            near - eps,
            Math.max(0, 1 - eps * 2 * r()),
            1 + eps * r(),
            3 * r(),
            10 ** (-30 * r()),
          ][integer(r, 6)];
        }),
      );
      const t = floats(
        dtype,
        Array.from(x, () => 2 ** (60 * r() - 30)),
      );
      const options = { logInput: false, eps, reduction: 'none' };
      const { value, grad } = poissonNll.valueAndGrad(x, t, { ...options, wrt: ['input', 'target'] });
      x.forEach((rate, i) => {
        if (rate + eps <= 0) return;
        const want = toNumber(log(toFixed(rate) + toFixed(eps)));
        const check = (what: string, got: number, wanted: number, size: number): void => {
          if (!(Math.abs(got - wanted) <= 4 * ulp(dtype, size)))
            bad.push(`${what} ${got}, not ${wanted}: x ${rate}, t ${t[i]}, ε ${eps}`);
        };
        check('gradient', grad.target.data[i], -want, want);
        // a rate and t times the logarithm, which cancel by nature
        check('value', value.data[i], rate - t[i] * want, Math.abs(rate) + Math.abs(t[i] * want));
      });
    }
    expect(bad.slice(0, 5), `${bad.length} in all`).toEqual([]);
  });
});
