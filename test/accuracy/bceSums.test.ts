// Sums of BCE: targets of 0 and 1 are multiplied up, all others added one by one, and no confident sample is lost in either.
import { describe, expect, it } from 'vitest';
import { backends, dtypes, floats, loaded } from '../instances.ts';
import { random } from '../random.ts';

/** −log(1 − p) for target 0, −log p for 1, at most 100: the numbers are those of the dtype, and f64 has digits to spare. */
const term = (p: number, t: number): number =>
  (t === 0 ? 0 : t * Math.min(100, -Math.log(p))) + (t === 1 ? 0 : (1 - t) * Math.min(100, -Math.log1p(-p)));

const bound = { f32: 2e-7, f64: 1e-13 };
const edge = (x: number): number[] => [x * (1 - 2 ** -20), x, x * (1 + 2 ** -20)];
/** Around what the kernel compares with: what 1 − p rounds to 1 for, the least factor, the least logarithm, normal numbers. */
const probabilities = [
  ...[0, 1e-45, 3e-44, 3.7e-44, 4e-44, 1e-42, 1e-30, 1e-12, 1e-9, 1e-6, 0.01, 0.3, 0.5, 0.7, 0.99, 1],
  ...[2 ** -126, 2 ** -60, 2 ** -61, 2 ** -25, 2 ** -24, 2 ** -53].flatMap(edge),
  ...[1 - 2 ** -24, 1 - 2 ** -23, 1 - 2 ** -12],
];

describe.each(dtypes)('%s', (dtype) => {
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;
  const drawn = probabilities.map(round);

  describe.each(backends)('%s', (backend) => {
    const F = loaded[backend];
    /** Relative error of the sum over the bound; gradients asked for must not change its bits. */
    const excess = (p: readonly number[], t: readonly number[]): number => {
      const inputs = [floats(dtype, p), floats(dtype, t)] as const;
      const value = F.bce(...inputs, { reduction: 'sum' });
      expect(F.bce.valueAndGrad(...inputs, { reduction: 'sum', wrt: ['input', 'target'] }).value).toBe(value);
      const want = p.reduce((sum, x, i) => sum + term(x, t[i]), 0);
      return want === 0 ? Math.abs(value) : Math.abs(value / want - 1) / bound[dtype];
    };

    it.each([0, 1])('every probability alone, in a group and in a block, target %d', (t) => {
      for (const p of drawn) {
        for (const n of [1, 31, 32, 33, 1024, 3000]) {
          const all = [Array<number>(n).fill(p), Array<number>(n).fill(t)] as const;
          expect(excess(...all), `${n} times ${p}`).toBeLessThanOrEqual(1);
        }
      }
    });

    it('hard, soft and tiny among each other', () => {
      const r = random(11);
      for (let i = 0; i < 300; i++) {
        const n = 1 + Math.floor(r() * 300);
        const softness = i % 3 === 0 ? 0 : r() ** 3;
        const p = Array.from({ length: n }, () =>
          r() < 0.2 ? drawn[Math.floor(r() * drawn.length)] : round(r()),
        );
        const t = p.map(() => (r() < softness ? round(r()) : Math.round(r())));
        expect(excess(p, t), `case ${i}`).toBeLessThanOrEqual(1);
      }
    });

    it('confident samples alone: no term is below another one', () => {
      const r = random(12);
      for (let i = 0; i < 50; i++) {
        const size = 10 ** (-8 - 36 * r());
        const p = Array.from({ length: 200 }, () => round(size * r()));
        expect(excess(p, Array<number>(200).fill(0)), `of ${size}`).toBeLessThanOrEqual(1);
      }
    });

    it.each([-1e-45, -0.5, 1 + 2 ** -23, Number.NaN, Infinity, -Infinity])('%d is no probability', (x) => {
      for (const t of [0, 1, 0.5]) {
        const p = Array.from({ length: 40 }, (_, i) => (i === 33 ? x : 0.5));
        expect(F.bce(floats(dtype, p), floats(dtype, Array<number>(40).fill(t)))).toBeNaN();
      }
    });

    it.each([Number.NaN, Infinity])('a target of %d is in the sum', (x) => {
      const t = Array.from({ length: 40 }, (_, i) => (i === 3 ? x : i % 2));
      expect(F.bce(floats(dtype, Array<number>(40).fill(0.25)), floats(dtype, t))).not.toBeLessThan(1e30);
    });
  });
});
