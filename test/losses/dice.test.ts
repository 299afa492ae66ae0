// Dice: against the reference, its gradients, its bits, what it does not read, and what it refuses.
import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { load } from '../../src/index.ts';
import { arrayOf, backends, loaded, matrix, relaxed } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { reference } from '../reference/index.ts';
import { magnitude } from '../reference/magnitude.ts';
import { rowsOf, type Tensor } from '../reference/tensor.ts';
import { difference } from './bits.ts';

type Any = any;
type Dtype = 'f32' | 'f64';
const threaded: Any = await load({ threads: 3 });
afterAll(() => threaded.dispose());

const nan = Number.NaN;
const KINDS = ['softmax', 'sigmoid', false] as const;
const BOUND = { f32: 4e-6, f64: 1e-13 };
const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
const pick = <T>(r: Random, list: readonly T[]): T => list[integer(r, list.length)];

/** A tensor of numbers that f32 has. */
const filled = (shape: readonly number[], draw: () => number): Tensor => ({
  data: Array.from({ length: sizeOf(shape) }, () => Math.fround(draw())),
  shape,
});
const typed = ({ data, shape }: Tensor, dtype: Dtype): Any => ({ data: arrayOf[dtype].from(data), shape });

interface Call {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly labels: boolean;
  readonly options: Any;
}

/** Shapes with their class axis: of each place of it, of few and many classes and positions, of more than a block of them. */
const SHAPES: readonly (readonly [shape: readonly number[], axis: number])[] = [
  [[3, 4, 5], -1],
  [[3, 4, 5], 1],
  [[2, 3, 4, 6], 2],
  [[2, 5, 40, 3], -1],
  [[3, 4, 70], 1],
  [[2, 3, 20, 16], 1],
  [[2, 9, 1], -1],
  [[2, 200, 1], -1],
  [[2, 1, 33], 1],
  [[7, 5], -1],
  [[5, 6], 0],
  [[5], -1],
  [[2, 7, 70], -1],
  [[1, 131, 20], 1],
  [[2, 4100, 2], -1],
  [[1, 2, 8200], 1],
];

function callOf(r: Random, dtype: Dtype, given?: (typeof SHAPES)[number]): Call {
  let [shape, axis] = given ?? SHAPES[integer(r, SHAPES.length - 2)];
  if (given === undefined) shape = shape.map((d) => 1 + integer(r, d));
  const rows = rowsOf(shape, axis);
  const at = axis < 0 ? axis + shape.length : axis;
  const fromLogits = pick(r, KINDS);
  const reach = pick(r, [1, 8, 40]);
  const input = filled(shape, fromLogits ? () => reach * (2 * r() - 1) : r);
  const labels = r() < 0.4;
  const target = labels
    ? { data: Array.from({ length: sizeOf(rows.shape) }, () => integer(r, rows.classes)), shape: rows.shape }
    : filled(shape, () => (r() < 0.6 ? integer(r, 2) : r()));
  const options: Any = { fromLogits, reduction: pick(r, ['mean', 'sum', 'none']) };
  if (axis !== -1 || r() < 0.3) options.axis = axis;
  if (r() < 0.5) options.alpha = pick(r, [0, 0.3, 1, 3]);
  if (r() < 0.5) options.beta = pick(r, [0, 0.7, 1, 3]);
  if (r() < 0.5) options.smooth = pick(r, [0.01, 1e-6, 5, 100]);
  if (r() < 0.5) options.denominatorEps = pick(r, [1e-7, 0.5]);
  if (rows.classes > 1 && r() < 0.3) options.ignoreBackground = true;
  const count = rows.classes - Number(options.ignoreBackground ?? 0);
  const terms = at === 0 ? [count] : [shape[0], count];
  const kind = r();
  if (kind < 0.3) options.classWeight = filled([rows.classes], () => 0.5 + r());
  // an f64 that is the square of few positions is far from its f32
  else if (kind < 0.5 && dtype === 'f64') options.classWeight = 'generalized';
  if (r() < 0.3) options.sampleWeight = filled(terms, () => (r() < 0.3 ? 0 : 0.5 + r()));
  if (options.reduction === 'none' && r() < 0.5) options.gradOutput = filled(terms, () => 2 * r() - 1);
  return { input, target, labels, options };
}

