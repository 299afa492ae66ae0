import { describe, expect, it } from 'vitest';
import {
  exactBceWithLogits,
  exactCrossEntropy,
  exactKlDiv,
  exactLogSoftmax,
  exactSigmoid,
  exactSoftplus,
  exp,
  LN2,
  log,
  toFixed,
  toNumber,
} from './exact.ts';
import { reference, referenceHelper, type Tensor } from './index.ts';

const relative = (got: number, want: number): number =>
  got === want ? 0 : Math.abs(got - want) / Math.abs(want);

describe('the fixed-point arithmetic', () => {
  it('converts doubles both ways without loss', () => {
    for (const x of [0, 1, -1, 0.1, -1e-30, 2 ** -149, 3e38, -1e300, Math.PI])
      expect(toNumber(toFixed(x))).toBe(x);
    expect(() => toFixed(Number.NaN)).toThrow(RangeError);
  });

  it('has ln 2, e and their powers to the last digit', () => {
    const digits = (x: bigint): string => ((x * 10n ** 40n) >> 384n).toString();
    expect(digits(LN2)).toBe('6931471805599453094172321214581765680755');
    expect(digits(exp(toFixed(1)))).toBe('27182818284590452353602874713526624977572');
    expect(digits(log(toFixed(10)))).toBe('23025850929940456840179914546843642076011');
  });

  it('inverts exp by log', () => {
    for (const x of [-100, -1, -1e-9, 0, 1e-20, 0.3, 7, 100])
      expect(Math.abs(toNumber(log(exp(toFixed(x))) - toFixed(x)))).toBeLessThan(1e-60);
  });
});

describe('known tails', () => {
  it('of softplus and sigmoid', () => {
    expect(relative(exactSoftplus(-70), Math.exp(-70))).toBeLessThan(1e-15);
    expect(exactSoftplus(0)).toBe(Math.LN2);
    expect(relative(exactSigmoid(-69.07755278982137), 1e-30)).toBeLessThan(2e-14);
  });

  it('of cross entropy and its gradient at a confident label', () => {
    const { value, grad } = exactCrossEntropy([69, 0], [1, 0]);
    expect(relative(value, Math.exp(-69))).toBeLessThan(1e-15);
    expect(grad).toEqual([-grad[1], grad[1]]);
    expect(relative(grad[1], Math.exp(-69))).toBeLessThan(1e-15);
  });
});

describe('against the f64 reference', () => {
  const row = (data: number[]): Tensor => ({ data, shape: [data.length] });
  const gaps = [0, 1e-9, 0.5, 3, 17, 40, 69];

  it.each(gaps)('cross entropy and log softmax at a gap of %d', (gap) => {
    const x = [1.5, 1.5 - gap, -gap, 0.25 - gap];
    for (const c of [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0.7, 0.1, 0.1, 0.1],
      [0.5, 0.25, 0, 2],
    ]) {
      const exact = exactCrossEntropy(x, c);
      const { value, grads } = reference('crossEntropy', { input: row(x), target: row(c) });
      expect(relative(value as number, exact.value)).toBeLessThan(1e-14);
      // Where c_j is neither 0 nor 1 the two terms of the gradient can cancel.
      exact.grad.forEach((g, j) => {
        expect(Math.abs(grads.input.data[j] - g)).toBeLessThan(1e-14 * (Math.abs(g) + (c[j] % 1)));
      });
    }
    const exact = exactLogSoftmax(x, [1, -2, 0.5, 3]);
    const helper = referenceHelper('logSoftmax', row(x), { gradOutput: [1, -2, 0.5, 3] });
    exact.value.forEach((v, j) => {
      expect(relative(helper.value.data[j], v)).toBeLessThan(1e-14);
      expect(Math.abs(helper.grad.data[j] - exact.grad[j])).toBeLessThan(1e-14);
    });
  });

  it.each(gaps)('BCE with logits at ±%d', (gap) => {
    for (const x of [gap, -gap])
      for (const z of [0, 1, 0.25])
        for (const posWeight of [1, 3]) {
          const exact = exactBceWithLogits(x, z, posWeight);
          const options = { posWeight };
          const { value, grads } = reference('bceWithLogits', { input: row([x]), target: row([z]) }, options);
          expect(relative(value as number, exact.value)).toBeLessThan(1e-14);
          expect(Math.abs(grads.input.data[0] - exact.grad)).toBeLessThan(
            1e-14 * (Math.abs(exact.grad) + (z % 1)),
          );
        }
  });

  it('KL divergence', () => {
    for (const logTarget of [false, true])
      for (const t of logTarget ? [-69, -3, -0.1, 0] : [0, 1e-30, 0.3, 1])
        for (const x of [-80, -1, -1e-6]) {
          const exact = exactKlDiv(x, t, logTarget);
          const { value, grads } = reference('klDiv', { input: row([x]), target: row([t]) }, { logTarget });
          expect(Math.abs((value as number) - exact.value)).toBeLessThanOrEqual(
            1e-14 * Math.abs(exact.value),
          );
          expect(relative(grads.input.data[0], exact.grad)).toBeLessThan(1e-14);
          expect(relative(grads.target!.data[0], exact.gradTarget)).toBeLessThan(1e-13);
        }
  });
});
