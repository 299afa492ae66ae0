// Log-cosh, its gradient and its second derivatives against exact arithmetic, from distances whose square is all that is left to those
// whose exponential is nothing.
import { describe, it } from 'vitest';
import { backends, dtypes, floats, loaded } from '../instances.ts';
import { random } from '../random.ts';
import { div, exp, log, mul, ONE, toFixed, toNumber } from '../reference/exact.ts';
import { worstOf } from './worst.ts';

type Any = any;

/** e = e^−2|d|: |d| + log (1 + e) − log 2, (1 − e)/(1 + e) with the sign of d, 4e/(1 + e)² */
function exactLogCosh(d: number): { value: number; grad: number; hess: number } {
  const distance = toFixed(Math.abs(d));
  const e = exp(-2n * distance);
  const sum = ONE + e;
  return {
    value: toNumber(distance + log(sum) - log(2n * ONE)),
    grad: Math.sign(d) * toNumber(div(ONE - e, sum)),
    // far off the sum is 1, and e is beyond the digits of fixed point
    hess: Math.abs(d) > 60 ? 4 * Math.exp(-2 * Math.abs(d)) : toNumber(div(4n * e, mul(sum, sum))),
  };
}

describe.each(dtypes)('%s', (dtype) => {
  const worst = worstOf('logCosh', dtype);
  const bound = dtype === 'f32' ? 1e-6 : 2e-15;
  const r = random(3);
  // tiny ones as far as their square is a number, where the formulas join, and to where sech² is no normal number
  const [least, most] = dtype === 'f32' ? [-18, 43] : [-40, 354];
  const distances = Array.from({ length: 1500 }, (_, i) => {
    const size = [10 ** (least - least * r()), 0.2 + 1.2 * r(), most * r()][i % 3];
    return r() < 0.5 ? size : -size;
  }).concat(1, 1 + 2 ** -22, -1);

  it.each(backends)('%s', (backend) => {
    const loss = (loaded[backend] as Any).logCosh;
    const x = floats(dtype, distances);
    const zero = floats(dtype, Array(x.length).fill(0));
    const { value, grad } = loss.valueAndGrad(x, zero, { reduction: 'none', wrt: ['input', 'target'] });
    const { hess } = loss.gradAndHess(x, zero);
    const secant = loss.gradAndHess(x, zero, { hessian: 'secant' }).hess;
    x.forEach((d: number, i: number) => {
      const exact = exactLogCosh(d);
      const compare = (kind: string, got: number, want: number) =>
        worst[backend].check(kind, got, want, want, bound, () => `distance ${d}`, 0);
      compare('value', value.data[i], exact.value);
      compare('gradient', grad.input.data[i], exact.grad);
      compare('target’s gradient', grad.target.data[i], -exact.grad);
      compare('second derivative', hess.data[i], exact.hess);
      compare('secant', secant.data[i], exact.grad / d);
    });
    worst[backend].expectBounded();
  });
});
