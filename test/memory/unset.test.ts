// Results are not zeroed before a kernel writes them: it has to write every element, whatever lay there.
import { expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { gradientsOf, inputsOf, variantsOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';

type Any = any;
const F = loadSync() as Any;

/** Leaves bytes of 0xff, which are NaN, where the next tensors will be. */
function poison(): void {
  const tensor = F.zeros([1 << 16], 'u8');
  tensor.data.fill(0xff);
  tensor.dispose();
}
const bits = (tensor: Any): Uint8Array => {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
};

it.each(allRows)('results of $loss', (row) => {
  const loss = lossOf(F, row.loss);
  for (const dtype of ['f32', 'f64'] as const) {
    for (const variant of variantsOf(row)) {
      const { input, target, options } = inputsOf(row, variant, dtype);
      const x = F.tensor(input.data, input.shape);
      const t = F.tensor(target.data, target.shape);
      const wrt = gradientsOf(row, variant);
      const all = { ...options, reduction: 'none', wrt };
      const run = (before: () => void): Uint8Array[] => {
        before();
        const { value, grad } = loss.valueAndGrad(x, t, all);
        const results = [value, ...(Object.values(grad) as Any[])];
        const copies = results.map(bits);
        for (const result of results) result.dispose();
        return copies;
      };
      const clean = run(() => F.zeros([1 << 16], 'u8').dispose());
      expect(run(poison), `${dtype} ${variant.title}`).toEqual(clean);
      x.dispose();
      t.dispose();
    }
  }
});

it.each(['softmax', 'logSoftmax', 'logSumExp', 'sigmoid', 'exp', 'log1p'])('results of %s', (name) => {
  for (const shape of [
    [7, 3],
    [3, 70],
    [2, 5, 9],
  ]) {
    const x = F.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.abs(Math.sin(i))),
      shape,
    );
    const run = (before: () => void): Uint8Array => {
      before();
      const result = F[name](x);
      const copy = bits(result);
      result.dispose();
      return copy;
    };
    const clean = run(() => F.zeros([1 << 16], 'u8').dispose());
    expect(run(poison)).toEqual(clean);
    x.dispose();
  }
});
