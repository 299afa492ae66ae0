// softmax, logSoftmax, sigmoid and nll ∘ logSoftmax against exact arithmetic.
import { describe, it } from 'vitest';
import { backends, dtypes, floats, loaded } from '../instances.ts';
import { random } from '../random.ts';
import { exactSigmoid } from '../reference/exact.ts';
import { exactCrossEntropyRow, exactRow, exactSoftmaxRow } from './oracle.ts';
import { at, layouts, logitRows, pack, rowShape } from './rows.ts';
import { boundAt, worstOf } from './worst.ts';

type Any = any;

describe.each(dtypes)('%s', (dtype) => {
  const composed = worstOf('nll ∘ logSoftmax', dtype);
  const helpers = worstOf('softmax, logSoftmax, sigmoid', dtype);

  it.each(layouts)('$title', (layout) => {
    for (const offset of [0.7123457, 3000.25]) {
      const rows = logitRows(layout, dtype, offset, layout.classes + layout.inner);
      const input = pack(
        rows.map(({ x }) => x),
        layout,
        dtype,
      );
      const shape = rowShape(rows.length, layout);
      for (const confident of [true, false]) {
        const labels = rows.map(({ top, next }) => (confident ? top : next));
        const target = { data: Int32Array.from(labels), shape };
        for (const backend of backends) {
          const F = loaded[backend] as Any;
          const logp = F.logSoftmax(input);
          const p = F.softmax(input);
          const { value, grad: up } = F.nll.valueAndGrad(logp, target, { reduction: 'none' });
          const grad = F.logSoftmax.grad(logp, up);
          rows.forEach(({ x, top, gap, exact }, i) => {
            const where = (j?: number) => () =>
              `offset ${offset}, confident ${confident}, gap ${gap}, row ${i}, class ${j}`;
            const want = exactCrossEntropyRow(
              exact,
              x.map((_, j) => Number(j === labels[i])),
            );
            composed[backend].check(
              'value',
              value.data[i],
              want.value,
              want.value,
              boundAt(dtype, gap),
              where(),
            );
            const row = exactSoftmaxRow(exact);
            x.forEach((_, j) => {
              const k = at(i, j, layout);
              const far = j === top ? gap : x[top] - x[j];
              const bound = boundAt(dtype, far);
              composed[backend].check('gradient', grad.data[k], want.grad[j], want.size[j], bound, where(j));
              const l = row.logProbability[j];
              helpers[backend].check('logSoftmax', logp.data[k], l, -l, bound, where(j));
              helpers[backend].check('softmax', p.data[k], row.p[j], row.p[j], bound, where(j));
            });
          });
        }
      }
    }
    for (const backend of backends) {
      composed[backend].expectBounded();
      helpers[backend].expectBounded();
    }
  });

  // Two roundings of half an ULP of 64 and more: of x − m, and of the log-probability that the gradient starts from.
  it.each(backends)('a far class beside several near ones: %s', (backend) => {
    const F = loaded[backend] as Any;
    const r = random(9);
    for (let i = 0; i < 200; i++) {
      const m = 0.3 + 0.6 * r();
      const x = [...floats(dtype, [m, m - r(), m - 60 - 8.9 * r(), m - 2 * r()])];
      const input = { data: floats(dtype, x), shape: [1, 4] };
      const logp = F.logSoftmax(input);
      const grad = F.logSoftmax.grad(logp, F.nll.grad(logp, Int32Array.of(0))).data;
      const want = exactCrossEntropyRow(exactRow(x), [1, 0, 0, 0]);
      const bound = boundAt(dtype, x[0] - x[2]);
      const where = () => `logits ${x}`;
      composed[backend].check('gradient, far class', grad[2], want.grad[2], want.size[2], bound, where);
    }
    composed[backend].expectBounded();
  });

  it.each(backends)('sigmoid: %s', (backend) => {
    const F = loaded[backend] as Any;
    const x = floats(
      dtype,
      Array.from({ length: 400 }, (_, i) => -69 + i * 0.3447),
    );
    const y = F.sigmoid(x).data;
    x.forEach((v, i) => {
      const want = exactSigmoid(v);
      helpers[backend].check('sigmoid', y[i], want, want, boundAt(dtype, 0), () => `x ${v}`);
    });
    helpers[backend].expectBounded();
  });
});
