// Sums beyond f32: finite where their terms are, infinite or NaN where a term is, in every loop that adds.
import { describe, expect, it } from 'vitest';
import { arrayOf, backends, loaded, matrix } from '../instances.ts';
import { random } from '../random.ts';
import { expectSame } from './bits.ts';

type Any = any;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const { fround } = Math;
const HUGE = fround(3e38);

/** n rows of one huge term each: [input, target, options], and the term. */
const losses: Record<string, (n: number) => [Any, Any, number]> = {
  l1: (n) => [new Float32Array(n).fill(HUGE), new Float32Array(n), HUGE],
  smoothL1: (n) => [new Float32Array(n).fill(HUGE), new Float32Array(n), HUGE],
  huber: (n) => [new Float32Array(n).fill(HUGE), new Float32Array(n), HUGE],
  logCosh: (n) => [new Float32Array(n).fill(HUGE), new Float32Array(n), HUGE],
  mse: (n) => [new Float32Array(n).fill(fround(1e19)), new Float32Array(n), fround(1e19) ** 2],
  bceWithLogits: (n) => [new Float32Array(n).fill(HUGE), new Float32Array(n), HUGE],
  klDiv: (n) => [new Float32Array(n).fill(-HUGE), new Float32Array(n).fill(1), HUGE],
  nll: (n) => [{ data: new Float32Array(3 * n).fill(-HUGE), shape: [n, 3] }, new Int32Array(n), HUGE],
  crossEntropy: (n) => [
    { data: Float32Array.from({ length: 3 * n }, (_, i) => (i % 3 === 0 ? -HUGE : 0)), shape: [n, 3] },
    new Int32Array(n),
    HUGE,
  ],
};

