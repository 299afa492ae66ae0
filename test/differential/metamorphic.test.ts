// Relations between calls that hold bit for bit (on both backends, which round in the same places).
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { difference, expectSame } from '../losses/bits.ts';
import { isOfSets, setsOf } from '../losses/inputs.ts';
import { isProjection, lossOf } from '../losses/roles.ts';
import { integer, random } from '../random.ts';
import { rows, separateRows } from '../rows/index.ts';

type Any = any;
const rounds = Math.max(20, Math.round(Number(process.env.SIMDLOSS_CASES ?? 10_000) / 100));

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const make = (r: () => number, shape: readonly number[], draw: (r: () => number) => number) => ({
    data: (arrayOf[dtype] as Float32ArrayConstructor).from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
      draw(r),
    ),
    shape: [...shape],
  });
  const classShapes = [
    [11, 2],
    [9, 5],
    [6, 64],
    [5, 65],
    [3, 131],
  ];

  /** Random inputs [n, …] of a loss, with weights; rows are what the first axis counts. */
  function batch(name: string, r: () => number) {
    const row = rows[name as keyof typeof rows];
    const isClassLoss = ['classes', 'projection'].includes(registry[row.loss].family.name);
    const isOfFeatures = ['features', 'multilabel'].includes(registry[row.loss].family.name);
    const shape =
      isClassLoss || isOfFeatures
        ? [
            1 + integer(r, 9),
            classShapes[integer(r, classShapes.length)][1],
            ...(r() < 0.3 && isClassLoss && !isProjection(row.loss) ? [3] : []),
          ]
        : [1 + integer(r, 40), 1 + integer(r, 5)];
    const input = make(r, shape, row.input);
    const terms = isClassLoss || isOfFeatures ? shape.filter((_, k) => k !== 1) : shape;
    const soft = isClassLoss && name === 'crossEntropy' && r() < 0.5;
    const target =
      isClassLoss && !soft
        ? {
            data: Int32Array.from({ length: terms.reduce((a, b) => a * b, 1) }, () => integer(r, shape[1])),
            shape: terms,
          }
        : isOfSets(row)
          ? setsOf(r, shape)
          : make(r, shape, row.target);
    const options: Any = { reduction: 'none' };
    if (r() < 0.5 && 'weight' in registry[row.loss].options)
      options.weight = make(r, [shape[1]], (x) => 0.5 + x());
    if (isClassLoss && name === 'crossEntropy' && r() < 0.4) options.labelSmoothing = 0.1;
    return { shape, terms, input, target, options };
  }

  /** Rows `order` of an array whose first axis counts rows. */
  const take = ({ data, shape }: Any, order: readonly number[]) => {
    const size = data.length / shape[0];
    const out = new data.constructor(order.length * size);
    order.forEach((from, to) => {
      out.set(data.subarray(from * size, (from + 1) * size), to * size);
    });
    return { data: out, shape: [order.length, ...shape.slice(1)] };
  };

  describe.each(separateRows.map((row) => row.loss))('%s', (name) => {
    const loss = lossOf(F, name);

    it('permuting rows permutes values and gradients', () => {
      const r = random(11);
      for (let round = 0; round < rounds; round++) {
        const { shape, input, target, options } = batch(name, r);
        const order = Array.from({ length: shape[0] }, (_, i) => i);
        for (let i = order.length - 1; i > 0; i--) {
          const k = integer(r, i + 1);
          [order[i], order[k]] = [order[k], order[i]];
        }
        const whole = loss.valueAndGrad(input, target, options);
        const moved = loss.valueAndGrad(take(input, order), take(target, order), options);
        expectSame(moved.value, take(whole.value, order), `${round}: [${shape}] value`);
        expectSame(moved.grad, take(whole.grad, order), `${round}: [${shape}] gradient`);
      }
    });

    it('concatenating batches concatenates values and gradients', () => {
      const r = random(12);
      for (let round = 0; round < rounds; round++) {
        const { shape, input, target, options } = batch(name, r);
        const cut = integer(r, shape[0] + 1);
        const all = Array.from({ length: shape[0] }, (_, i) => i);
        const whole = loss.valueAndGrad(input, target, options);
        const parts = [all.slice(0, cut), all.slice(cut)].map((part) =>
          loss.valueAndGrad(take(input, part), take(target, part), options),
        );
        for (const kind of ['value', 'grad'])
          expectSame(
            { data: parts.flatMap((p) => [...p[kind].data]) },
            whole[kind],
            `${round}: [${shape}] cut at ${cut}, ${kind}`,
          );
      }
    });

    it('a power of two times gradOutput is that power of two times the gradient', () => {
      const r = random(13);
      for (let round = 0; round < rounds; round++) {
        const { shape, terms, input, target, options } = batch(name, r);
        const power = 2 ** (integer(r, 21) - 10);
        for (const reduction of ['none', 'sum', 'mean']) {
          const up = reduction === 'none' && r() < 0.5 ? make(r, terms, (x) => 2 * x() - 1) : r();
          const scaled =
            typeof up === 'number'
              ? power * up
              : { data: up.data.map((v: number) => power * v), shape: terms };
          const plain = loss.grad(input, target, { ...options, reduction, gradOutput: up });
          const times = loss.grad(input, target, { ...options, reduction, gradOutput: scaled });
          expectSame(
            times,
            { data: plain.data.map((v: number) => power * v) },
            `${round}: [${shape}] ${reduction}, ${power}`,
          );
        }
      }
    });

    it('value = valueAndGrad; mean = sum over the count', () => {
      const r = random(14);
      for (let round = 0; round < rounds; round++) {
        const { shape, terms, input, target, options } = batch(name, r);
        for (const reduction of ['none', 'sum', 'mean']) {
          const all = { ...options, reduction };
          const both = loss.valueAndGrad(input, target, all);
          expectSame(loss(input, target, all), both.value, `${round}: [${shape}] ${reduction} value`);
          expectSame(loss.grad(input, target, all), both.grad, `${round}: [${shape}] ${reduction} gradient`);
        }
        if (options.weight && target.data instanceof Int32Array) continue;
        const sum = loss(input, target, { ...options, reduction: 'sum' });
        const count = terms.reduce((a: number, b: number) => a * b, 1);
        expectSame(
          loss(input, target, { ...options, reduction: 'mean' }),
          sum / count,
          `${round}: [${shape}]`,
        );
      }
    });
  });

  it('BCE with logits: (x, 1) = (−x, 0)', () => {
    const r = random(15);
    for (let round = 0; round < rounds; round++) {
      const n = 1 + integer(r, 3000);
      const x = make(r, [n], (u) => 70 * (2 * u() - 1));
      const minus = { data: x.data.map((v) => -v), shape: x.shape };
      const [ones, zeros] = [make(r, [n], () => 1), make(r, [n], () => 0)];
      for (const reduction of ['none', 'sum', 'mean']) {
        const a = F.bceWithLogits.valueAndGrad(x, ones, { reduction });
        const b = F.bceWithLogits.valueAndGrad(minus, zeros, { reduction });
        expectSame(a.value, b.value, `${reduction} of ${n}`);
        expectSame(a.grad, { data: b.grad.data.map((g: number) => 0 - g) }, `${reduction} of ${n}, gradient`);
      }
    }
  });

  it('cross entropy: a shift by an exact constant, one-hot = index', () => {
    const r = random(16);
    for (let round = 0; round < rounds; round++) {
      const shape = [
        ...classShapes[integer(r, classShapes.length)],
        ...(r() < 0.4 ? [1 + integer(r, 4)] : []),
      ];
      const x = make(r, shape, (u) => Math.round(1000 * (u() - 0.5)) / 64);
      const inner = shape[2] ?? 1;
      const labels = Int32Array.from({ length: shape[0] * inner }, () => integer(r, shape[1]));
      const target = { data: labels, shape: shape.filter((_, k) => k !== 1) };
      const onehot = make(r, shape, () => 0);
      labels.forEach((label, i) => {
        onehot.data[(Math.floor(i / inner) * shape[1] + label) * inner + (i % inner)] = 1;
      });
      const options: Any = { reduction: ['none', 'sum', 'mean'][round % 3] };
      if (r() < 0.5) options.labelSmoothing = r();
      if (r() < 0.5 && options.reduction !== 'mean') options.weight = make(r, [shape[1]], (u) => 0.1 + u());
      const plain = F.crossEntropy.valueAndGrad(x, target, options);
      const shift = [32, -64, 1024][round % 3];
      const moved = { data: x.data.map((v) => v + shift), shape };
      const what = `${round}: [${shape}] ${JSON.stringify(Object.keys(options))}`;
      const shifted = F.crossEntropy.valueAndGrad(moved, target, options);
      expectSame(shifted.value, plain.value, `${what} shifted`);
      expectSame(shifted.grad, plain.grad, `${what} shifted, gradient`);
      const distribution = F.crossEntropy.valueAndGrad(x, onehot, options);
      expectSame(distribution.value, plain.value, `${what} one-hot`);
      expectSame(distribution.grad, plain.grad, `${what} one-hot, gradient`);
    }
  });

  it('sample weights that are powers of two scale values and gradients', () => {
    const r = random(17);
    for (const { loss: name } of separateRows)
      for (let round = 0; round < rounds / 4; round++) {
        const { terms, input, target, options } = batch(name, r);
        const sampleWeight = make(r, terms, () => 2 ** (integer(r, 7) - 3));
        const plain = lossOf(F, name)(input, target, options).data;
        const scaled = lossOf(F, name)(input, target, { ...options, sampleWeight }).data;
        const want = plain.map((v: number, i: number) => v * sampleWeight.data[i]);
        expect(`${name}: ${difference(scaled, want)}`).toBe(`${name}: `);
      }
  });
});
