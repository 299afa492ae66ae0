// Rows of sampleWeight 0 are not read, their labels included; a mean over no row at all is NaN, or 0 where allIgnored says so.
// Every loss, every loop, every type of label, plain calls and prepared steps, one thread and several.
import { afterAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { drawOf } from '../draws/index.ts';
import { arrayOf, loaded, matrix, relaxed } from '../instances.ts';
import { integer, random } from '../random.ts';
import { rows } from '../rows/index.ts';
import { expectSame } from './bits.ts';
import { inputsOf, isClassLoss, isOfRows, isOfSets, takesNumbers, termsOf as termsOfRow } from './inputs.ts';
import { lossOf } from './roles.ts';

type Any = any;
const { NaN: nan } = Number;
const threaded = await load({ threads: 2 });
afterAll(() => threaded.dispose());

/** Of each type, labels that are neither classes nor ignoreIndex. */
const bad: Record<string, (number | bigint)[]> = {
  Int8Array: [-1, -128, 127],
  Int16Array: [-1, 32767],
  Int32Array: [-1, 2 ** 31 - 1, -(2 ** 31)],
  BigInt64Array: [-1n, 2n ** 32n, 2n ** 32n + 1n, -(2n ** 63n), 2n ** 63n - 1n],
  Uint8Array: [255, 200],
  Uint16Array: [65535],
  Uint32Array: [2 ** 32 - 1, 2 ** 31, 2 ** 32 - 100],
  'number[]': [1.5, 1e300, nan, Number.POSITIVE_INFINITY, -0.5],
};
const labelsOf = (type: string, list: readonly (number | bigint)[]): Any => {
  if (type === 'number[]') return list.map(Number);
  if (type === 'BigInt64Array') return BigInt64Array.from(list, BigInt);
  return ((globalThis as Any)[type] as Int32ArrayConstructor).from(list as number[]);
};

const layouts = [
  { classes: 4, inner: 1 },
  { classes: 2, inner: 1 },
  { classes: 100, inner: 1 },
  { classes: 4, inner: 5 },
];
const classCalls = [
  { loss: 'nll' },
  { loss: 'crossEntropy' },
  { loss: 'crossEntropy', options: { labelSmoothing: 0.1 } },
  { loss: 'crossEntropy', options: { fromLogits: false } },
  { loss: 'crossEntropy', options: { fromLogits: false, labelSmoothing: 0.1 } },
];

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype] as Float32ArrayConstructor;

  describe.each(Object.keys(bad))('%s', (type) => {
    it.each(layouts)('labels of $classes classes, inner $inner', ({ classes, inner }) => {
      const r = random(classes + inner);
      for (const { loss, options } of classCalls)
        for (const count of [5, 40]) {
          const shape = inner === 1 ? [count, classes] : [count / inner, classes, inner];
          const terms = shape.filter((_, k) => k !== 1);
          const data = array.from({ length: count * classes }, () => 0.1 + 0.8 * r());
          const good = Array.from({ length: count }, () => integer(r, Math.min(classes, 127)));
          const weights = array.from(good, (_, i) => (i % 3 === 1 ? (i % 2 ? 0 : -0) : 0.5 + r()));
          const mixed = good.map((label, i) => {
            if (weights[i] !== 0) return label;
            const list = bad[type].filter(
              (b) => Number(b) < 0 || Number(b) >= classes || Number(b) % 1 !== 0,
            );
            return list[integer(r, list.length)] ?? label;
          });
          const input = { data, shape };
          const of = (list: readonly (number | bigint)[]) => ({ data: labelsOf(type, list), shape: terms });
          for (const reduction of ['mean', 'sum', 'none']) {
            const all = { ...options, reduction, sampleWeight: { data: weights, shape: terms } };
            const want = F[loss].valueAndGrad(input, of(good), all);
            const got = F[loss].valueAndGrad(input, of(mixed), all);
            expectSame(got.value, want.value, `${loss} ${reduction}`);
            expectSame(got.grad, want.grad, `${loss} ${reduction}, gradient`);
            const step = F[loss].prepare(input, of(mixed), all);
            for (let run = 0; run < 2; run++)
              expectSame(step(), want.value, `${loss} ${reduction}, prepared`);
            expectSame(step.grad, want.grad, `${loss} ${reduction}, prepared, gradient`);
            step.dispose();
          }
          // the same label in a row that counts
          const at = weights.findIndex((w) => w !== 0);
          const worst = bad[type].find((b) => Number(b) < 0 || Number(b) >= classes || Number(b) % 1 !== 0)!;
          const broken = mixed.map((label, i) => (i === at ? worst : label));
          const sampleWeight = { data: weights, shape: terms };
          const call = () => F[loss](input, of(broken), { ...options, sampleWeight });
          expect(call).toThrow(`got ${worst} at index ${at}`);
        }
    });
  });

  it('a step reads labels and weights anew: a list of numbers, too', () => {
    const input = { data: array.from([1, 2, 3, 4]), shape: [2, 2] };
    const [labels, sampleWeight] = [
      [0, 1.5],
      [1, 0],
    ];
    const step = F.crossEntropy.prepare(input, labels, { sampleWeight, reduction: 'none' });
    const first = [...step().data];
    expect(first[1]).toBe(0);
    sampleWeight[1] = 1;
    expect(step).toThrow('got 1.5 at index 1');
    labels[1] = 1;
    expect([...step().data]).toEqual([first[0], expect.closeTo(Math.log1p(Math.exp(-1)), 6)]);
    labels[0] = 7;
    expect(step).toThrow('got 7 at index 0');
    sampleWeight[0] = 0;
    expect(step().data[0]).toBe(0);
  });

  describe.each(Object.keys(rows))('%s', (name) => {
    const row = rows[name as keyof typeof rows];
    const loss = lossOf(F, row.loss);
    const fill = (shape: number[], value: number) => ({
      data: new array(shape.reduce((a, b) => a * b, 1)).fill(value),
      shape,
    });
    const shapes = isOfRows(row)
      ? [
          [6, 3],
          [6, 70],
          [2, 3, 3],
          [6, 2],
        ]
      : [[7], [40], [3, 5]];
    if (drawOf(row.loss)) {
      it('no term counts: NaN, or 0 where allIgnored says so, and a zero gradient', () => {
        for (const variant of row.variants) {
          const { input, target, options, rows: terms } = inputsOf(row, variant, dtype);
          // neither is read
          input.data.fill(nan);
          target.data.fill(target.data instanceof Int32Array ? 99 : nan);
          const all: Any = { ...options, sampleWeight: fill([...terms], 0) };
          for (const [allIgnored, want] of [
            ['nan', nan],
            ['zero', 0],
          ] as const) {
            const step = loss.prepare(input, target, { ...all, allIgnored });
            for (const { value, grad } of [
              loss.valueAndGrad(input, target, { ...all, allIgnored }),
              { value: step(), grad: step.grad },
            ]) {
              expect(value, variant.title).toBe(want);
              expect([...grad.data].every((g) => g === 0)).toBe(true);
            }
            step.dispose();
          }
          expect(loss(input, target, { ...all, reduction: 'sum' })).toBe(0);
        }
      });
      return;
    }
    const termsOf = (shape: number[]) => [...termsOfRow(row, shape)];
    const labelsOfRow = (dims: number[]) => ({
      data: new Int32Array(dims.reduce((a, b) => a * b, 1)).fill(99),
      shape: dims,
    });

    it('no term counts: NaN, or 0 where allIgnored says so, and a zero gradient', () => {
      const variants = row.variants.map(({ options = {} }) => options);
      for (const { reduction: _, axis: __, wrt: ___, ...own } of variants)
        for (const shape of shapes) {
          const terms = termsOf(shape);
          const sampleWeight = fill(terms, 0);
          // nothing is read
          const input = fill(shape, nan);
          const soft = takesNumbers(row) && fill(shape, nan);
          const labels = !soft || isClassLoss(row) ? labelsOfRow(isOfSets(row) ? shape : terms) : false;
          for (const target of [soft, labels].filter((t) => t !== false)) {
            for (const [allIgnored, want] of [
              ['nan', nan],
              ['zero', 0],
              [undefined, nan],
            ] as const) {
              const options = { ...own, sampleWeight, allIgnored };
              const { value, grad } = loss.valueAndGrad(input, target, options);
              expect(value).toBe(want);
              expect(loss(input, target, options)).toBe(want);
              expect([...grad.data].every((g) => g === 0)).toBe(true);
              const step = loss.prepare(input, target, options);
              expect(step()).toBe(want);
              expect([...step.grad.data].every((g: number) => g === 0)).toBe(true);
              step.dispose();
              expect(loss(input, target, { ...options, reduction: 'sum' })).toBe(0);
            }
          }
        }
    });

    it('an empty batch is no term either', () => {
      const shape = isOfRows(row) ? [0, 3] : [0];
      const terms = termsOf(shape);
      const targets: Any[] = [];
      if (takesNumbers(row)) targets.push(fill(shape, 0));
      if (isClassLoss(row) || isOfSets(row)) targets.push(labelsOfRow(isOfSets(row) ? shape : terms));
      for (const target of targets)
        for (const weighted of [{}, { sampleWeight: fill(terms, 0) }]) {
          expect(loss(fill(shape, 0), target, weighted)).toBeNaN();
          expect(loss(fill(shape, 0), target, { ...weighted, allIgnored: 'zero' })).toBe(0);
        }
    });

    it('weights that add up to 0 do count', () => {
      if (isOfRows(row)) return;
      const sampleWeight = array.of(1, -1);
      const x = array.of(0.25, 0.5);
      expect(loss(x, x, { sampleWeight, allIgnored: 'zero' })).toBeNaN();
    });
  });
});

