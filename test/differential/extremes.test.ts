// Numbers at which a formula's parts are infinite while the loss is not, and the other way round: to the reference, NaN
// to NaN and infinity to infinity.
import { describe, expect, it } from 'vitest';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { type Options, reference, type Tensor } from '../reference/index.ts';

type Any = any;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype];
  const typed = (x: Any): Any =>
    x !== null && typeof x === 'object' && 'shape' in x ? { data: array.from(x.data), shape: x.shape } : x;

  function agree(loss: string, input: Tensor, target: Tensor, labels: boolean, options: Options): void {
    const given = Object.fromEntries(Object.entries(options).map(([k, v]) => [k, typed(v)]));
    const t = labels ? { data: Int32Array.from(target.data), shape: target.shape } : typed(target);
    const wrt = labels ? ['input'] : ['input', 'target'];
    for (const reduction of ['none', 'sum', 'mean'] as const) {
      const got = F[loss].valueAndGrad(typed(input), t, { ...given, wrt, reduction });
      const want = reference(loss, { input, target }, { ...options, reduction });
      const what = `${loss} ${reduction} of ${input.data} and ${target.data}, ${JSON.stringify(options)}`;
      const same = (part: string, a: ArrayLike<number>, b: ArrayLike<number>): void => {
        expect(a.length, what).toBe(b.length);
        for (let i = 0; i < b.length; i++) {
          const error = Math.abs(a[i] - b[i]);
          if (Number.isFinite(b[i]))
            expect(error, `${part}[${i}], ${a[i]} for ${b[i]}, of ${what}`).toBeLessThan(
              4e-7 * (1 + Math.abs(b[i])),
            );
          else expect(a[i], `${part}[${i}] of ${what}`).toBe(b[i]);
        }
      };
      const list = (x: Any): ArrayLike<number> => (typeof x === 'number' ? [x] : x.data);
      same('value', list(got.value), list(want.value));
      same('gradient', got.grad.input.data, want.grads.input.data);
      if (!labels) same('target’s gradient', got.grad.target.data, want.grads.target!.data);
    }
  }

  const layouts = [
    { title: 'few classes', shape: [2, 3], rows: [2] },
    { title: 'a row longer than the tile', shape: [2, 80], rows: [2] },
    { title: 'strided', shape: [2, 3, 5], rows: [2, 5] },
    { title: 'one row', shape: [3], rows: [] },
  ];
  const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

  it.each(layouts)('a class of weight 0 does not count, whatever it holds: $title', ({ shape, rows }) => {
    const classes = shape[Math.min(1, shape.length - 1)];
    const inner = shape.length === 3 ? shape[2] : 1;
    // classes 0 and 1 in turn: 0 has no weight
    const labels = { data: Array.from({ length: size(rows) }, (_, row) => row % 2), shape: rows };
    const weight = { data: Array.from({ length: classes }, (_, c) => (c === 0 ? 0 : 1.5)), shape: [classes] };
    for (const held of [0, -0, nan, inf, -0.5, 0.25]) {
      const data = Array.from({ length: size(shape) }, (_, i) =>
        Math.floor(i / inner) % classes === 0 ? held : 0.5,
      );
      const x = { data, shape };
      agree('nll', x, labels, true, { weight });
      for (const fromLogits of [false])
        for (const eps of [0, 0.125])
          for (const labelSmoothing of [0, 0.25]) {
            const options = { weight, fromLogits, eps, labelSmoothing };
            agree('crossEntropy', x, labels, true, options);
            agree('crossEntropy', x, { data: data.map(() => 0.5), shape }, false, options);
          }
      // without weights: a target of 0 at that class
      const target = { data: data.map((_, i) => Number(Math.floor(i / inner) % classes !== 0)), shape };
      agree('crossEntropy', x, target, false, { fromLogits: false });
    }
  });

  it('no weight at all: the sums that a mean divides by are 0, and the gradient is NaN', () => {
    const x = { data: [0, 0.5, 0.25, 0.25], shape: [2, 2] };
    const weight = { data: [0, 0], shape: [2] };
    const labels = { data: [0, 1], shape: [2] };
    for (const labelSmoothing of [0, 0.25])
      agree('crossEntropy', x, labels, true, { weight, fromLogits: false, labelSmoothing });
    agree('nll', x, labels, true, { weight });
  });

  it.each(['huber', 'smoothL1'])('%s of infinite differences', (loss) => {
    const input = { data: [inf, -inf, inf, -inf, nan, 3, 0, inf], shape: [8] };
    const target = { data: [0, 0, -inf, inf, 0, 1, inf, inf], shape: [8] };
    const name = loss === 'huber' ? 'delta' : 'beta';
    for (const bend of [0.5, 1, 1e30, inf]) {
      if (loss === 'smoothL1' && bend === inf) continue;
      agree(loss, input, target, false, { [name]: bend });
    }
  });

  it('bceWithLogits with posWeight 0: the target’s gradient keeps its tail', () => {
    const x = [-80, -40, -10, -1, 0, 1, 10, 40];
    const { grad } = F.bceWithLogits.valueAndGrad(array.from(x), new array(8).fill(0.5), {
      posWeight: 0,
      wrt: 'target',
      reduction: 'none',
    });
    x.forEach((v, i) => {
      const softplus = Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
      expect(Math.abs(grad.data[i] / -softplus - 1), `at ${v}`).toBeLessThan(dtype === 'f32' ? 4e-6 : 1e-13);
    });
    const far = F.bceWithLogits.grad(array.of(-inf), array.of(0.5), { posWeight: 0, wrt: 'target' });
    expect(far.data[0]).toBe(0);
    const want = reference(
      'bceWithLogits',
      { input: { data: x, shape: [8] }, target: { data: x, shape: [8] } },
      { posWeight: 0 },
    );
    expect(Math.abs(want.grads.target!.data[0] * -8 * Math.exp(80) - 1)).toBeLessThan(1e-13);
  });

  it('klDiv: a scalar is a batch of one', () => {
    const scalar = (v: number): Tensor => ({ data: [v], shape: [] });
    const options = { reduction: 'batchmean' as const };
    const want = reference('klDiv', { input: scalar(-1.5), target: scalar(0.75) }, options);
    expect(want.value).toBeCloseTo(0.75 * (Math.log(0.75) + 1.5), 12);
    expect(F.klDiv(typed(scalar(-1.5)), typed(scalar(0.75)), options)).toBeCloseTo(want.value as number, 6);
  });
});
