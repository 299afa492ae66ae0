// Cross entropy against exact arithmetic: values and gradients from 1e−30 to 1e30, in every loop.
import { describe, it } from 'vitest';
import { backends, dtypes, floats, loaded } from '../instances.ts';
import { random } from '../random.ts';
import { deepExp, exactCrossEntropyRow } from './oracle.ts';
import { at, type LogitRow, layouts, logitRows, pack, rowShape } from './rows.ts';
import { boundAt, worstOf } from './worst.ts';

type Any = any;

/** Which classes the target names, as a row of probabilities. */
const targets: Record<string, { soft: boolean; of: (row: LogitRow, r: () => number) => number[] }> = {
  'the greatest': { soft: false, of: ({ x, top }) => x.map((_, j) => Number(j === top)) },
  'the next': { soft: false, of: ({ x, next }) => x.map((_, j) => Number(j === next)) },
  'one-hot': { soft: true, of: ({ x, top }) => x.map((_, j) => Number(j === top)) },
  probabilities: { soft: true, of: ({ x }, r) => x.map(() => r() / x.length) },
  'sparse probabilities': {
    soft: true,
    of: ({ x, top, next }, r) => x.map((_, j) => (j === top ? 1 - 2 ** -12 : j === next ? r() / 4096 : 0)),
  },
};

/** The first makes x − m round, the others make it exact. */
const offsets = [0.7123457, -37.5, 3000.25];

describe.each(dtypes)('%s', (dtype) => {
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;
  const worst = worstOf('crossEntropy', dtype);

  it.each(layouts)('$title', (layout) => {
    const { classes } = layout;
    const r = random(classes);
    const weight = Array.from({ length: classes }, (_, j) => (j % 7 === 5 ? 0 : round(10 ** (4 * r() - 2))));
    for (const offset of offsets) {
      const rows = logitRows(layout, dtype, offset, classes + layout.inner);
      const input = pack(
        rows.map(({ x }) => x),
        layout,
        dtype,
      );
      const shape = rowShape(rows.length, layout);
      const up = rows.map((_, i) => round((i % 2 ? -1 : 1) * 10 ** (i % 5)));
      for (const [name, { soft, of }] of Object.entries(targets)) {
        const wanted = rows.map((row) => of(row, r).map(round));
        const target = soft
          ? pack(wanted, layout, dtype)
          : { data: Int32Array.from(wanted, (t) => t.indexOf(1)), shape };
        for (const [labelSmoothing, weighted] of [
          [0, false],
          [0, true],
          [2 ** -10, false],
          [0.1, true],
          [1, false],
        ] as const) {
          const w = weighted ? weight : weight.map(() => 1);
          const exact = rows.map((row, i) =>
            exactCrossEntropyRow(
              row.exact,
              wanted[i].map((t, j) => w[j] * ((1 - labelSmoothing) * t + labelSmoothing / classes)),
            ),
          );
          const options = { labelSmoothing, ...(weighted && { weight: floats(dtype, weight) }) };
          for (const backend of backends) {
            const F = loaded[backend] as Any;
            const loss = F.crossEntropy;
            const none = loss.valueAndGrad(input, target, {
              ...options,
              reduction: 'none',
              gradOutput: { data: floats(dtype, up), shape },
            });
            const { grad } = loss.valueAndGrad(input, target, { ...options, reduction: 'sum' });
            const where = (i: number, j?: number) => () =>
              `${name}, smoothing ${labelSmoothing}, weights ${weighted}, offset ${offset}, gap ${rows[i].gap}, row ${i}${
                j === undefined ? '' : `, class ${j} at ${rows[i].x[j] - rows[i].x[rows[i].top]}`
              }`;
            exact.forEach(({ value, grad: wantGrad, size }, i) => {
              const { gap, x, top } = rows[i];
              worst[backend].check('value', none.value.data[i], value, value, boundAt(dtype, gap), where(i));
              size.forEach((s, j) => {
                const k = at(i, j, layout);
                const bound = boundAt(dtype, j === top ? gap : x[top] - x[j]);
                const check = (kind: string, got: number, scale: number) =>
                  worst[backend].check(
                    kind,
                    got,
                    scale * wantGrad[j],
                    Math.abs(scale) * s,
                    bound,
                    where(i, j),
                  );
                check('gradient', grad.data[k], 1);
                check('gradient, scaled', none.grad.data[k], up[i]);
              });
            });
          }
        }
      }
    }
    for (const backend of backends) worst[backend].expectBounded();
  });

  it.each(layouts.filter(({ inner }) => inner === 1))(
    'one confident row a call, reduced: $title',
    (layout) => {
      const rows = logitRows(layout, dtype, offsets[0], layout.classes + layout.inner);
      for (const backend of backends) {
        const F = loaded[backend] as Any;
        for (const { x, top, gap, exact } of rows) {
          const c = x.map((_, j) => Number(j === top));
          const { value } = exactCrossEntropyRow(exact, c);
          for (const reduction of ['mean', 'sum']) {
            const got = F.crossEntropy({ data: floats(dtype, x), shape: [1, x.length] }, Int32Array.of(top), {
              reduction,
            });
            worst[backend].check(reduction, got, value, value, boundAt(dtype, gap), () => `gap ${gap}`);
          }
        }
        worst[backend].expectBounded();
      }
    },
  );

  it.each(backends)('losses up to 1e30: %s', (backend) => {
    const F = loaded[backend] as Any;
    for (const layout of layouts) {
      for (let power = 2; power <= 30; power += 4) {
        const far = round(-(10 ** power));
        const x = Array.from({ length: layout.classes }, (_, j) => (j === 0 ? far : round(j / 256)));
        const input = pack(Array(6).fill(x), layout, dtype);
        const target = { data: new Int32Array(6), shape: rowShape(6, layout) };
        const { value, grad } = F.crossEntropy.valueAndGrad(input, target, { reduction: 'none' });
        // log Z is below half an ULP of 1e16 and more
        const m = Math.max(...x);
        const want = m - far + Math.log(x.reduce((s, v) => s + Math.exp(v - m), 0));
        for (const v of value.data)
          worst[backend].check(
            'value',
            v,
            want,
            want,
            boundAt(dtype, 0),
            () => `${layout.title}, 1e${power}`,
          );
        worst[backend].check(
          'gradient',
          grad.data[0],
          -1,
          1,
          boundAt(dtype, 0),
          () => `${layout.title}, 1e${power}`,
        );
      }
    }
    worst[backend].expectBounded();
  });
});

