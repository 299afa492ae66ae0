// Second derivatives: against differences of the gradient, in the tails against their formulas, with every option.
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { arrayOf, backends, loaded, matrix } from '../instances.ts';
import { random } from '../random.ts';
import { rows } from '../rows/index.ts';
import { inputsOf, isClassLoss, isOfRows, sizeOf, takesNumbers, targetOf, thirdOf } from './inputs.ts';
import { lossOf } from './roles.ts';

type Any = any;
/** Losses of features have none. */
const withHessian = Object.values(rows).filter(({ loss }) => 'hessian' in registry[loss]);
/** In the input; expectile with quantiles beyond 1, which arrays are not checked for. */
const notConvex: ReadonlySet<string> = new Set([
  'sigmoidFocal',
  'polyCrossEntropy',
  'categoricalFocal',
  'msle',
  'expectile',
  'jsd',
  'halfTweedie',
]);
interface Both {
  readonly grad: { readonly data: Float64Array };
  readonly hess: { readonly data: Float64Array };
}

describe.each(withHessian)('$loss', (row) => {
  const variants = row.variants.filter((v) => sizeOf(v.shape ?? []) <= 700);

  it.each(backends)('is the derivative of the gradient: %s', (backend) => {
    const loss = lossOf(loaded[backend], row.loss);
    const bad: string[] = [];
    for (const variant of variants) {
      const { input, target, options } = inputsOf(row, variant, 'f64');
      const eps = (options.eps as number | undefined) ?? 0;
      const { reduction = 'sum', ...others } = options;
      if (reduction === 'batchmean') continue;
      const call = { ...others, reduction: 'sum' };
      const both: Both = loss.gradAndHess(input, target, call);
      // gradients by index, where several inputs share no curvature but their own
      const gradAt = (i: number): number => loss.grad(input, target, call).data[i];
      const scale = Math.max(...both.hess.data.map(Math.abs), 1e-3);
      for (let i = 0; i < input.data.length; i++) {
        const x = input.data[i];
        const h = (row.loss === 'bce' ? 2e-4 : 1e-3) * Math.max(Math.abs(x), 0.1);
        const joint = row.joint?.(x, target.data[i] as number, options, thirdOf(options, i));
        if (joint !== undefined && joint < 4 * h) continue;
        if (eps && (Math.abs(x - eps) < 4 * h || Math.abs(x - 1 + eps) < 4 * h)) continue;
        const at = (d: number): number => {
          input.data[i] = x + d;
          return gradAt(i);
        };
        const d =
          (45 * (at(h) - at(-h)) - 9 * (at(2 * h) - at(-2 * h)) + (at(3 * h) - at(-3 * h))) / (60 * h);
        input.data[i] = x;
        // minHessian is 0: where a loss that is not convex bends the other way, its second derivative is that
        const wanted = notConvex.has(row.loss) || options.softcap ? Math.max(d, 0) : d;
        if (!(Math.abs(wanted - both.hess.data[i]) <= 1e-7 * scale))
          bad.push(`${variant.title} [${i}]: ${both.hess.data[i]} but ${d}`);
      }
    }
    expect(bad).toEqual([]);
  });

  it.each(matrix)(
    'gradient, options, prepared steps and out agree: $backend $dtype',
    ({ backend, dtype }) => {
      const loss = lossOf(loaded[backend], row.loss);
      const F = loaded[backend] as Any;
      for (const variant of variants) {
        const { input, target, options } = inputsOf(row, variant, dtype);
        if (options.reduction === 'batchmean') continue;
        const call = { ...options, reduction: options.reduction ?? 'sum' };
        const plain: Both = loss.gradAndHess(input, target, call);
        expect(plain.grad.data).toEqual(loss.grad(input, target, call).data);

        const tensors = [F.tensor(input.data, input.shape), F.tensor(target.data, target.shape)];
        const onTensors = loss.gradAndHess(...tensors, call);
        expect(onTensors.hess.data).toEqual(plain.hess.data);
        const grad = F.tensor(new arrayOf[dtype](input.data.length), input.shape);
        const hess = F.tensor(new arrayOf[dtype](input.data.length), input.shape);
        const step = loss.prepare(...tensors, { ...call, compute: 'gradAndHess', out: { grad, hess } });
        for (let i = 0; i < 2; i++) expect(step()).toEqual({ grad, hess });
        expect(grad.data).toEqual(plain.grad.data);
        expect(hess.data).toEqual(plain.hess.data);
        step.dispose();

        const floor = 0.125;
        const scaled: Both = loss.gradAndHess(input, target, { ...call, hessianScale: 2 });
        plain.hess.data.forEach((h, i) => {
          expect(scaled.hess.data[i]).toBe(2 * h);
        });
        // also where 1 stands for it
        const ones: Both = loss.gradAndHess(input, target, { ...call, hessian: 'one' });
        const scaledOnes: Both = loss.gradAndHess(input, target, {
          ...call,
          hessian: 'one',
          hessianScale: 4,
        });
        ones.hess.data.forEach((h, i) => {
          expect(scaledOnes.hess.data[i]).toBe(4 * h);
        });
        // each element's own factor is what a floor above all else gives, relative to it
        const high = 2 ** 60;
        const factors: Both = loss.gradAndHess(input, target, { ...call, minHessian: high });
        const floored: Both = loss.gradAndHess(input, target, { ...call, minHessian: floor });
        const bound = dtype === 'f32' ? 2e-7 : 1e-15;
        floored.hess.data.forEach((h, i) => {
          const wanted = Math.max(plain.hess.data[i], (floor / high) * factors.hess.data[i]);
          expect(Math.abs(h - wanted)).toBeLessThanOrEqual(2 * bound * Math.abs(wanted));
        });
        for (const tensor of [...tensors, onTensors.grad, onTensors.hess, grad, hess]) tensor.dispose();
      }
    },
  );

  it.each(matrix)('is the sum’s unless told, scaled by gradOutput: $backend $dtype', ({ backend, dtype }) => {
    const loss = lossOf(loaded[backend], row.loss);
    const { input, target, rows: terms } = inputsOf(row, row.variants[0], dtype);
    const sum: Both = loss.gradAndHess(input, target);
    const mean: Both = loss.gradAndHess(input, target, { reduction: 'mean' });
    const scaled: Both = loss.gradAndHess(input, target, { gradOutput: 0.5 });
    const n = sizeOf(terms);
    const bound = dtype === 'f32' ? 3e-7 : 1e-15;
    sum.hess.data.forEach((h, i) => {
      expect(Math.abs(mean.hess.data[i] * n - h)).toBeLessThanOrEqual(bound * Math.abs(h));
      expect(scaled.hess.data[i]).toBe(h * 0.5);
    });
    expect(loss.prepare(input, target, { compute: 'gradAndHess' })()).toEqual(sum);
  });
});

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype] as Float32ArrayConstructor;
  const bound = dtype === 'f32' ? 4e-6 : 1e-13;
  const near = (got: number, wanted: number): void =>
    expect(Math.abs(got - wanted), `${got} instead of ${wanted}`).toBeLessThanOrEqual(
      bound * Math.abs(wanted),
    );

  // 3 classes are lanes, 200 rows, [2, 5, 3] a strided axis
  it.each([[3], [200]])('cross entropy keeps p (1 − p) of a confident row of %i classes', (classes) => {
    for (const gap of [0, 1, 10, 17, 30, 60]) {
      const x = new array(classes).fill(-gap);
      x[1] = 0;
      const input = { data: x, shape: [1, classes] };
      const { hess } = F.crossEntropy.gradAndHess(input, Int32Array.of(1));
      const rest = (classes - 1) * Math.exp(-gap);
      near(hess.data[1], rest / (1 + rest) ** 2);
      const p = Math.exp(-gap) / (1 + rest);
      near(hess.data[0], p * (1 - p));
      const soft = F.crossEntropy.gradAndHess(input, {
        data: new array(classes).fill(0.25),
        shape: [1, classes],
      });
      near(soft.hess.data[1], (0.25 * classes * rest) / (1 + rest) ** 2);
    }
  });

  it('ties, rows that do not count and NaN', () => {
    const classes = 100;
    for (const shape of [
      [4, classes],
      [4, 5],
    ]) {
      const [n, c] = shape;
      const x = new array(n * c).fill(3);
      x[2 * c] = Number.NaN;
      const labels = Int32Array.of(0, -100, 1, 2);
      const { grad, hess } = F.crossEntropy.gradAndHess({ data: x, shape }, labels);
      for (let j = 0; j < c; j++) {
        near(hess.data[j], (1 / c) * (1 - 1 / c));
        expect(hess.data[c + j]).toBe(0);
        expect(grad.data[c + j]).toBe(0);
        expect(hess.data[2 * c + j]).toBeNaN();
      }
    }
    for (const row of withHessian.filter((row) => !isClassLoss(row) && takesNumbers(row))) {
      const name = row.loss;
      const of = (...data: number[]) => ({ data: array.of(...data), shape: isOfRows(row) ? [2, 1] : [2] });
      const { hess } = lossOf(F, name).gradAndHess(of(Number.NaN, 0.5), of(0.25, 0.25), {
        sampleWeight: array.of(1, 0),
      });
      expect(hess.data[0], name).toBeNaN();
      expect(hess.data[1], name).toBe(0);
    }
  });

  it('BCE with logits keeps its tails, BCE its poles', () => {
    const x = array.of(-80, -20, 0, 20, 80);
    const { hess } = F.bceWithLogits.gradAndHess(x, array.of(0, 1, 0.5, 1, 0), { posWeight: 3 });
    const coefficient = [1, 3, 2, 3, 1];
    x.forEach((v, i) => {
      const e = Math.exp(-Math.abs(v));
      near(hess.data[i], (coefficient[i] * e) / (1 + e) ** 2);
    });
    const bce = F.bce.gradAndHess(array.of(0, 1, 1, 2, 0.25), array.of(0, 1, 0, 0, 0.5));
    expect([...bce.hess.data.subarray(0, 4)]).toEqual([1, 1, Number.POSITIVE_INFINITY, Number.NaN]);
    near(bce.hess.data[4], 0.5 / 0.0625 + 0.5 / 0.5625);
  });

  it('secants of the losses of a difference', () => {
    const d = array.of(0, 0.5, -1, 3, -8);
    const zero = new array(5);
    const secant = (name: string, options: object = {}): number[] => [
      ...F[name].gradAndHess(d, zero, { hessian: 'secant', ...options }).hess.data,
    ];
    expect(secant('l1')).toEqual([
      Number.POSITIVE_INFINITY,
      2,
      1,
      Math.fround(1 / 3) && new array([1 / 3])[0],
      0.125,
    ]);
    expect(secant('mse')).toEqual([2, 2, 2, 2, 2]);
    const of = (values: number[]): number[] => [...array.from(values)];
    expect(secant('huber', { delta: 2 })).toEqual(of([1, 1, 1, 2 / 3, 0.25]));
    expect(secant('huber', { delta: Number.POSITIVE_INFINITY })).toEqual([1, 1, 1, 1, 1]);
    expect(secant('smoothL1', { beta: 2 })).toEqual(of([0.5, 0.5, 0.5, 1 / 3, 0.125]));
  });

  it('rows and lanes agree at every class count, wherever a row stands', () => {
    const r = random(5);
    for (const classes of [1, 2, 3, 5, 31, 63, 64, 65, 70, 129]) {
      const x = array.from({ length: 7 * classes }, () => 20 * r() - 10);
      const labels = Int32Array.from({ length: 7 }, () => Math.floor(r() * classes));
      const all = F.crossEntropy.gradAndHess({ data: x, shape: [7, classes] }, labels).hess.data;
      for (let row = 0; row < 7; row++) {
        const alone = { data: x.subarray(row * classes, (row + 1) * classes), shape: [1, classes] };
        const { hess } = F.crossEntropy.gradAndHess(alone, labels.subarray(row, row + 1));
        expect(hess.data).toEqual(all.subarray(row * classes, (row + 1) * classes));
        const top = Math.max(...alone.data);
        const e = Array.from(alone.data, (v) => Math.exp(v - top));
        const z = e.reduce((a, b) => a + b);
        e.forEach((v, j) => {
          const others = e.reduce((sum, w, k) => (k === j ? sum : sum + w), 0);
          near(hess.data[j], (v / z) * (others / z));
        });
      }
    }
  });
});

