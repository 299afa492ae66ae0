// The wasm kernels flush gradients below the least normal number to 0; the least normal one itself stays.
import { describe, expect, it } from 'vitest';
import { isOfSoftmax } from '../draws/index.ts';
import { arrayOf, dtypes, loaded } from '../instances.ts';
import { isProjection, lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';

type Any = any;

describe.each(dtypes)('wasm %s', (dtype) => {
  const F = loaded.wasm as Any;
  const least = dtype === 'f32' ? 2 ** -126 : 2 ** -1022;
  const ulp = dtype === 'f32' ? 2 ** -23 : 2 ** -52;
  // so low that 1 + e^gap is 1
  const gap = dtype === 'f32' ? -21 : -41;
  const rounded = (x: number): number => arrayOf[dtype].of(x)[0];

  const losses = allRows.filter(({ loss }) => isOfSoftmax(loss));

  describe.each(losses)('$loss', ({ loss }) => {
    it.each([2, 5, 33, 100])('%i classes', (classes) => {
      // both exponentials are 0; a product has no room for the infinite one
      for (const low of isProjection(loss) ? [-1000] : [-1000, -Infinity]) {
        const data = new arrayOf[dtype](classes).fill(low);
        data[0] = 0;
        data[1] = gap;
        const input = { data, shape: [1, classes] };
        const e = F.softmax(input).data[1];
        const grad = (gradOutput: number) =>
          lossOf(F, loss).grad(input, Int32Array.of(0), { reduction: 'sum', gradOutput }).data[1];
        // a factor whose product with e is just normal, and for which the kernel's own quotient least / factor is e
        const factors = [0, 1, 2, 3].map((i) => rounded((least / e) * (1 + i * ulp)));
        const factor = factors.find((k) => rounded(k * e) >= least && rounded(least / k) === e)!;
        expect(factor).toBeDefined();
        expect(grad(factor)).toBe(rounded(factor * e));
        expect(grad(factor / 2)).toBe(0);
      }
    });
  });
});