describe('f64 has the range for gaps up to 600', () => {
  const worst = worstOf('crossEntropy, gaps 70 to 600', 'f64');
  it.each(backends)('%s', (backend) => {
    const F = loaded[backend] as Any;
    for (const layout of layouts) {
      for (let gap = 70.3; gap <= 600; gap += 23.1) {
        const x = Array.from({ length: layout.classes }, (_, j) => (j === 1 ? 2.5 : 2.5 - gap - j / 16));
        const input = pack(Array(6).fill(x), layout, 'f64');
        const tail = x.map((v, j) => (j === 1 ? 0 : deepExp(v - x[1])));
        const rest = tail.reduce((a, b) => a + b, 0);
        for (const target of [
          { data: new Int32Array(6).fill(1), shape: rowShape(6, layout) },
          pack(Array(6).fill(x.map((_, j) => Number(j === 1))), layout, 'f64'),
        ]) {
          const { value, grad } = F.crossEntropy.valueAndGrad(input, target, { reduction: 'none' });
          const where = () => `${layout.title}, gap ${gap}`;
          // log1p(rest) = rest and 1 + rest = 1 to 30 digits
          worst[backend].check('value', value.data[0], rest, rest, 1e-13, where, 0);
          x.forEach((_, j) => {
            const want = j === 1 ? -rest : tail[j];
            worst[backend].check(
              'gradient',
              grad.data[at(4, j, layout)],
              want,
              Math.abs(want),
              1e-13,
              where,
              0,
            );
          });
        }
      }
    }
    worst[backend].expectBounded();
  });
});
