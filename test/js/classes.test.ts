import { describe, expect, test } from 'vitest';
import { FLAGS } from '../../src/abi.ts';
import { KernelCall } from '../../src/call.ts';
import { jsKernels } from '../../src/js/kernels.ts';
import type { Inputs, Options } from '../reference/index.ts';
import type { Tensor } from '../reference/tensor.ts';
import { agree } from './agree.ts';
import { normals, uniforms } from './random.ts';
import { arrayOf, give, run, tensor } from './run.ts';

const dtypes = ['f32', 'f64'] as const;
/** [input's shape, the shape of its rows]; 1100 classes are more than one chunk, 1030 rows more than one block. */
const shapes: [number[], number[]][] = [
  [[4], []],
  [[0, 3], [0]],
  [[1030, 3], [1030]],
  [[7, 1100], [7]],
  [
    [3, 5, 4, 7],
    [3, 4, 7],
  ],
];

const classesOf = (shape: number[]) => shape[Math.min(1, shape.length - 1)];
const labels = (rows: number[], classes: number, ignored = -100): Tensor => ({
  shape: rows,
  data: Int32Array.from({ length: rows.reduce((n, d) => n * d, 1) }, (_, i) =>
    i % 6 === 5 ? ignored : Math.floor(uniforms(9)(i) * classes),
  ),
});

