// The same bits for any number of threads and any cut, for every variant of every loss.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LossFunctions } from '../../src/index.ts';
import { drawOf } from '../draws/index.ts';
import { dtypes, loaded } from '../instances.ts';
import { expectSame } from '../losses/bits.ts';
import { drawnOf, gradientsOf, inputsOf, longOf, shapeOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';
import type { Row, Variant } from '../rows/row.ts';
import { eager } from './eager.ts';

type Any = any;

/** The sizes of the rows' variants, grown to more than one block of elements or tile of rows. */
const grow = (dims: readonly number[]): number[] => dims.map((d) => (d === 23 ? 5023 : d === 7 ? 307 : d));

function grown(row: Row, variant: Variant): Variant {
  const tensors = Object.entries(variant.tensors ?? {}).map(([name, dims]) => [name, grow(dims)]);
  return { ...variant, shape: grow(shapeOf(row, variant)), tensors: Object.fromEntries(tensors) };
}

/** What the small variants lack: long rows, a class axis with more classes than a tile has room for. */
const more: Variant[] = [
  { title: 'long rows', shape: [67, 301] },
  { title: 'many strided classes', shape: [3, 70, 50] },
];
const variantsOf = (row: Row): Variant[] =>
  drawOf(row.loss) ? [...row.variants, ...longOf(row), ...drawnOf(row)] : grownOf(row);
const grownOf = (row: Row): Variant[] => [
  ...row.variants.map((variant) => grown(row, variant)),
  ...(row.variants[0].shape === undefined && shapeOf(row, row.variants[0]).length === 2 ? more : []),
];

describe.each([
  [2, 5],
  [7, 64],
])('%i threads, %i chunks', (threads, chunks) => {
  let F: Any;
  let parts: Awaited<ReturnType<typeof eager>>['parts'];
  beforeAll(async () => {
    ({ F, parts } = await eager(threads, chunks));
  });
  afterAll(() => (F as LossFunctions).dispose());

  describe.each(allRows)('$loss', (row) => {
    it.each(dtypes)('%s', (dtype) => {
      const alone = lossOf(loaded.wasm, row.loss);
      const shared = lossOf(F, row.loss);
      let cut = 0;
      const { run } = parts;
      parts.run = (...call) => {
        cut++;
        return run.apply(parts, call);
      };
      for (const variant of variantsOf(row)) {
        const { input, target, options } = inputsOf(row, variant, dtype);
        const reductions = variant.options?.reduction ? [variant.options.reduction] : ['mean', 'none'];
        const names = gradientsOf(row, variant);
        const wrts = [names.length > 1 ? names : 'input'];
        for (const reduction of reductions) {
          for (const wrt of wrts) {
            const all = { ...options, reduction, wrt };
            const what = `${variant.title} ${reduction} ${wrt}`;
            const wanted = alone.valueAndGrad(input, target, all);
            const got = shared.valueAndGrad(input, target, all);
            expectSame(got.value, wanted.value, `${what} value`);
            for (const name of Array.isArray(wrt) ? wrt : [undefined]) {
              const pick = (g: Any) => (name === undefined ? g : g[name]);
              expectSame(pick(got.grad), pick(wanted.grad), `${what} gradient`);
            }
            expectSame(shared(input, target, all), wanted.value, `${what} value alone`);
          }
        }
      }
      parts.run = run;
      expect(cut).toBeGreaterThan(row.variants.length);
    });
  });

  it('helpers and functions on tensors', () => {
    const x = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 9);
    const matrix = { data: x, shape: [50, 100] };
    const few = { data: x, shape: [500, 10] };
    for (const name of ['softmax', 'logSoftmax', 'logSumExp']) {
      for (const input of [matrix, few]) expectSame(F[name](input), (loaded.wasm as Any)[name](input), name);
    }
    for (const name of ['softmax', 'logSoftmax']) {
      const output = F[name](few);
      expectSame(F[name].grad(output, few), (loaded.wasm as Any)[name].grad(output, few), `${name}.grad`);
    }
    for (const name of ['sigmoid', 'exp', 'expm1', 'log', 'log1p', 'tanh', 'softplus']) {
      expectSame(F[name](x), (loaded.wasm as Any)[name](x), name);
    }
  });
});