describe('errors', () => {
  const F = loaded.wasm as Any;
  const codeOf = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  const x = Float32Array.of(1, 2);
  it('are coded', () => {
    expect(codeOf(() => F.mse.gradAndHess(x, x, { hessian: 'halley' }))).toBe('ERR_OPTION');
    expect(codeOf(() => F.bce.gradAndHess(x, x, { hessian: 'secant' }))).toBe('ERR_OPTION');
    expect(codeOf(() => F.mse.gradAndHess(x, x, { minHessian: -1 }))).toBe('ERR_OPTION');
    expect(codeOf(() => F.mse.gradAndHess(x, x, { hessianScale: 0 }))).toBe('ERR_OPTION');
    expect(codeOf(() => F.mse.gradAndHess(x, x, { wrt: 'target' }))).toBe('ERR_OPTION');
    expect(codeOf(() => F.mse(x, x, { hessian: 'one' }))).toBe('ERR_OPTION');
    expect(codeOf(() => F.mse.prepare(x, x, { compute: 'gradAndHess', wrt: 'target' }))).toBe('ERR_OPTION');
    const out = new Float32Array(2);
    expect(codeOf(() => F.mse.gradAndHess(x, x, { out }))).toBe('ERR_OPTION');
    expect(codeOf(() => F.mse.gradAndHess(x, x, { out: { grad: out, hess: out } }))).toBe('ERR_OPTION');
  });

  it.each(withHessian.filter((row) => !isClassLoss(row) && takesNumbers(row)))('$loss in place', (row) => {
    for (const backend of backends) {
      const { input, target } = inputsOf(row, row.variants[0], 'f32');
      expect(targetOf(row, row.variants[0])).toBe('elements');
      const loss = lossOf(loaded[backend], row.loss);
      const wanted = loss.gradAndHess(input.data, target.data);
      const out = { grad: input.data, hess: target.data };
      loss.gradAndHess(input.data, target.data, { out });
      expect(out.grad).toEqual(wanted.grad.data);
      expect(out.hess).toEqual(wanted.hess.data);
    }
  });
});
