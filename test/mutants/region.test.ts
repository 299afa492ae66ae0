// Whatever is wanted of a loss, nothing is written before or after its instance's region: an operand that is not given has address
// 0, which is somebody else's.
import { describe, expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { dtypes } from '../instances.ts';
import { gradientsOf, inputsOf, variantsOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';
import { asTensors } from './tensors.ts';

const PAGE = 65536;
const PATTERN = 0xa5;
const BASE = 16 * PAGE;
const SIZE = 96 * PAGE;

const memory = new WebAssembly.Memory({ initial: 128, maximum: 128 });
const F = loadSync({ memory: { memory, base: BASE, size: SIZE } });
const bytes = Buffer.from(memory.buffer);
const outside = [bytes.subarray(0, BASE), bytes.subarray(BASE + SIZE)];
for (const part of outside) part.fill(PATTERN);
const wanted = outside.map((part) => Buffer.from(part));

describe.each(allRows)('$loss', (row) => {
  it.each(dtypes)('%s: values and gradients of all inputs, together and alone', (dtype) => {
    const loss = lossOf(F, row.loss);
    for (const variant of variantsOf(row)) {
      const inputs = inputsOf(row, variant, dtype);
      const names = gradientsOf(row, variant);
      F.scope(() => {
        const { x, t, own } = asTensors(F, inputs);
        const reductions = variant.options?.reduction ? [variant.options.reduction] : ['mean', 'none'];
        for (const reduction of reductions) {
          for (const wrt of [...names, names]) {
            F.scope(() => {
              loss.grad(x, t, { ...own, reduction, wrt });
              loss.valueAndGrad(x, t, { ...own, reduction, wrt });
            });
          }
          loss(x, t, { ...own, reduction });
        }
      });
      const isTouched = outside.map((part, i) => part.compare(wanted[i]) !== 0);
      expect(isTouched, variant.title).toEqual([false, false]);
    }
  });
});