it.skipIf(relaxed)(
  'in parts: the bits of one thread, labels that are not read and a mean over nothing',
  () => {
    const F = loaded.wasm as Any;
    const T = threaded as Any;
    const r = random(5);
    for (const classes of [2, 10, 200]) {
      const count = Math.ceil(400_000 / classes);
      const data = Float32Array.from({ length: count * classes }, () => r());
      const labels = Int32Array.from({ length: count }, (_, i) => (i % 2 ? -7 : integer(r, classes)));
      const weights = Float32Array.from(labels, (label) => (label < 0 ? 0 : r()));
      const input = { data, shape: [count, classes] };
      const want = F.crossEntropy.valueAndGrad(input, labels, { sampleWeight: weights });
      const got = T.crossEntropy.valueAndGrad(input, labels, { sampleWeight: weights });
      expectSame(got.value, want.value, `${classes} classes`);
      expectSame(got.grad, want.grad, `${classes} classes, gradient`);
      const none = { sampleWeight: new Float32Array(count), allIgnored: 'zero' };
      expect(T.crossEntropy(input, labels, none)).toBe(0);
    }
    const x = new Float32Array(400_000).fill(nan);
    for (const name of Object.keys(registry)) {
      if (registry[name as keyof typeof registry].family.name !== 'elementwise') continue;
      const { value, grad } = lossOf(T, name).valueAndGrad(x, x, {
        sampleWeight: new Float32Array(x.length),
        allIgnored: 'zero',
      });
      expect(value).toBe(0);
      expect(grad.data.every((g: number) => g === 0)).toBe(true);
    }
  },
);