const argumentsOf = ({ input, target, labels, options }: Call, dtype: Dtype): [Any, Any, Any] => [
  typed(input, dtype),
  labels ? { data: Int32Array.from(target.data), shape: target.shape } : typed(target, dtype),
  Object.fromEntries(Object.entries(options).map(([name, v]: Any) => [name, v?.data ? typed(v, dtype) : v])),
];

const listOf = (x: Any): ArrayLike<number> => (typeof x === 'number' ? [x] : x.data);

/** What is beyond the bound, which is of the sizes of the terms. */
function wrong(got: Any, want: Any, size: Any, dtype: Dtype): string {
  const [a, b, m] = [got, want, size].map(listOf);
  const least = dtype === 'f32' ? 1e-36 : 1e-300;
  if (a.length !== b.length) return `${a.length} numbers, not ${b.length}`;
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    if (!(Math.abs(a[i] - b[i]) <= BOUND[dtype] * m[i] + least))
      return `[${i}] ${a[i]}, not ${b[i]} of ${m[i]}`;
  }
  return '';
}

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;

  function agrees(call: Call, title: string): string[] {
    const [x, t, options] = argumentsOf(call, dtype);
    const want = reference('dice', call, call.options);
    const size = magnitude('dice', call, call.options);
    const wrt = call.labels ? ['input'] : ['input', 'target'];
    const { value, grad } = F.dice.valueAndGrad(x, t, { ...options, wrt });
    const parts = [
      ['value', wrong(value, want.value, size.value, dtype)],
      ['gradient', wrong(grad.input, want.grads.input, size.grads.input, dtype)],
      ['target', call.labels ? '' : wrong(grad.target, want.grads.target, size.grads.target, dtype)],
      ['alone', wrong(F.dice(x, t, options), want.value, size.value, dtype)],
      ['bits', difference(listOf(F.dice(x, t, options)) as Any, listOf(value) as Any)],
      ['bits of the gradient', difference(F.dice.grad(x, t, options).data, grad.input.data)],
    ];
    return parts
      .filter(([, text]) => text)
      .map((part) => `${title} ${JSON.stringify(options.fromLogits)} ${part}`);
  }

  it.each(SHAPES)('%j, axis %i', (shape, axis) => {
    const r = random(sizeOf(shape));
    const bad: string[] = [];
    for (let round = 0; round < (sizeOf(shape) > 2000 ? 4 : 12); round++)
      bad.push(...agrees(callOf(r, dtype, [shape, axis]), `${round}`));
    expect(bad.slice(0, 5)).toEqual([]);
  });

  it('random calls', () => {
    const bad: string[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const call = callOf(random(seed), dtype);
      bad.push(
        ...agrees(call, `seed ${seed} [${call.input.shape}] ${JSON.stringify(call.options).slice(0, 150)}`),
      );
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });

  it('class indices are their one-hot probabilities, to the bit', () => {
    for (const [shape, axis] of SHAPES) {
      const r = random(3);
      const rows = rowsOf(shape, axis);
      const labels = Int32Array.from({ length: sizeOf(rows.shape) }, () => integer(r, rows.classes));
      const hot = new arrayOf[dtype](sizeOf(shape));
      labels.forEach((label, row) => {
        hot[rows.at(row, label)] = 1;
      });
      const x = typed(filled(shape, r), dtype);
      for (const fromLogits of KINDS) {
        const options = { fromLogits, axis, reduction: 'none' };
        const a = F.dice.valueAndGrad(x, { data: hot, shape }, options);
        for (const data of [labels, BigInt64Array.from(labels, BigInt), Uint8Array.from(labels)]) {
          const b = F.dice.valueAndGrad(x, { data, shape: rows.shape }, options);
          expect(difference(b.value.data, a.value.data)).toBe('');
          expect(difference(b.grad.data, a.grad.data)).toBe('');
        }
      }
    }
  });

  it('any start and length, nothing around the tensors is touched; in place', () => {
    const r = random(11);
    const bad: string[] = [];
    const array = arrayOf[dtype] as Float32ArrayConstructor;
    for (const make of [(n: number) => [1, n, 3], (n: number) => [1, 2, n], (n: number) => [2, n, 1]])
      for (let n = 0; n < 140; n += n < 40 ? 1 : 7)
        for (const fromLogits of KINDS) {
          const shape = make(n);
          const axis = shape[1] === 2 ? 1 : -1;
          const [x, t] = [filled(shape, r), filled(shape, r)].map((of) => typed(of, dtype));
          const options = { fromLogits, axis };
          const want = F.dice.valueAndGrad(x, t, options);
          const size = sizeOf(shape);
          for (const start of [0, 1, 2, 3, 5]) {
            const place = (data: Any) => {
              const whole = new array(size + 32).fill(-7.5);
              whole.set(data, start);
              const held = backend === 'wasm' ? F.tensor(whole) : { data: whole, dispose() {} };
              return held;
            };
            const held = [place(x.data), place(t.data), place(new array(size))];
            const part = (h: Any) => ({ data: h.data.subarray(start, start + size), shape });
            const { value } = F.dice.valueAndGrad(part(held[0]), part(held[1]), {
              ...options,
              out: part(held[2]),
            });
            const around = held[2].data.filter((_: number, i: number) => i < start || i >= start + size);
            const text = difference(part(held[2]).data, want.grad.data);
            if (text || !Object.is(value, want.value) || around.some((v: number) => v !== -7.5))
              bad.push(`[${shape}] ${fromLogits} from ${start}: ${text ?? value}`);
            F.dice.grad(part(held[0]), part(held[1]), { ...options, out: part(held[start % 2]) });
            const over = difference(part(held[start % 2]).data, want.grad.data);
            if (over) bad.push(`[${shape}] ${fromLogits} in place: ${over}`);
            for (const h of held) h.dispose();
          }
        }
    expect(bad.slice(0, 5)).toEqual([]);
  });

  it('prepared steps have the bits of calls, and read labels anew', () => {
    const x = { data: arrayOf[dtype].of(1, 2, -1, 0.5), shape: [1, 2, 2] };
    const labels = { data: Int32Array.of(0, 1), shape: [1, 2] };
    const step = F.dice.prepare(x, labels, { fromLogits: 'softmax' });
    for (const label of [1, 0]) {
      labels.data[0] = label;
      const want = F.dice.valueAndGrad(x, labels, { fromLogits: 'softmax' });
      expect(step()).toBe(want.value);
      expect(difference(step.grad.data, want.grad.data)).toBe('');
    }
    labels.data[1] = 2;
    expect(step).toThrow('"target" expected class indices in [0, 2), got 2 at index 1');
    step.dispose();
  });

  it('what has weight 0 is not read, and counts nowhere', () => {
    const shape = [3, 4, 2];
    const r = random(5);
    const x = filled(shape, r);
    const t = filled(shape, () => integer(r, 2));
    const weights = { data: [1, 1, 0, 0, 1, 0], shape: [3, 2] };
    for (const fromLogits of KINDS) {
      const options = { fromLogits, sampleWeight: typed(weights, dtype), wrt: ['input', 'target'] };
      const want = F.dice.valueAndGrad(typed(x, dtype), typed(t, dtype), options);
      // the second sample, and the last class of the third, which softmax sees
      const unread = (i: number, isTarget: boolean): boolean =>
        (i >= 8 && i < 16) || (i >= 16 && i % 2 === 1 && (isTarget || fromLogits !== 'softmax'));
      const [a, b] = [x, t].map((of, k) => ({
        ...of,
        data: Array.from(of.data, (v, i) => (unread(i, k === 1) ? nan : v)),
      }));
      const got = F.dice.valueAndGrad(typed(a, dtype), typed(b, dtype), options);
      expect(got.value).toBe(want.value);
      for (const name of ['input', 'target'])
        expect(difference(got.grad[name].data, want.grad[name].data), `${fromLogits} ${name}`).toBe('');
      const none = F.dice(typed(a, dtype), typed(b, dtype), { ...options, wrt: 'input', reduction: 'none' });
      expect([...none.data].map((v) => v === 0)).toEqual([false, false, true, true, false, true]);
    }
    const labels = { data: Int32Array.of(0, 1, 1, 0, 9, 9, -3, 9, 1, 0, 0, 1), shape: [3, 4] };
    expect(
      F.dice(typed(x, dtype), labels, { fromLogits: 'softmax', sampleWeight: typed(weights, dtype) }),
    ).toBeGreaterThan(0);
    const no = typed({ data: new Array(6).fill(0), shape: [3, 2] }, dtype);
    const options = { fromLogits: 'softmax', sampleWeight: no };
    const empty = F.dice.valueAndGrad(typed(x, dtype), labels, options);
    expect(empty.value).toBeNaN();
    expect([...empty.grad.data].every((g) => g === 0)).toBe(true);
    expect(F.dice(typed(x, dtype), labels, { ...options, allIgnored: 'zero' })).toBe(0);
    expect(F.dice(typed(x, dtype), labels, { ...options, reduction: 'sum' })).toBe(0);
  });

  it('a NaN reaches its sample and class, under softmax its sample', () => {
    const shape = [2, 20, 3];
    for (const fromLogits of KINDS)
      for (const isTarget of [false, true]) {
        const [x, t] = [0, 1].map(() =>
          typed(
            filled(shape, () => 0.5),
            dtype,
          ),
        );
        (isTarget ? t : x).data[62] = nan; // the second sample's class 2
        const { value, grad } = F.dice.valueAndGrad(x, t, { fromLogits, reduction: 'none' });
        const all = fromLogits === 'softmax';
        expect([...value.data].map(Number.isNaN)).toEqual([
          false,
          false,
          false,
          all && !isTarget,
          all && !isTarget,
          true,
        ]);
        const reached = (i: number) => i >= 60 && (all || i % 3 === 2);
        expect([...grad.data].map(Number.isNaN)).toEqual([...grad.data].map((_, i) => reached(i)));
      }
  });

  it('keeps the digits of what is nearly right, and of infinite logits', () => {
    const one = (x: number[], fromLogits: Any, options = {}) =>
      F.dice.valueAndGrad(
        typed({ data: x, shape: [1, 1, x.length] }, dtype),
        { data: Int32Array.of(0), shape: [1, 1] },
        {
          fromLogits,
          smooth: 0,
          reduction: 'none',
          ...options,
        },
      );
    for (const gap of [10, 20, 40, 60]) {
      const q = Math.exp(-gap) / (1 + Math.exp(-gap));
      const soft = one([gap, 0], 'softmax');
      expect(soft.value.data[0] / (q / 2 / (1 - q / 2))).toBeCloseTo(1, 5);
      expect(soft.value.data[1]).toBe(1);
      // d (q/2)/(1 − q/2) / dx, and of the other class 0: its loss is 1 whatever it has
      expect(soft.grad.data[0] / ((-q * (1 - q)) / 2 / (1 - q / 2) ** 2)).toBeCloseTo(1, 5);
      const single = one([gap], 'sigmoid');
      expect(single.grad.data[0] / ((-q * (1 - q)) / 2 / (1 - q / 2) ** 2)).toBeCloseTo(1, 5);
    }
    expect([...one([Infinity], 'sigmoid').value.data]).toEqual([0]);
    expect([...one([-Infinity, 0], 'softmax').value.data]).toEqual([1, 1]);
    expect([...one([Infinity, 0], 'softmax').value.data]).toEqual([nan, nan]);
    expect([...one([-Infinity, -Infinity], 'softmax').value.data]).toEqual([nan, nan]);
  });

  it('empty masks, samples and positions', () => {
    const zeros = (...shape: number[]) =>
      typed(
        filled(shape, () => 0),
        dtype,
      );
    const options = { fromLogits: false, reduction: 'none' };
    expect([...F.dice(zeros(1, 4, 2), zeros(1, 4, 2), options).data]).toEqual([0, 0]);
    expect([...F.dice(zeros(1, 4, 2), zeros(1, 4, 2), { ...options, smooth: 0 }).data]).toEqual([nan, nan]);
    expect([
      ...F.dice(zeros(1, 4, 1), zeros(1, 4, 1), { ...options, smooth: 0, denominatorEps: 1e-7 }).data,
    ]).toEqual([1]);
    expect(F.dice(zeros(0, 4, 2), zeros(0, 4, 2), { fromLogits: false })).toBeNaN();
    expect(F.dice(zeros(0, 4, 2), zeros(0, 4, 2), { fromLogits: false, reduction: 'sum' })).toBe(0);
    expect([...F.dice(zeros(2, 0, 3), zeros(2, 0, 3), options).data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(F.dice.grad(zeros(2, 0, 3), zeros(2, 0, 3), { fromLogits: false }).data.length).toBe(0);
  });

  it('says what is wrong', () => {
    const x = typed(
      filled([2, 3, 4], () => 0.5),
      dtype,
    );
    const soft = { fromLogits: 'softmax' };
    const error = (call: () => unknown): string => {
      try {
        call();
      } catch (caught) {
        return `${(caught as Any).code} ${(caught as Error).message}`;
      }
      return 'none';
    };
    const { dice } = F;
    expect(error(() => dice(x, x))).toBe(
      `ERR_OPTION "fromLogits" expected 'softmax', 'sigmoid' or false, as there is no default, got none`,
    );
    expect(error(() => dice(x, x, { fromLogits: true }))).toContain(
      `ERR_OPTION "fromLogits" expected 'softmax'`,
    );
    expect(error(() => dice(x, x, { ...soft, alpha: -1 }))).toContain('ERR_OPTION "alpha"');
    expect(error(() => dice(x, x, { ...soft, smooth: Infinity }))).toContain('ERR_OPTION "smooth"');
    expect(error(() => dice(x, x, { ...soft, classWeight: 'rare' }))).toContain('ERR_TYPE "classWeight"');
    expect(error(() => dice(x, x, { ...soft, classWeight: [1, 2] }))).toContain('ERR_SHAPE "classWeight"');
    expect(error(() => dice(x, x, { ...soft, axis: 3 }))).toContain('ERR_OPTION "axis"');
    const narrow = typed(
      filled([2, 3, 1], () => 0.5),
      dtype,
    );
    expect(error(() => dice(narrow, narrow, { ...soft, ignoreBackground: true }))).toContain(
      'ERR_OPTION "ignoreBackground" expected at least two classes',
    );
    const labels = (label: number) => ({ data: Int32Array.of(0, 1, 2, label, 0, 1), shape: [2, 3] });
    for (const bad of [-1, 4, 2 ** 31 - 1])
      expect(error(() => dice(x, labels(bad), soft))).toBe(
        `ERR_LABEL "target" expected class indices in [0, 4), got ${bad} at index 3`,
      );
    expect(error(() => dice.grad(x, labels(0), { ...soft, wrt: 'target' }))).toContain('ERR_OPTION "wrt"');
    expect(
      error(() =>
        dice(
          x,
          typed(
            filled([2, 4], () => 0),
            dtype,
          ),
          soft,
        ),
      ),
    ).toContain('ERR_SHAPE "target"');
    expect(error(() => dice(x, x, { ...soft, sampleWeight: [1, 1] }))).toContain('ERR_SHAPE "sampleWeight"');
    expect(
      error(() =>
        dice(
          typed(
            filled([], () => 0),
            dtype,
          ),
          x,
          soft,
        ),
      ),
    ).toContain('ERR_SHAPE');
    expect(dice.gradAndHess).toBeUndefined();
  });
});

describe.each(backends)('%s', (backend) => {
  const F = loaded[backend] as Any;

  it('gradients are those of the value', () => {
    const bad: string[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const call = callOf(random(1000 + seed), 'f64');
      // what depends on the targets of all is a constant to their gradients
      if (call.options.classWeight === 'generalized') delete call.options.classWeight;
      // a denominator of next to nothing has no slope that differences show
      if (call.options.smooth < 1) call.options.smooth = 1;
      const [x, t, { reduction: _, gradOutput: __, ...options }] = argumentsOf(call, 'f64');
      for (const name of call.labels ? ['input'] : ['input', 'target']) {
        const { data: array } = name === 'input' ? x : t;
        const { data: grad } = F.dice.grad(x, t, { ...options, wrt: name });
        const scale = Math.max(...grad.map(Math.abs)) || 1;
        for (let i = 0; i < array.length; i += 1 + Math.floor(array.length / 12)) {
          const was = array[i];
          const h = 1e-3;
          const at = (d: number): number => {
            array[i] = was + d;
            return F.dice(x, t, options);
          };
          const slope =
            (45 * (at(h) - at(-h)) - 9 * (at(2 * h) - at(-2 * h)) + (at(3 * h) - at(-3 * h))) / (60 * h);
          array[i] = was;
          if (!(Math.abs(slope - grad[i]) <= 1e-8 * scale + 1e-12))
            bad.push(`${seed} ${name}[${i}]: ${grad[i]}, ${slope}`);
        }
      }
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });

  it('generalized weights are those of how rare the classes are', () => {
    const t = { data: Float64Array.of(1, 0, 1, 0, 1, 0, 0, 1), shape: [2, 2, 2] };
    const x = { data: Float64Array.of(0.9, 0.2, 0.8, 0.1, 0.7, 0.3, 0.4, 0.6), shape: [2, 2, 2] };
    const options = { fromLogits: false, reduction: 'none' };
    const plain = F.dice(x, t, options).data;
    const rare = [1 / (9 + 1e-7), 1 / (1 + 1e-7)];
    const all = (rare[0] + rare[1]) / 2;
    const got = F.dice(x, t, { ...options, classWeight: 'generalized' }).data;
    got.forEach((v: number, i: number) => {
      expect(v).toBeCloseTo((plain[i] * rare[i % 2]) / all, 12);
    });
  });
});

it('an evaluation of batches is the mean over the terms of all of them', () => {
  const F = loaded.wasm as Any;
  const r = random(21);
  const [x, t] = [0, 1].map(() => filled([5, 4, 3], r));
  const part = ({ data }: Tensor, from: number, to: number) =>
    typed({ data: Array.from(data).slice(12 * from, 12 * to), shape: [to - from, 4, 3] }, 'f64');
  const evaluation = evaluate(F, { loss: 'dice', fromLogits: false }) as Any;
  for (const [from, to] of [
    [0, 2],
    [2, 5],
  ])
    evaluation.add(part(x, from, to), part(t, from, to));
  const whole = F.dice(typed(x, 'f64'), typed(t, 'f64'), { fromLogits: false });
  expect(evaluation.result().loss).toBeCloseTo(whole, 14);
});

it.skipIf(relaxed)('in parts: the bits of one thread, of one large sample, too', () => {
  const F = loaded.wasm as Any;
  const r = random(9);
  for (const dtype of ['f32', 'f64'] as const)
    for (const [shape, axis] of [
      [[1, 3, 90_000], 1],
      [[2, 70_000, 2], -1],
      [[1, 150_001, 1], -1],
      [[700, 50, 5], -1],
      [[2, 80, 3000], 1],
    ] as const)
      for (const fromLogits of KINDS) {
        const [x, t] = [filled(shape, () => 8 * r() - 4), filled(shape, r)].map((of) => typed(of, dtype));
        const options = { fromLogits, axis, wrt: ['input', 'target'] };
        const want = F.dice.valueAndGrad(x, t, options);
        const got = threaded.dice.valueAndGrad(x, t, options);
        expect(got.value).toBe(want.value);
        for (const name of ['input', 'target'])
          expect(difference(got.grad[name].data, want.grad[name].data)).toBe('');
        const out = threaded.tensor(x);
        threaded.dice.grad(out, t, { fromLogits, axis, out });
        expect(difference(out.data, want.grad.input.data)).toBe('');
        out.dispose();
      }
});
