// Every variant of every loss against the independent f64 reference.
import { describe, expect, it } from 'vitest';
import { backends, dtypes, loaded, roundoff } from '../instances.ts';
import { reference } from '../reference/index.ts';
import { rows } from '../rows/index.ts';
import { inputsOf, wrtOf } from './inputs.ts';
import { lossOf } from './roles.ts';

type Any = any;

/** Relative to the largest magnitude beside it: the variants mix signs, tails have tests of their own. */
function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  let error = 0;
  for (let i = 0; i < expected.length; i++)
    error = Math.max(error, Math.abs(actual[i] - expected[i]) / (scale || 1));
  return actual.length === expected.length ? error : Number.POSITIVE_INFINITY;
}

const listOf = (x: unknown): ArrayLike<number> =>
  typeof x === 'number' ? [x] : (x as { data: ArrayLike<number> }).data;

describe.each(Object.values(rows))('$loss', (row) => {
  it.each(backends.flatMap((backend) => dtypes.map((dtype) => ({ backend, dtype }))))(
    'agrees with the reference: $backend $dtype',
    ({ backend, dtype }) => {
      const bad: string[] = [];
      for (const variant of row.variants) {
        const { input, target, options, rows: shape } = inputsOf(row, variant, dtype);
        const reductions = variant.options?.reduction ? [variant.options.reduction] : ['mean', 'sum', 'none'];
        for (const reduction of reductions) {
          const gradOutput =
            reduction === 'none'
              ? {
                  data: Float64Array.from(
                    { length: shape.reduce((n, d) => n * d, 1) },
                    (_, i) => 1 - 0.125 * (i % 16),
                  ),
                  shape,
                }
              : -0.5;
          const wrt = wrtOf(row, variant);
          const expected = reference(
            row.loss,
            { input, target } as Any,
            { ...options, reduction, gradOutput } as Any,
          );
          const go =
            typeof gradOutput === 'number' || dtype === 'f64'
              ? gradOutput
              : { data: Float32Array.from(gradOutput.data), shape };
          const { value, grad } = lossOf(loaded[backend], row.loss).valueAndGrad(input, target, {
            ...options,
            reduction,
            gradOutput: go,
            wrt,
          });
          // a share of paths is what is left of sums over all frames
          const bound = dtype === 'f32' ? 24 * roundoff.f32 : row.loss === 'ctc' ? 1e-12 : 1e-14;
          const check = (what: string, a: unknown, e: unknown) => {
            const error = worst(listOf(a), listOf(e));
            if (!(error <= bound)) bad.push(`${variant.title}, ${reduction}, ${what}: ${error}`);
          };
          check('value', value, expected.value);
          for (const name of wrt) check(`gradient of ${name}`, grad[name], expected.grads[name]);
        }
      }
      expect(bad).toEqual([]);
    },
  );
});
