// Cross entropy of probabilities without eps: a class costs −a log p with the slope −a/p, where the share a and p are anything that is
// legal: p down to the least number, targets and label smoothing too.
import { describe, expect, it } from 'vitest';
import { floats, loaded, matrix } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { ulp } from './worst.ts';

type Any = any;

/** The power of ten of the least number, the least number, and the greatest. */
const limits = {
  f32: { power: -44.8, least: 2 ** -149, most: 2 ** 128 - 2 ** 103 },
  f64: { power: -323, least: 2 ** -1074, most: Number.MAX_VALUE },
};

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const { power, least, most } = limits[dtype];
  const { crossEntropy } = loaded[backend] as Any;
  const tiny = (r: Random): number => 10 ** (power * r());

  it('value, gradient and second derivative', () => {
    const r = random(301);
    const bad: string[] = [];
    const worst = { value: 0, gradient: 0, second: 0 };
    for (let round = 0; round < 600; round++) {
      const classes = 1 + integer(r, 9);
      const inner = r() < 0.3 ? 3 : 1;
      const rows = 3 * (1 + integer(r, 3));
      const shape = inner > 1 ? [rows / inner, classes, inner] : [rows, classes];
      const size = rows * classes;
      const draw = (): number => (r() < 0.5 ? r() : tiny(r));
      const p = floats(
        dtype,
        Array.from({ length: size }, () => (r() < 0.1 ? 1 : draw())),
      );
      const isSoft = r() < 0.6;
      const smoothing = [0, r() < 0.5 ? 0.49 * r() : 0.49 * tiny(r)][integer(r, 2)];
      const w = floats(
        dtype,
        Array.from({ length: classes }, () => 0.25 + r()),
      );
      const labels = Int32Array.from({ length: rows }, () => integer(r, classes));
      const t = floats(
        dtype,
        Array.from({ length: size }, () => (r() < 0.2 ? 0 : draw())),
      );
      const target = isSoft
        ? { data: t, shape }
        : { data: labels, shape: inner > 1 ? [rows / inner, inner] : [rows] };
      const isWeighted = r() < 0.5;
      const options = {
        fromLogits: false,
        labelSmoothing: smoothing,
        ...(isWeighted ? { weight: w } : {}),
        reduction: 'none',
      };
      const input = { data: p, shape };
      const { value, grad } = crossEntropy.valueAndGrad(input, target, options);
      const { hess } = crossEntropy.gradAndHess(input, target, { ...options, reduction: 'sum' });
      for (let row = 0; row < rows; row++) {
        let cost = 0;
        let slack = 0;
        for (let c = 0; c < classes; c++) {
          const i = (Math.floor(row / inner) * classes + c) * inner + (row % inner);
          const hot = isSoft ? t[i] : c === labels[row] ? 1 : 0;
          const weight = isWeighted ? w[c] : 1;
          const a = weight * ((1 - smoothing) * hot + smoothing / classes);
          cost -= a === 0 ? 0 : a * Math.log(p[i]);
          // a share below the least normal number has the digits that it has there
          const lost = a === 0 ? 0 : (a < 2 ** 23 * least * 2 ? 3 * least : 0) * Math.max(1, weight);
          slack += lost * -Math.log(p[i]);
          const check = (kind: 'gradient' | 'second', got: number, want: number, most1: number): void => {
            const bound = 5 * ulp(dtype, want) + most1;
            const error = Math.abs(got) === Math.abs(want) ? 0 : Math.abs(got - want);
            // beside the greatest number either is right
            if (Math.abs(want) > most * (1 - 1e-6) && Math.abs(got) > most * (1 - 1e-6)) return;
            worst[kind] = Math.max(worst[kind], error / bound);
            if (!(error <= bound))
              bad.push(`${kind} ${got}, not ${want}: p ${p[i]}, a ${a}, smoothing ${smoothing}, ${shape}`);
          };
          check('gradient', grad.data[i], a === 0 ? 0 : -a / p[i], lost / p[i]);
          check('second', hess.data[i], a === 0 ? 0 : a / p[i] / p[i], lost / p[i] / p[i]);
        }
        const bound = 5 * ulp(dtype, cost) + slack;
        worst.value = Math.max(worst.value, Math.abs(value.data[row] - cost) / bound);
        if (!(Math.abs(value.data[row] - cost) <= bound))
          bad.push(`value ${value.data[row]}, not ${cost}: smoothing ${smoothing}, ${shape}`);
      }
    }
    console.log(`shares, ${backend} ${dtype}: of the bound`, worst);
    expect(bad.slice(0, 5), `${bad.length} in all`).toEqual([]);
  });
});