describe.each(backends)('%s', (backend) => {
  const F = loaded[backend] as Any;

  it.each(Object.keys(losses))('%s of huge terms', (name) => {
    for (const n of [8, 64, 1024, 1500]) {
      const [input, target, term] = losses[name](n);
      const data = input.data ?? input;
      const plain = F[name].grad(input, target, { reduction: 'sum' });
      for (const reduction of ['sum', 'mean']) {
        const want = reduction === 'sum' ? n * term : term;
        const near = (value: number): void =>
          expect(Math.abs(value / want - 1), `${n} ${reduction}`).toBeLessThan(4e-7);
        near(F[name](input, target, { reduction }));
        near(F[name].valueAndGrad(input, target, { reduction }).value);
        near(F[name].prepare(input, target, { reduction })());
        const inPlace = { data: data.slice(), shape: input.shape ?? [n] };
        const { value, grad } = F[name].valueAndGrad(inPlace, target, { reduction, out: { grad: inPlace } });
        near(value);
        expect(grad).toBe(inPlace);
        if (reduction === 'sum') expectSame(grad, plain, 'in place');
      }
    }
  });

  it.each(['l1', 'mse', 'huber', 'smoothL1'])('%s: the same bits, whichever loop', (name) => {
    const r = random(2);
    const scale = name === 'mse' ? 1e19 : 1.6e38;
    for (const n of [31, 33, 1024, 1033, 2500]) {
      const [x, t] = [0, 1].map(() => Float32Array.from({ length: n }, () => scale * (2 * r() - 1)));
      const wanted = F[name](x, t, { reduction: 'sum' });
      expect(wanted).toBeGreaterThan(2 ** 128);
      for (const options of [
        {},
        { wrt: 'target' },
        { wrt: ['input', 'target'] },
        { weight: new Float32Array(n).fill(1) },
      ])
        expectSame(F[name].valueAndGrad(x, t, { ...options, reduction: 'sum' }).value, wanted, `${n}`);
      for (const out of ['input', 'target'])
        expectSame(
          F[name].valueAndGrad(x.slice(), t.slice(), { reduction: 'sum', wrt: out }).value,
          wanted,
          `${n} over ${out}`,
        );
    }
  });

  it.each(['l1', 'bceWithLogits', 'nll', 'klDiv'])(
    '%s: a term that is infinite or NaN makes the sum so',
    (name) => {
      const n = 1100;
      for (const held of [inf, -inf, nan])
        for (const at of [0, 40, 1023, 1024, 1099]) {
          const [input, target] = losses[name](n);
          const data = input.data ?? input;
          data[name === 'nll' ? 3 * at : at] = held;
          const want: Record<string, number> = {
            l1: Math.abs(held),
            bceWithLogits: Math.max(held, 0),
            nll: -held,
            klDiv: -held,
          };
          const sum = F[name](input, target, { reduction: 'sum' });
          if (want[name] === 0) expect(sum).toBeGreaterThan(2 ** 128);
          else expect(sum, `${held} at ${at}`).toBe(want[name]);
          expect(F[name].valueAndGrad(input, target, { reduction: 'sum' }).value).toBe(sum);
        }
    },
  );

  it('infinities of both signs are NaN', () => {
    const [input, target] = losses.nll(1100);
    input.data[3] = inf;
    input.data[600] = -inf;
    expect(F.nll(input, target, { reduction: 'sum' })).toBeNaN();
  });

  it.each([
    { title: 'few classes', shape: [3, 64] },
    { title: 'many classes', shape: [2, 128] },
    { title: 'classes and a tail', shape: [2, 150] },
  ])('targets of both signs: what a row adds up overflows on the way alone, $title', ({ shape }) => {
    const [rows, classes] = shape;
    const r = random(5);
    // one class far above the others, so that products of a target with all their exponentials are finite
    const x = Float32Array.from({ length: rows * classes }, (_, i) =>
      i % classes === 9 ? 0 : -3.4 - 0.2 * r(),
    );
    // a long run of one sign, then the other: eight of them are more than f32 has, all of them are not
    const sign = (i: number): number => ((i % classes) * 2 < classes ? 1 : -1);
    const t = Float32Array.from({ length: rows * classes }, (_, i) => sign(i) * 4.6e37 * (0.98 + 0.04 * r()));
    const input = { data: x, shape };
    const target = { data: t, shape };
    const options = { reduction: 'none', wrt: ['input', 'target'] };
    const { value, grad } = F.crossEntropy.valueAndGrad(input, target, options);
    const double = (a: Any): Any => ({ data: Float64Array.from(a.data), shape });
    const wanted = (loaded.js as Any).crossEntropy.valueAndGrad(double(input), double(target), options);
    const size = classes * 2e38;
    for (let i = 0; i < rows; i++)
      expect(Math.abs(value.data[i] - wanted.value.data[i])).toBeLessThan(4e-6 * size);
    for (let i = 0; i < x.length; i++) {
      expect(Math.abs(grad.input.data[i] - wanted.grad.input.data[i])).toBeLessThan(4e-6 * size);
      expect(Math.abs(grad.target.data[i] / wanted.grad.target.data[i] - 1)).toBeLessThan(4e-6);
    }
  });
});

it('f32: a term beyond f32 is infinite, and so is a row’s', () => {
  const F = loaded.wasm;
  const x = new Float32Array(64).fill(1e20);
  for (const reduction of ['sum', 'mean'] as const)
    expect(F.mse(x, new Float32Array(64), { reduction })).toBe(inf);
  expect(F.l1(x, new Float32Array(64), { weight: HUGE, reduction: 'sum' })).toBe(inf);
  const logits = { data: Float32Array.of(HUGE, -HUGE, 0, HUGE, -HUGE, 0), shape: [2, 3] };
  expect(F.crossEntropy(logits, Int32Array.of(1, 2))).toBe(inf);
});

