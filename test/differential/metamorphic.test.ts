// Relations between calls that hold bit for bit (on both backends, which round in the same places).
import { describe, expect, it } from 'vitest';
import { hasOwnMean, isOfSoftmax } from '../draws/index.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { descriptorOf } from '../intervals.ts';
import { expectSame } from '../losses/bits.ts';
import { drawnOf, inputsOf, isClassLoss, isOfRows, takesNumbers } from '../losses/inputs.ts';
import { isProjection, lossOf, thirdInput } from '../losses/roles.ts';
import { integer, type Random, random } from '../random.ts';
import { allRows, separateRows } from '../rows/index.ts';
import type { Row, Variant } from '../rows/row.ts';

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

  /** Random inputs of a loss, with some of its options; where `isOfItself`, [n, …], whose rows are what the first axis counts. */
  function* batches(row: Row, seed: number, count = rounds) {
    const r = random(seed);
    const drawn = drawnOf(row, count, seed);
    for (let round = 0; round < count; round++) {
      const inputs = inputsOf(row, drawn[round] ?? variantOf(row, r), dtype, 1000 * seed + round);
      const { input, target, rows: terms } = inputs;
      const options: Any = { ...inputs.options, reduction: 'none' };
      yield { r, shape: [...input.shape], terms: [...terms], input, target, options, round };
    }
  }

  function variantOf(row: Row, r: Random): Variant {
    const { options: table } = descriptorOf(row.loss);
    const isOfClasses = isClassLoss(row) && !isProjection(row.loss);
    const inner = r() < 0.3 && isOfClasses ? [3] : [];
    const shape = isOfRows(row)
      ? [1 + integer(r, 9), classShapes[integer(r, classShapes.length)][1], ...inner]
      : [1 + integer(r, 40), 1 + integer(r, 5)];
    const isSoft = isClassLoss(row) && takesNumbers(row) && r() < 0.5;
    const isWeighted = r() < 0.5 && 'weight' in table;
    const isSmoothed = r() < 0.4 && 'labelSmoothing' in table;
    return {
      title: '',
      shape,
      target: isSoft ? 'probabilities' : undefined,
      options: { ...row.variants[0].options, ...(isSmoothed && { labelSmoothing: 0.1 }) },
      tensors: isWeighted ? { weight: [shape[1]] } : {},
    };
  }

  /** Rows `order` of what a call has of each row. */
  const takeAll = (row: Row, { input, target, options }: Any, order: readonly number[]) => {
    const { third } = options;
    const isOfRow = third !== undefined && thirdInput(row.loss)?.shape !== 'weights';
    return [
      take(input, order),
      take(target, order),
      isOfRow ? { ...options, third: take(third, order) } : options,
    ];
  };

  /** Rows `order` of an array whose first axis counts rows. */
  const take = ({ data, shape }: Any, order: readonly number[]) => {
    const size = data.length / shape[0];
    const out = new data.constructor(order.length * size);
    order.forEach((from, to) => {
      out.set(data.subarray(from * size, (from + 1) * size), to * size);
    });
    return { data: out, shape: [order.length, ...shape.slice(1)] };
  };

  // of the others a term hangs on more than its row
  describe.each(separateRows)('$loss', (row) => {
    const loss = lossOf(F, row.loss);

    it('permuting rows permutes values and gradients', () => {
      for (const { r, round, shape, ...given } of batches(row, 11)) {
        const order = Array.from({ length: shape[0] }, (_, i) => i);
        for (let i = order.length - 1; i > 0; i--) {
          const k = integer(r, i + 1);
          [order[i], order[k]] = [order[k], order[i]];
        }
        const whole = loss.valueAndGrad(given.input, given.target, given.options);
        const moved = loss.valueAndGrad(...takeAll(row, given, order));
        expectSame(moved.value, take(whole.value, order), `${round}: [${shape}] value`);
        expectSame(moved.grad, take(whole.grad, order), `${round}: [${shape}] gradient`);
      }
    });

    it('concatenating batches concatenates values and gradients', () => {
      for (const { r, round, shape, ...given } of batches(row, 12)) {
        const cut = integer(r, shape[0] + 1);
        const all = Array.from({ length: shape[0] }, (_, i) => i);
        const whole = loss.valueAndGrad(given.input, given.target, given.options);
        const parts = [all.slice(0, cut), all.slice(cut)].map((part) =>
          loss.valueAndGrad(...takeAll(row, given, part)),
        );
        for (const kind of ['value', 'grad'])
          expectSame(
            { data: parts.flatMap((p) => [...p[kind].data]) },
            whole[kind],
            `${round}: [${shape}] cut at ${cut}, ${kind}`,
          );
      }
    });
  });

  describe.each(allRows)('$loss', (row) => {
    const loss = lossOf(F, row.loss);

    it('a power of two times gradOutput is that power of two times the gradient', () => {
      for (const { r, round, shape, terms, input, target, options } of batches(row, 13)) {
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
      let counted = 0;
      for (const { round, shape, terms, input, target, options } of batches(row, 14)) {
        for (const reduction of ['none', 'sum', 'mean']) {
          const all = { ...options, reduction };
          const both = loss.valueAndGrad(input, target, all);
          expectSame(loss(input, target, all), both.value, `${round}: [${shape}] ${reduction} value`);
          expectSame(loss.grad(input, target, all), both.grad, `${round}: [${shape}] ${reduction} gradient`);
        }
        if (hasOwnMean(row.loss) || (options.weight && target.data instanceof Int32Array)) continue;
        counted++;
        const sum = loss(input, target, { ...options, reduction: 'sum' });
        const count = terms.reduce((a: number, b: number) => a * b, 1);
        expectSame(
          loss(input, target, { ...options, reduction: 'mean' }),
          sum / count,
          `${round}: [${shape}]`,
        );
      }
      expect(counted > 0).toBe(!hasOwnMean(row.loss));
    });

    it('sample weights that are powers of two scale values', () => {
      for (const { r, round, shape, terms, input, target, options } of batches(row, 17, rounds / 4)) {
        const sampleWeight = make(r, terms, () => 2 ** (integer(r, 7) - 3));
        const plain = loss(input, target, options).data;
        const scaled = loss(input, target, { ...options, sampleWeight });
        const data = plain.map((v: number, i: number) => v * sampleWeight.data[i]);
        expectSame(scaled, { data }, `${round}: [${shape}]`);
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

  // logits that are not a product's, whose sums have an order of their own
  const ofLogits = allRows.filter((row) => isClassLoss(row) && !isProjection(row.loss) && takesNumbers(row));

  it.each(ofLogits)('$loss: a shift by an exact constant, one-hot = index', ({ loss }) => {
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
      const plain = F[loss].valueAndGrad(x, target, options);
      const shift = [32, -64, 1024][round % 3];
      const moved = { data: x.data.map((v) => v + shift), shape };
      const what = `${round}: [${shape}] ${JSON.stringify(Object.keys(options))}`;
      const shifted = F[loss].valueAndGrad(moved, target, options);
      expectSame(shifted.value, plain.value, `${what} shifted`);
      expectSame(shifted.grad, plain.grad, `${what} shifted, gradient`);
      // of a curve an element's slope is rounded another way where it is the label's
      if (!isOfSoftmax(loss)) continue;
      const distribution = F[loss].valueAndGrad(x, onehot, options);
      expectSame(distribution.value, plain.value, `${what} one-hot`);
      expectSame(distribution.grad, plain.grad, `${what} one-hot, gradient`);
    }
  });
});
