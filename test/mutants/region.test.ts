// Whatever is wanted of a loss, nothing is written before or after its instance's region: an operand that is not given has address
// 0, which is somebody else's.
import { expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { dtypes, floats } from '../instances.ts';
import { isClassLoss, isOfSets, setsOf, takesNumbers } from '../losses/inputs.ts';
import { isProjection, lossOf } from '../losses/roles.ts';
import { random } from '../random.ts';
import { separateRows } from '../rows/index.ts';

const PAGE = 65536;
const PATTERN = 0xa5;

it.each(dtypes)('%s: values and gradients of inputs and targets, together and alone', async (dtype) => {
  const memory = new WebAssembly.Memory({ initial: 128, maximum: 128 });
  const base = 16 * PAGE;
  const size = 96 * PAGE;
  const F = await load({ memory: { memory, base, size } });
  const bytes = new Uint8Array(memory.buffer);
  const outside = [bytes.subarray(0, base), bytes.subarray(base + size)];
  for (const part of outside) part.fill(PATTERN);
  const r = random(3);
  for (const row of separateRows) {
    const loss = lossOf(F, row.loss);
    // a block and a tail; few classes, and many
    for (const shape of isClassLoss(row)
      ? [
          [70, 3],
          [3, 2],
          [5, 200],
        ]
      : isOfSets(row)
        ? [
            [1100, 3],
            [3, 200],
          ]
        : [[1100], [3]]) {
      const n = shape.reduce((a, b) => a * b);
      const x = F.tensor(
        floats(
          dtype,
          Array.from({ length: n }, () => row.input(r)),
        ),
        shape,
      );
      const labels = Int32Array.from({ length: shape[0] }, () => Math.floor(r() * shape[1]));
      const target = floats(
        dtype,
        Array.from({ length: n }, () => (shape.length > 1 ? 1 / shape[1] : row.target(r))),
      );
      const targets = isOfSets(row)
        ? [F.tensor(setsOf(r, shape).data, shape)]
        : shape.length === 1
          ? [F.tensor(target, shape)]
          : !takesNumbers(row)
            ? [F.tensor(labels)]
            : [F.tensor(labels), F.tensor(target, shape)];
      for (const t of targets) {
        F.scope(() => {
          for (const reduction of ['mean', 'none']) {
            const other = isProjection(row.loss) ? 'third' : 'target';
            const wanted = t.dtype === 'i32' ? ['input'] : ['input', other, ['input', other]];
            for (const wrt of wanted) {
              loss.grad(x, t, { reduction, wrt });
              loss.valueAndGrad(x, t, { reduction, wrt });
            }
            loss(x, t, { reduction });
          }
        });
        t.dispose();
      }
      x.dispose();
      const touched = outside.map((part) => part.findIndex((byte) => byte !== PATTERN));
      expect(touched, `${row.loss} [${shape}]`).toEqual([-1, -1]);
    }
  }
});