it.each(matrix)('$backend $dtype: f64 sums that overflow are infinite', ({ backend, dtype }) => {
  const F = loaded[backend];
  if (dtype === 'f32') return;
  const x = new Float64Array(64).fill(1.7e308);
  expect(F.l1(x, new Float64Array(64), { reduction: 'sum' })).toBe(inf);
  expect(F.l1(x, new Float64Array(64))).toBe(inf);
});

describe.each(matrix)('a mean by huge and tiny weights: $backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype] as Float32ArrayConstructor;

  /** Gradients do not change with the weights' unit, as long as all of them have digits. */
  const agree = (
    loss: string,
    input: Any,
    target: Any,
    shape: readonly number[],
    name: string,
    wrt: string[],
  ): void => {
    const r = random(7);
    const weights = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.25 + r());
    const by = (unit: number): Any => ({ data: array.from(weights, (w) => w * unit), shape });
    const wanted = F[loss].valueAndGrad(input, target, { [name]: by(1), wrt });
    for (const exponent of [122, 118, 100, -90, ...(dtype === 'f32' ? [] : [-140])]) {
      const got = F[loss].valueAndGrad(input, target, { [name]: by(2 ** exponent), wrt });
      const what = `${loss} by ${name} of 2^${exponent}`;
      expect(Math.abs(got.value / wanted.value - 1), what).toBeLessThan(1e-6);
      for (const of of wrt)
        for (let i = 0; i < wanted.grad[of].data.length; i++) {
          const [a, b] = [got.grad[of].data[i], wanted.grad[of].data[i]];
          if (a !== b) expect(Math.abs(a / b - 1), `${what}: ${a}, not ${b} at ${i}`).toBeLessThan(1e-6);
        }
    }
  };

  it.each(['l1', 'mse', 'huber', 'smoothL1', 'bce', 'bceWithLogits', 'klDiv'])('%s', (loss) => {
    const r = random(3);
    for (const n of [64, 1000, 2100]) {
      const [x, t] = [0, 1].map(() => array.from({ length: n }, () => 0.05 + 0.9 * r()));
      agree(loss, x, t, [n], 'sampleWeight', ['input', 'target']);
    }
  });

  it.each(['nll', 'crossEntropy'])('%s', (loss) => {
    const r = random(4);
    for (const shape of [
      [64, 2],
      [1030, 3],
      [300, 10],
      [40, 70],
      [9, 5, 31],
    ]) {
      const [outer, classes, inner = 1] = shape;
      const rows = shape.filter((_, i) => i !== 1);
      const input = { data: array.from({ length: outer * classes * inner }, () => 4 * r() - 5), shape };
      const labels = {
        data: Int32Array.from({ length: outer * inner }, () => Math.floor(r() * classes)),
        shape: rows,
      };
      agree(loss, input, labels, [classes], 'weight', ['input']);
      agree(loss, input, labels, rows, 'sampleWeight', ['input']);
      if (loss === 'nll') continue;
      const targets = { data: array.from({ length: outer * classes * inner }, () => r() / classes), shape };
      agree(loss, input, targets, rows, 'sampleWeight', ['input', 'target']);
    }
  });
});

it.each(backends)('%s: a mean by weights that are subnormal', (backend) => {
  const F = loaded[backend];
  const x = Float32Array.of(3, 5);
  const sampleWeight = new Float32Array(2).fill(2 ** -140);
  const { value, grad } = F.mse.valueAndGrad(x, Float32Array.of(1, 1), { sampleWeight });
  expect([value, ...grad.data]).toEqual([10, 2, 4]);
  const logits = { data: Float32Array.of(2, 2, 2, 2), shape: [2, 2] };
  const classes = F.crossEntropy.grad(logits, Int32Array.of(0, 1), { sampleWeight });
  expect([...classes.data]).toEqual([-0.25, 0.25, 0.25, -0.25]);
});

