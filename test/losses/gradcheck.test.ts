// Gradients against central differences, f64.
import { describe, expect, it } from 'vitest';
import { backends, loaded } from '../instances.ts';
import { rows } from '../rows/index.ts';
import { inputsOf, sizeOf, thirdOf, wrtOf } from './inputs.ts';
import { lossOf } from './roles.ts';

type Any = any;

describe.each(Object.values(rows))('$loss', (row) => {
  it.each(backends)('gradients are those of the value: %s', (backend) => {
    const loss = lossOf(loaded[backend], row.loss);
    const bad: string[] = [];
    for (const variant of row.variants) {
      if (sizeOf(variant.shape ?? []) > 700) continue; // the same formulas, only longer
      const { input, target, options } = inputsOf(row, variant, 'f64');
      const eps = (options.eps as number | undefined) ?? 0;
      for (const name of wrtOf(row, variant)) {
        if (variant.constant?.includes(name)) continue;
        const { grad } = loss.valueAndGrad(input, target, { ...options, wrt: name });
        const array = { input, target, third: options.third as Any }[name].data as Float64Array;
        let scale = 0;
        for (const g of grad.data) scale = Math.max(scale, Math.abs(g));
        for (let i = 0; i < array.length; i++) {
          const x = array[i];
          // a logarithm's derivatives grow towards both ends of (0, 1)
          const h = (row.loss === 'bce' ? 4e-4 : 1e-3) * Math.max(Math.abs(x), 0.1);
          if (name === 'input' && eps && (Math.abs(x - eps) < 4 * h || Math.abs(x - 1 + eps) < 4 * h))
            continue;
          const joint =
            name === 'third' && array.length !== input.data.length
              ? undefined
              : row.joint?.(input.data[i], target.data[i] as number, options, thirdOf(options, i));
          if (joint !== undefined && joint < 4 * h) continue;
          const at = (d: number): number => {
            array[i] = x + d;
            return loss(input, target, options);
          };
          // sixth-order central difference: truncation and rounding both stay under 1e-8
          const d =
            (45 * (at(h) - at(-h)) - 9 * (at(2 * h) - at(-2 * h)) + (at(3 * h) - at(-3 * h))) / (60 * h);
          // what each value that d is made of was rounded by
          const rounding = (2 ** -49 * Math.abs(at(0))) / h;
          array[i] = x;
          const error = Math.max(0, Math.abs(d - grad.data[i]) - rounding) / (scale || 1);
          if (!(error <= 1e-8))
            bad.push(`${variant.title}, ${name}[${i}]: ${grad.data[i]} but ${d} (${error})`);
        }
      }
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });
});
