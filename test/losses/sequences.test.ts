// A call that is like the last one is not checked again: what it returns must not depend on what was called before it.
import { expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { code } from '../faults/caught.ts';
import { backends, dtypes } from '../instances.ts';
import { integer, random } from '../random.ts';
import { rows } from '../rows/index.ts';
import type { Row } from '../rows/row.ts';
import { inputsOf } from './inputs.ts';
import { lossOf } from './roles.ts';

type Any = any;
type Job = (F: Any) => unknown;

const operations = ['value', 'grad', 'valueAndGrad'] as const;
/** Where the operands are: which of them are new objects at each call, and which the same ones again. */
const ways = ['tensors', 'arrays', 'same array'] as const;

/** Every variant, operation, dtype and way, and calls that throw early and late. */
function jobsOf(row: Row): Job[] {
  return row.variants.flatMap((variant) =>
    dtypes.flatMap((dtype) => {
      const { input, target, options } = inputsOf(row, variant, dtype);
      const run = (of: Any, operation: (typeof operations)[number], x: Any, t: Any, more: Any): unknown =>
        operation === 'value' ? of(x, t, more) : of[operation](x, t, more);
      return operations.flatMap((operation) => {
        const calls = ways.map(
          (way): Job =>
            (F) =>
              F.scope(() => {
                const place = ({ data, shape }: Any) =>
                  way === 'tensors'
                    ? F.tensor(data, shape)
                    : way === 'arrays'
                      ? { data, shape: [...shape] }
                      : { data, shape };
                const x = place(input);
                return plainly(run(lossOf(F, row.loss), operation, x, place(target), options));
              }),
        );
        const wrong: readonly Any[] = [{ unknown: 1 }, { reduction: 'sum', wrt: 'nothing' }, { out: [1] }];
        const failing = wrong.map(
          (more): Job =>
            (F) =>
              code(() => run(lossOf(F, row.loss), operation, input, target, { ...options, ...more })),
        );
        return [...calls, ...failing];
      });
    }),
  );
}

/** A result as numbers, whatever holds it. */
function plainly(result: Any): unknown {
  if (typeof result === 'number') return result;
  if ('data' in result) return { numbers: [...result.data], shape: [...result.shape] };
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, plainly(value)]));
}

it.each(backends.flatMap((backend) => Object.values(rows).map((row) => [backend, row.loss, row] as const)))(
  '%s %s: calls in any order',
  (backend, _, row) => {
    const jobs = jobsOf(row);
    const wanted = jobs.map((job) => {
      const F = loadSync({ backend });
      const result = job(F);
      F.dispose();
      return result;
    });
    expect(new Set(wanted.map((result) => JSON.stringify(result))).size).toBeGreaterThan(10);
    const F = loadSync({ backend });
    const r = random(7);
    for (let i = 0; i < 1500; i++) {
      // near jobs differ in little
      const first = integer(r, jobs.length);
      for (let k = 0; k < 4; k++) {
        const at = Math.min(jobs.length - 1, first + integer(r, 4));
        expect(jobs[at](F)).toEqual(wanted[at]);
      }
    }
    expect(F.memory.liveTensors).toBe(0);
    F.dispose();
  },
  120_000,
);