describe.each(dtypes)('%s', (dtype) => {
  const logits = (shape: number[]) => tensor(dtype, shape, normals(1, 4));
  const logProbabilities = (shape: number[]) => tensor(dtype, shape, (i) => Math.log(uniforms(1)(i)));
  const probabilities = (shape: number[]) => tensor(dtype, shape, uniforms(1));

  /** Options that every loss over classes has. */
  const common = (rows: number[], classes: number): Options[] => [
    {},
    { reduction: 'sum', gradOutput: -2 },
    { reduction: 'none', gradOutput: tensor(dtype, rows, normals(4)) },
    {
      weight: tensor(
        dtype,
        [classes],
        uniforms(5, (u, i) => (i % 3 === 2 ? 0 : u)),
      ),
    },
    {
      sampleWeight: tensor(
        dtype,
        rows,
        uniforms(6, (u, i) => (i % 4 === 3 ? 0 : u)),
      ),
    },
    {
      reduction: 'none',
      weight: tensor(dtype, [classes], uniforms(5)),
      sampleWeight: tensor(dtype, rows, uniforms(6)),
    },
  ];

  describe.each(shapes)('shape %j', (shape, rows) => {
    const classes = classesOf(shape);
    const all = common(rows, classes);
    // Σ w = 0 is the reference's 0/0 only in part
    const weighable = (target: Tensor, options: Options) =>
      options.weight === undefined || target.data.length > 1 || classes < 2;

    test('nll', () => {
      const target = labels(rows, classes);
      for (const options of all.filter((o) => weighable(target, o))) {
        agree('nll', dtype, { input: logProbabilities(shape), target }, options);
        agree('nll', dtype, { input: logProbabilities(shape), target }, { ...options, ignoreIndex: 1 - 101 });
      }
    });

    test('cross entropy, labels', () => {
      const target = labels(rows, classes, 1);
      for (const options of all.filter((o) => weighable(target, o))) {
        agree('crossEntropy', dtype, { input: logits(shape), target }, { ...options, ignoreIndex: 1 });
        agree('crossEntropy', dtype, { input: logits(shape), target }, { ...options, labelSmoothing: 0.1 });
      }
    });

    test('cross entropy, probability targets', () => {
      for (const options of all) {
        for (const labelSmoothing of [0, 0.1]) {
          const inputs = { input: logits(shape), target: tensor(dtype, shape, uniforms(2)) };
          agree('crossEntropy', dtype, inputs, { ...options, labelSmoothing });
        }
      }
    });

    test('cross entropy of probabilities', () => {
      for (const options of all) {
        for (const eps of [{}, { eps: 0.125 }, { eps: 0.125, epsMode: 'add' }] as const) {
          const set = { ...options, ...eps, fromLogits: false };
          const target = labels(rows, classes);
          if (weighable(target, options)) {
            agree('crossEntropy', dtype, { input: probabilities(shape), target }, set);
            agree(
              'crossEntropy',
              dtype,
              { input: probabilities(shape), target },
              { ...set, labelSmoothing: 0.2 },
            );
          }
          const soft = { input: probabilities(shape), target: tensor(dtype, shape, uniforms(2)) };
          agree('crossEntropy', dtype, soft, set);
        }
      }
    });

    test('in place, over either input and over another view of its memory', () => {
      const view = (a: Tensor) => {
        const { buffer, byteOffset, length } = a.data as Float32Array<ArrayBuffer>;
        return new arrayOf[dtype](buffer, byteOffset, length);
      };
      const make = (target: () => Tensor) => (): Inputs => ({ input: logits(shape), target: target() });
      const hard = make(() => labels(rows, classes));
      const soft = make(() => tensor(dtype, shape, uniforms(2)));
      for (const options of [{}, { labelSmoothing: 0.1 }]) {
        const own = hard();
        const apart = run('crossEntropy', dtype, hard(), options);
        expect(run('crossEntropy', dtype, own, options, { grad: view(own.input) })).toEqual(apart);
      }
      const picked = hard();
      expect(run('nll', dtype, picked, {}, { grad: view(picked.input) })).toEqual(run('nll', dtype, hard()));
      for (const fromLogits of [true, false]) {
        const apart = run('crossEntropy', dtype, soft(), { fromLogits }, { gradTarget: true });
        for (const [a, b] of [
          ['input', 'target'],
          ['target', 'input'],
        ] as const) {
          let own = soft();
          const grad = run('crossEntropy', dtype, own, { fromLogits }, { grad: view(own[a]) });
          expect(grad.grad).toEqual(apart.grad);
          own = soft();
          const wanted = { grad: view(own[a]), gradTarget: view(own[b]) };
          expect(run('crossEntropy', dtype, own, { fromLogits }, wanted)).toEqual(apart);
          own = soft();
          const target = run(
            'crossEntropy',
            dtype,
            own,
            { fromLogits },
            { grad: false, gradTarget: view(own[a]) },
          );
          expect(target.gradTarget).toEqual(apart.gradTarget);
        }
      }
    });

    test('one-hot targets give the bits of labels', () => {
      const index = labels(rows, classes, 0);
      const inner = shape.slice(2).reduce((n, d) => n * d, 1);
      const hot = tensor(dtype, shape, (i) => {
        const class_ = Math.floor(i / inner) % classes;
        return Number(index.data[Math.floor(i / inner / classes) * inner + (i % inner)] === class_);
      });
      for (const reduction of ['sum', 'none'] as const) {
        const weight = tensor(dtype, [classes], uniforms(3));
        for (const options of [{ reduction }, { reduction, weight }]) {
          const hard = run('crossEntropy', dtype, { input: logits(shape), target: index }, options);
          expect(run('crossEntropy', dtype, { input: logits(shape), target: hot }, options)).toEqual(hard);
        }
      }
    });
  });

  const row = (...x: number[]): Tensor => tensor(dtype, [1, x.length], (i) => x[i]);
  const label = (...t: number[]): Tensor => ({ shape: [t.length], data: Int32Array.from(t) });

  test('tails to a gap of 69', () => {
    const bound = { f32: 4e-6, f64: 1e-13 }[dtype];
    for (const gap of [10, 17, 30, 60, 69]) {
      for (const target of [label(0), row(1, 0, 0)]) {
        const { value, grad } = run('crossEntropy', dtype, { input: row(gap, 0, 0), target });
        const rest = 2 * Math.exp(-gap);
        expect(Math.abs((value as number) / Math.log1p(rest) - 1)).toBeLessThan(bound);
        expect(Math.abs(grad![0] / (-rest / (1 + rest)) - 1)).toBeLessThan(bound);
        expect(Math.abs(grad![1] / (rest / 2 / (1 + rest)) - 1)).toBeLessThan(bound);
      }
    }
  });

  test('ties at the maximum', () => {
    const { value, grad } = run('crossEntropy', dtype, { input: row(3, 3, 3, 3), target: label(1) });
    expect(value).toBe(Math.log1p(3));
    expect(Array.from(grad!)).toEqual([0.25, -0.75, 0.25, 0.25]);
  });

  test('infinite logits', () => {
    const low = Number.NEGATIVE_INFINITY;
    const high = Number.POSITIVE_INFINITY;
    const of = (input: Tensor, target: Tensor) => run('crossEntropy', dtype, { input, target });
    // a class of probability 0 that nobody asks for
    for (const target of [label(0), row(1, 0)]) {
      expect(of(row(1, low), target)).toMatchObject({ value: 0 });
      expect(Array.from(of(row(1, low), target).grad!, (g) => g + 0)).toEqual([0, 0]);
    }
    expect(of(row(low, 1), label(0)).value).toBe(high);
    for (const input of [row(1, high), row(low, low), row(1, Number.NaN), row(Number.NaN, Number.NaN)]) {
      for (const target of [label(0), row(1, 0), row(0.5, 0.5)]) {
        expect(of(input, target).value).toBeNaN();
        expect(of(input, target).grad![0]).toBeNaN();
      }
    }
  });

  test('ignored rows and rows of weight 0 are not read', () => {
    const input = tensor(dtype, [3, 2], (i) => (i < 4 ? Number.NaN : i));
    const target = label(-100, 1, 1);
    const sampleWeight = tensor(dtype, [3], (i) => (i === 1 ? 0 : 1));
    for (const options of [{}, { labelSmoothing: 0.1 }, { fromLogits: false }]) {
      const { value, grad } = run('crossEntropy', dtype, { input, target }, { ...options, sampleWeight });
      expect(value).not.toBeNaN();
      expect(Array.from(grad!.subarray(0, 4))).toEqual([0, 0, 0, 0]);
      expect(grad![5]).not.toBeNaN();
    }
    const given = { sampleWeight, reduction: 'none' } as const;
    const none = run('nll', dtype, { input, target }, given).value as Float32Array;
    expect(Array.from(none)).toEqual([0, 0, -5]);
  });

  test('no row at all', () => {
    const inputs = { input: row(1, 2), target: label(-100) };
    for (const loss of ['nll', 'crossEntropy'] as const) {
      expect(run(loss, dtype, inputs).value).toBeNaN();
      expect(run(loss, dtype, inputs, { allIgnored: 'zero' }).value).toBe(0);
      expect(run(loss, dtype, inputs, { reduction: 'sum' }).value).toBe(0);
      expect(Array.from(run(loss, dtype, inputs).grad!)).toEqual([0, 0]);
    }
  });

  test('Σ weights = 0 is NaN', () => {
    const weight = tensor(dtype, [2], () => 0);
    const { value, grad } = run('crossEntropy', dtype, { input: row(1, 2), target: label(0) }, { weight });
    expect(value).toBeNaN();
    expect(grad!.every(Number.isNaN)).toBe(true);
  });

  test('the prepass finds the first bad label and writes nothing', () => {
    const input = tensor(dtype, [4, 2], () => 1);
    for (const [bad, target] of [
      [2, label(0, -100, 2, 5)],
      [0, label(-1, 0, 0, 0)],
      [3, label(0, 0, 0, -(2 ** 31))],
    ] as const) {
      const got = run('crossEntropy', dtype, { input, target });
      expect(got.bad).toBe(bad);
      expect(got.grad!.every((g) => g === 7)).toBe(true);
    }
    expect(run('nll', dtype, { input, target: label(9, 0, 1, 9) }, { ignoreIndex: 9 }).bad).toBe(-1);
  });

  test('a label that turns bad after the prepass harms nothing', () => {
    for (const kernel of [
      'nll_pick',
      'crossEntropy_rows',
      'probabilities_pick',
      'probabilities_lanes',
    ] as const) {
      const call = Object.assign(new KernelCall(), {
        outer: 2,
        classes: 2,
        flags: FLAGS.VALUE | FLAGS.INDEX,
      });
      const grad = arrayOf[dtype].of(7, 7, 7, 7);
      give(call, { in0: arrayOf[dtype].of(0.5, 0.5, 0.5, 0.5), in1: Int32Array.of(2, -1), grad0: grad });
      call.p0 = 1;
      expect(jsKernels[dtype][kernel](call)).toBe(0);
      expect(Array.from(grad)).toEqual([0, 0, 0, 0]);
    }
  });

  test('accuracy of long rows of equal terms', () => {
    const classes = 100_003;
    const input = tensor(dtype, [1, classes], (i) => (i === 0 ? 3 : 0.1));
    const { value } = run('crossEntropy', dtype, { input, target: label(0) });
    const rest = (classes - 1) * Math.exp(input.data[1] - 3);
    expect(Math.abs((value as number) / Math.log1p(rest) - 1)).toBeLessThan({ f32: 2e-7, f64: 1e-13 }[dtype]);
  });

  describe('softmax and its relatives', () => {
    const shape = [5, 4, 3];
    const x = logits(shape).data as Float32Array;
    type Arrays = Parameters<typeof give>[1];
    const called = (arrays: Arrays, numbers: object): KernelCall => {
      const made = Object.assign(new KernelCall(), numbers);
      give(made, arrays);
      return made;
    };
    const call = (arrays: Arrays, numbers: object = {}) =>
      called(arrays, { dtype, outer: 5, classes: 4, inner: 3, ...numbers });
    const empty = (n = 60) => new arrayOf[dtype](n);
    const each = (f: (at: (c: number) => number) => void) => {
      for (let r = 0; r < 15; r++) f((c) => (Math.floor(r / 3) * 4 + c) * 3 + (r % 3));
    };
    const bound = { f32: 1e-6, f64: 1e-14 }[dtype];
    const kernel = jsKernels[dtype].crossEntropy_lanes;

    test('forwards', () => {
      const y = empty();
      kernel(call({ in0: x, grad0: y }));
      const logs = empty();
      kernel(call({ in0: x, grad1: logs }, { scale: -1 }));
      const sums = empty(15);
      kernel(call({ in0: x, value: sums }, { flags: FLAGS.VALUE }));
      let row = 0;
      each((at) => {
        const z = [0, 1, 2, 3].reduce((sum, c) => sum + Math.exp(x[at(c)]), 0);
        expect(Math.abs(sums[row++] - Math.log(z))).toBeLessThan(8 * bound);
        for (let c = 0; c < 4; c++) {
          expect(Math.abs((y[at(c)] * z) / Math.exp(x[at(c)]) - 1)).toBeLessThan(bound);
          expect(Math.abs(Math.exp(logs[at(c)]) / y[at(c)] - 1)).toBeLessThan(20 * bound);
        }
      });
      const own = x.slice();
      kernel(call({ in0: own, grad0: own }));
      expect(own).toEqual(y);
    });

    test('logSumExp backwards', () => {
      const y = empty();
      kernel(call({ in0: x, grad0: y }));
      const grad = empty();
      kernel(call({ in0: x, grad0: grad, gradOutput: empty(15).fill(2) }));
      expect(grad).toEqual(y.map((p) => 2 * p));
    });

    test('backwards from the output, in place over either', () => {
      const go = tensor(dtype, shape, normals(8)).data as Float32Array;
      const y = empty();
      kernel(call({ in0: x, grad0: y }));
      const logs = empty();
      kernel(call({ in0: x, grad1: logs }, { scale: -1 }));
      for (const [name, saved] of [
        ['softmaxBackward_lanes', y],
        ['logSoftmaxBackward_lanes', logs],
      ] as const) {
        const grad = empty();
        jsKernels[dtype][name](call({ in0: saved, in1: go, grad0: grad }, { flags: FLAGS.SOFT }));
        each((at) => {
          const p = [0, 1, 2, 3].map((c) => y[at(c)]);
          const g = [0, 1, 2, 3].map((c) => go[at(c)]);
          const dot = g.reduce((sum, v, c) => sum + v * (saved === y ? p[c] : 1), 0);
          for (let c = 0; c < 4; c++) {
            const wanted = saved === y ? p[c] * (g[c] - dot) : g[c] - p[c] * dot;
            expect(Math.abs(grad[at(c)] - wanted)).toBeLessThan(20 * bound);
          }
        });
        for (const over of ['in0', 'in1'] as const) {
          const own = { in0: saved.slice(), in1: go.slice() };
          jsKernels[dtype][name](call({ ...own, grad0: own[over] }, { flags: FLAGS.SOFT }));
          expect(own[over]).toEqual(grad);
        }
      }
    });

    test('logSoftmax and its backward keep the tail', () => {
      const input = arrayOf[dtype].of(40, 0);
      const two = (arrays: Arrays, numbers: object) => called(arrays, { outer: 1, classes: 2, ...numbers });
      const y = empty(2);
      kernel(two({ in0: input, grad1: y }, { scale: -1 }));
      const tail = Math.exp(-40);
      expect(Math.abs(y[0] / -tail - 1)).toBeLessThan(bound);
      const grad = empty(2);
      const target = arrayOf[dtype].of(1, 0);
      jsKernels[dtype].logSoftmaxBackward_lanes(
        two({ in0: y, in1: target, grad0: grad }, { flags: FLAGS.SOFT }),
      );
      expect(Math.abs(grad[0] / tail - 1)).toBeLessThan(bound);
    });
  });
});