describe.each(backends)('what docs/accuracy.md says of overflow: %s', (backend) => {
  const F = loaded[backend] as Any;
  const reductions = ['sum', 'mean'];

  it('sums and means of f64 terms are Infinity beyond f64', () => {
    for (const reduction of reductions)
      expect(F.l1(new Float64Array(2).fill(1.7e308), new Float64Array(2), { reduction })).toBe(inf);
  });

  it('a term beyond f32 is Infinity; the js backend rounds it only where it is a result', () => {
    const x = Float32Array.of(2e19, 1);
    expect([...F.mse(x, new Float32Array(2), { reduction: 'none' }).data]).toEqual([inf, 1]);
    for (const reduction of reductions)
      expect(F.mse(x, new Float32Array(2), { reduction }) === inf).toBe(backend === 'wasm');
  });
});

describe.each(backends)('blocks after one whose terms add up to infinity: %s', (backend) => {
  const F = loaded[backend] as Any;
  const n = 4 * 1024 + 5;
  const zeros = new Float32Array(n);

  /** Labels for which a score costs its distance from 0: what is infinite above is so below with the other label. */
  it.each([
    { name: 'bceWithLogits', above: 0, below: 1 },
    { name: 'softMargin', above: -1, below: 1 },
  ])('$name', ({ name, above, below }) => {
    const calls = (x: Float32Array, t: Float32Array): number[] => [
      F[name](x, t, { reduction: 'sum' }),
      F[name].valueAndGrad(x, t, { reduction: 'sum' }).value,
      F[name].prepare(x, t, { reduction: 'sum', wrt: ['input', 'target'] })(),
    ];
    const all = (v: number): number[] => new Array(3).fill(v);
    for (const sign of [1, -1])
      for (const at of [0, 700, 1023, 1024, 1500, n - 1]) {
        const x = new Float32Array(n).fill(sign * HUGE);
        const t = new Float32Array(n).fill(sign > 0 ? above : below);
        const finite = calls(x, t);
        for (const sum of finite) expect(Math.abs(sum / (n * HUGE) - 1)).toBeLessThan(1e-6);
        x[at] = sign * inf;
        expect(calls(x, t)).toEqual(all(inf));
        // and many more of them, some in every block
        for (let i = 3; i < n; i += 7) x[i] = sign * inf;
        expect(calls(x, t)).toEqual(all(inf));
        // a NaN after all of that, or before
        for (const place of [1, n - 2]) {
          const y = x.slice();
          y[place] = nan;
          expect(calls(y, t)).toEqual(all(nan));
        }
        if (name === 'bceWithLogits') {
          // a target beyond 1 (or below 0) makes a term of −∞
          for (const place of [1, n - 2]) {
            const z = t.slice();
            z[place] = sign > 0 ? 2 : -1;
            const y = x.slice();
            y[place] = sign * inf;
            expect(calls(y, z)).toEqual(all(nan));
            const lower = new Float32Array(n).fill(sign * inf);
            expect(calls(lower, new Float32Array(n).fill(sign > 0 ? 2 : -1))).toEqual(all(-inf));
          }
        }
        // and the next call knows nothing of it
        x.fill(sign * HUGE);
        expect(calls(x, t)).toEqual(finite);
      }
  });

  it.each(['l1', 'mse', 'huber', 'smoothL1'])('%s', (name) => {
    const term = name === 'mse' ? fround(1e19) : HUGE;
    const calls = (x: Float32Array): number[] => [
      F[name](x, zeros, { reduction: 'sum' }),
      F[name].valueAndGrad(x, zeros, { reduction: 'sum' }).value,
    ];
    for (const at of [0, 1500, n - 1]) {
      const x = new Float32Array(n).fill(term);
      x[at] = inf;
      expect(calls(x)).toEqual([inf, inf]);
      x[n - 2] = nan;
      expect(calls(x)).toEqual([nan, nan]);
      // and the next call knows nothing of it
      for (const sum of calls(new Float32Array(n).fill(term))) expect(Number.isFinite(sum)).toBe(true);
    }
  });
});
