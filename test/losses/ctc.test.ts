// ctc against its definition, over lengths, layouts, options and magnitudes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LossFunctions } from '../../src/index.ts';
import { code } from '../faults/caught.ts';
import { arrayOf, loaded, matrix, relaxed, roundoff } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { byPaths, type CtcResult, ctcReference } from '../reference/ctc.ts';
import { eager } from '../threads/eager.ts';

type Any = any;

/** A batch: what is handed in, and each sequence for the reference. */
interface Batch {
  readonly frames: number;
  readonly sequences: number;
  readonly classes: number;
  readonly labels: number;
  readonly data: Float32Array | Float64Array;
  readonly target: Int32Array;
  readonly inputLengths: Int32Array;
  readonly targetLengths: Int32Array;
  readonly options: { readonly blank: number; readonly fromLogits: boolean };
}

interface Sizes {
  readonly frames: number;
  readonly sequences: number;
  readonly classes: number;
  readonly labels: number;
  readonly fromLogits?: boolean;
  /** How far logits go. */
  readonly scale?: number;
  /** Whether every sequence has all frames and labels. */
  readonly isFull?: boolean;
}

/** Random sequences, of whose log-probabilities those of each frame add up to 1. */
function batch(r: Random, dtype: 'f32' | 'f64', sizes: Sizes): Batch {
  const { frames, sequences, classes, labels, fromLogits = false, scale = 2, isFull = false } = sizes;
  const blank = integer(r, classes);
  const data = new arrayOf[dtype](frames * sequences * classes).map(() => scale * (2 * r() - 1));
  for (let row = 0; !fromLogits && row < frames * sequences; row++) {
    const x = data.subarray(row * classes, (row + 1) * classes);
    const log = Math.log([...x].reduce((sum, v) => sum + Math.exp(v), 0));
    for (let c = 0; c < classes; c++) x[c] -= log;
  }
  const lengths = (most: number) =>
    Int32Array.from({ length: sequences }, () => (isFull ? most : integer(r, most + 1)));
  return {
    frames,
    sequences,
    classes,
    labels,
    data,
    target: Int32Array.from(
      { length: sequences * labels },
      () => (blank + 1 + integer(r, classes - 1)) % classes,
    ),
    inputLengths: lengths(frames),
    targetLengths: lengths(labels),
    options: { blank, fromLogits },
  };
}

const inputsOf = (b: Batch): Any[] => [
  { data: b.data, shape: [b.frames, b.sequences, b.classes] },
  { data: b.target, shape: [b.sequences, b.labels] },
  b.inputLengths,
  b.targetLengths,
];

function referenceOf(b: Batch, of: (sequence: Any) => Any = ctcReference): CtcResult[] {
  return Array.from({ length: b.sequences }, (_, n) => {
    const rows = Array.from({ length: b.inputLengths[n] }, (_, t) => [
      ...b.data.subarray((t * b.sequences + n) * b.classes, (t * b.sequences + n + 1) * b.classes),
    ]);
    const labels = [...b.target.subarray(n * b.labels, n * b.labels + b.targetLengths[n])];
    return of({ rows, labels, ...b.options });
  });
}

const gradOf = (b: Batch, wanted: readonly CtcResult[], n: number, t: number, c: number): number =>
  t < b.inputLengths[n] ? wanted[n].grad[t][c] : 0;

/** Relative errors of losses and of shares, and what a frame adds. */
const CLAIMS = { f32: { loss: 2e-7, share: 2e-6 }, f64: { loss: 1e-13, share: 1e-12 } };
const PER_FRAME = 1e-15;

function expectNear(got: number, wanted: number, bound: number, what: string): void {
  if (Number.isFinite(wanted)) expect(Math.abs(got - wanted), what).toBeLessThanOrEqual(bound);
  else expect(got, what).toBe(wanted);
}

/** Checks losses and gradients of reduction 'none'. */
function check(b: Batch, dtype: 'f32' | 'f64', { value, grad }: Any, wanted: readonly CtcResult[]): void {
  const { loss, share } = CLAIMS[dtype];
  for (let n = 0; n < b.sequences; n++) {
    const what = JSON.stringify({ ...b.options, n, frames: b.inputLengths[n], labels: b.targetLengths[n] });
    const size = wanted[n].loss + wanted[n].size;
    // and the rounding of what is returned
    const bound = loss * size + PER_FRAME * b.frames + roundoff[dtype] * wanted[n].loss;
    expectNear(value.data[n], wanted[n].loss, bound, what);
    for (let t = 0; t < b.frames; t++) {
      for (let c = 0; c < b.classes; c++) {
        const got = grad.data[(t * b.sequences + n) * b.classes + c];
        // a share and a probability may cancel: each is at most 1, and as exact as the sums of logarithms it is computed from
        expectNear(got, gradOf(b, wanted, n, t, c), share + 1e-15 * size, `${what} at ${t}, ${c}`);
      }
    }
  }
}

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;

  it('is what all paths add up to', () => {
    const r = random(1);
    for (let i = 0; i < 80; i++) {
      const sizes = {
        frames: integer(r, 6),
        sequences: 1 + integer(r, 3),
        classes: 2 + integer(r, 3),
        labels: integer(r, 4),
        fromLogits: r() < 0.5,
      };
      const b = batch(r, dtype, sizes);
      const wanted = referenceOf(b, byPaths).map((one) => ({ ...one, size: one.loss, entropy: 0 }));
      check(b, dtype, F.ctc.valueAndGrad(...inputsOf(b), { ...b.options, reduction: 'none' }), wanted);
    }
  });

  it.each([
    { frames: 40, sequences: 5, classes: 7, labels: 9 },
    { frames: 40, sequences: 5, classes: 7, labels: 9, fromLogits: true },
    // odd and even numbers of labels, as many frames as they take, more and fewer
    { frames: 12, sequences: 9, classes: 3, labels: 8 },
    { frames: 13, sequences: 9, classes: 30, labels: 13, isFull: true, fromLogits: true },
    { frames: 200, sequences: 2, classes: 33, labels: 40, isFull: true },
    { frames: 200, sequences: 2, classes: 33, labels: 40, isFull: true, fromLogits: true },
    { frames: 64, sequences: 3, classes: 131, labels: 1, fromLogits: true },
    { frames: 100, sequences: 3, classes: 5, labels: 0 },
    { frames: 33, sequences: 3, classes: 2, labels: 16 },
    // confident: the loss is small, or the labels are what nobody expects
    { frames: 60, sequences: 4, classes: 6, labels: 5, isFull: true, scale: 12 },
    { frames: 60, sequences: 4, classes: 6, labels: 20, isFull: true, scale: 60, fromLogits: true },
    { frames: 60, sequences: 4, classes: 6, labels: 20, isFull: true, scale: 3000, fromLogits: true },
  ])('is as near as it says: %o', (sizes) => {
    const r = random(7);
    for (let i = 0; i < 3; i++) {
      const b = batch(r, dtype, sizes);
      check(
        b,
        dtype,
        F.ctc.valueAndGrad(...inputsOf(b), { ...b.options, reduction: 'none' }),
        referenceOf(b),
      );
    }
  });

  it('keeps the digits of a loss that is all but 0', () => {
    const [frames, classes] = [120, 5];
    for (const gap of [4, 8, 12, 16]) {
      const data = new arrayOf[dtype](frames * classes);
      for (let t = 0; t < frames; t++) data[t * classes + (t % 40 === 20 ? 1 + t / 40 / 2 : 0)] = gap;
      const b = {
        frames,
        sequences: 1,
        classes,
        labels: 3,
        data,
        target: Int32Array.of(1, 2, 3).map((_, i) => Math.floor(1 + (20 + 40 * i) / 80)),
        inputLengths: Int32Array.of(frames),
        targetLengths: Int32Array.of(3),
        options: { blank: 0, fromLogits: true },
      };
      const wanted = referenceOf(b);
      check(b, dtype, F.ctc.valueAndGrad(...inputsOf(b), { ...b.options, reduction: 'none' }), wanted);
    }
  });

  it('takes targets one after the other, lists, one sequence without its axis', () => {
    const r = random(3);
    const b = batch(r, dtype, { frames: 20, sequences: 6, classes: 5, labels: 6 });
    const [input, target, inputLengths, targetLengths] = inputsOf(b);
    const options = { ...b.options, reduction: 'none' };
    const { value, grad } = F.ctc.valueAndGrad(input, target, inputLengths, targetLengths, options);
    const labels = [...b.targetLengths].flatMap((count, n) => [
      ...b.target.subarray(n * b.labels, n * b.labels + count),
    ]);
    for (const list of [labels, BigInt64Array.from(labels, BigInt), Uint8Array.from(labels)]) {
      const lengths = [[...inputLengths], Uint16Array.from(b.targetLengths)];
      const other = F.ctc.valueAndGrad(input, list, ...lengths, options);
      expect(other.value.data).toEqual(value.data);
      expect(other.grad.data).toEqual(grad.data);
    }
    for (let n = 0; n < b.sequences; n++) {
      const rows = new arrayOf[dtype](b.frames * b.classes);
      for (let t = 0; t < b.frames; t++)
        rows.set(
          b.data.subarray((t * b.sequences + n) * b.classes, (t * b.sequences + n + 1) * b.classes),
          t * b.classes,
        );
      const one = F.ctc.valueAndGrad(
        { data: rows, shape: [b.frames, b.classes] },
        b.target.subarray(n * b.labels, (n + 1) * b.labels),
        b.inputLengths[n],
        { data: b.targetLengths.subarray(n, n + 1), shape: [] },
        options,
      );
      expect(one.value.shape).toEqual([]);
      expect(one.value.data[0]).toBe(value.data[n]);
      const own = one.grad.data.filter((_: number, i: number) => i < b.inputLengths[n] * b.classes);
      for (let i = 0; i < own.length; i++) {
        const [t, c] = [Math.floor(i / b.classes), i % b.classes];
        expect(own[i]).toBe(grad.data[(t * b.sequences + n) * b.classes + c]);
      }
    }
  });

  it('reduces as PyTorch: the mean is of losses by label', () => {
    const r = random(5);
    const b = batch(r, dtype, { frames: 30, sequences: 7, classes: 5, labels: 4 });
    const weights = new arrayOf[dtype]([1, 0.5, 0, 2, 0, 1, 3]);
    const { length } = b.data;
    b.inputLengths.fill(30);
    const inputs = inputsOf(b);
    const each = F.ctc.valueAndGrad(...inputs, { ...b.options, reduction: 'none' });
    for (const sampleWeight of [undefined, weights]) {
      const w = [...(sampleWeight ?? weights.map(() => 1))];
      const divisor = w.reduce((a, v) => a + v, 0);
      const counts = [...b.targetLengths].map((n) => Math.max(n, 1));
      for (const reduction of ['mean', 'sum']) {
        const { value, grad } = F.ctc.valueAndGrad(...inputs, {
          ...b.options,
          reduction,
          sampleWeight,
          gradOutput: 3,
        });
        const shares = w.map((v, n) => (reduction === 'mean' ? v / counts[n] / divisor : v));
        const wanted = shares.reduce(
          (sum, share, n) => sum + (share === 0 ? 0 : share * each.value.data[n]),
          0,
        );
        const near = { f32: 4e-6, f64: 1e-13 }[dtype];
        expect(Math.abs(value - wanted)).toBeLessThanOrEqual(near * Math.abs(wanted));
        for (let i = 0; i < length; i++) {
          const n = Math.floor(i / b.classes) % b.sequences;
          const g = shares[n] === 0 ? 0 : 3 * shares[n] * each.grad.data[i];
          expect(Math.abs(grad.data[i] - g)).toBeLessThanOrEqual(near * Math.abs(g));
        }
      }
    }
  });

  it('has no term at all: NaN, 0 or nothing', () => {
    const empty = [{ data: new arrayOf[dtype](0), shape: [3, 0, 4] }, new Int32Array(0), [], []];
    expect(F.ctc(...empty)).toBeNaN();
    expect(F.ctc(...empty, { allIgnored: 'zero' })).toBe(0);
    expect(F.ctc(...empty, { reduction: 'sum' })).toBe(0);
    expect(F.ctc(...empty, { reduction: 'none' }).data).toHaveLength(0);
    const one = [{ data: new arrayOf[dtype](8), shape: [2, 1, 4] }, [1], [2], [1], { sampleWeight: [0] }];
    expect(F.ctc(...one)).toBeNaN();
    expect(F.ctc.grad(...one).data).toEqual(new arrayOf[dtype](8));
  });

  it('is infinite where no path spells the labels, or 0 on demand', () => {
    const lp = Math.log(1 / 3);
    const rows = new arrayOf[dtype](2 * 2 * 3).fill(lp);
    const input = { data: rows, shape: [2, 2, 3] };
    // the same label twice takes three frames
    const target = { data: Int32Array.of(1, 1, 1, 2), shape: [2, 2] };
    const { value, grad } = F.ctc.valueAndGrad(input, target, [2, 2], [2, 2], { reduction: 'none' });
    expect(value.data[0]).toBe(Infinity);
    expect(Math.abs(value.data[1] + 2 * lp)).toBeLessThan(1e-6);
    expect([...grad.data.subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
    expect([...grad.data.subarray(3, 6)].map(Math.round)).toEqual([0, -1, 0]);
    const zero = F.ctc.valueAndGrad(input, target, [2, 2], [2, 2], { reduction: 'none', zeroInfinity: true });
    expect(zero.value.data[0]).toBe(0);
    expect([...zero.grad.data.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(zero.value.data[1]).toBe(value.data[1]);
    // by numbers: a label that cannot be
    rows[1] = rows[7] = -Infinity;
    expect(F.ctc(input, target, [2, 2], [1, 2], { reduction: 'none' }).data[0]).toBe(Infinity);
    rows[0] = NaN;
    expect(F.ctc(input, target, [2, 2], [1, 2], { reduction: 'none', zeroInfinity: true }).data[0]).toBeNaN();
  });

  it('has no frames or no labels', () => {
    const input = { data: new arrayOf[dtype](2 * 3 * 3).fill(-1), shape: [2, 3, 3] };
    const target = { data: Int32Array.of(1, 2, 1), shape: [3, 1] };
    const call = () => F.ctc.valueAndGrad(input, target, [0, 0, 2], [0, 1, 0], { reduction: 'none' });
    const { value, grad } = call();
    expect([...value.data]).toEqual([0, Infinity, 2]);
    expect([...grad.data].map((g) => g + 0)).toEqual([
      ...[0, 0, 0, 0, 0, 0, -1, 0, 0],
      ...[0, 0, 0, 0, 0, 0, -1, 0, 0],
    ]);
    expect(F.ctc(input, target, [0, 0, 2], [0, 0, 0])).toBeCloseTo(2 / 3, 6);
  });

  it('does not read what is no frame or label, or weighs nothing', () => {
    const r = random(9);
    const b = batch(r, dtype, { frames: 9, sequences: 4, classes: 4, labels: 3 });
    const clean = F.ctc.valueAndGrad(...inputsOf(b), { ...b.options, sampleWeight: [1, 0, 2, 1] });
    for (let n = 0; n < b.sequences; n++) {
      for (let t = 0; t < b.frames; t++)
        if (t >= b.inputLengths[n] || n === 1)
          b.data.fill(NaN, (t * b.sequences + n) * b.classes, (t * b.sequences + n + 1) * b.classes);
      for (let k = 0; k < b.labels; k++)
        if (k >= b.targetLengths[n] || n === 1) b.target[n * b.labels + k] = -5 + 100 * k;
    }
    const same = F.ctc.valueAndGrad(...inputsOf(b), { ...b.options, sampleWeight: [1, 0, 2, 1] });
    expect(same).toEqual(clean);
  });

  it('writes where it is told, over the input, too, and again and again', () => {
    const r = random(11);
    for (const fromLogits of [false, true]) {
      const b = batch(r, dtype, { frames: 25, sequences: 3, classes: 6, labels: 4, fromLogits });
      const inputs = inputsOf(b);
      const options = { ...b.options };
      const { value, grad } = F.ctc.valueAndGrad(...inputs, options);
      expect(F.ctc(...inputs, options)).toBe(value);
      expect(F.ctc.grad(...inputs, options).data).toEqual(grad.data);
      const out = { data: new arrayOf[dtype](b.data.length).fill(7), shape: inputs[0].shape };
      expect(F.ctc.grad(...inputs, { ...options, out })).toBe(out);
      expect(out.data).toEqual(grad.data);
      const place = { data: b.data.slice(), shape: inputs[0].shape };
      F.ctc.grad(place, ...inputs.slice(1), { ...options, out: place });
      expect(place.data).toEqual(grad.data);
      F.scope(() => {
        const tensors = inputs.map((x) => (x.shape ? F.tensor(x) : F.tensor(x, undefined, 'i32')));
        const step = F.ctc.prepare(...tensors, options);
        for (let i = 0; i < 2; i++) {
          expect(step()).toBe(value);
          expect(step.grad.data).toEqual(grad.data);
        }
        // lengths are read, and checked, at every run
        tensors[3].data[1] = 0;
        const shorter = Int32Array.from(b.targetLengths, (n, i) => (i === 1 ? 0 : n));
        expect(step()).toBe(F.ctc(...inputs.slice(0, 3), shorter, options));
        tensors[3].data[1] = b.labels + 1;
        expect(code(() => step())).toBe('ERR_LABEL');
      });
    }
  });

  it('refuses lengths, labels and shapes before it writes anything', () => {
    const input = { data: new arrayOf[dtype](4 * 2 * 3), shape: [4, 2, 3] };
    const target = { data: Int32Array.of(1, 2, 1, 1), shape: [2, 2] };
    const out = { data: new arrayOf[dtype](24).fill(7), shape: [4, 2, 3] };
    const refusal = (t: Any, frames: Any, labels: Any, options: Any = {}, x: Any = input): unknown => {
      const what = code(() => F.ctc.grad(x, t, frames, labels, { out, ...options }));
      expect(out.data.every((v: number) => v === 7)).toBe(true);
      return what;
    };
    const two = [2, 2];
    expect(refusal({ data: Int32Array.of(1, 3, 1, 1), shape: [2, 2] }, two, two)).toBe('ERR_LABEL');
    expect(refusal({ data: Int32Array.of(1, 2, 1, -1), shape: [2, 2] }, two, two)).toBe('ERR_LABEL');
    expect(refusal({ data: Int32Array.of(1, 2, 1, 0), shape: [2, 2] }, two, two)).toBe('ERR_LABEL');
    expect(refusal(target, two, two, { blank: 1 })).toBe('ERR_LABEL');
    expect(refusal(target, [5, 2], two)).toBe('ERR_LABEL');
    expect(refusal(target, [-1, 2], two)).toBe('ERR_LABEL');
    expect(refusal(target, [1.5, 2], two)).toBe('ERR_LABEL');
    expect(refusal(target, two, [2, 3])).toBe('ERR_LABEL');
    expect(refusal(target, two, [2, -1])).toBe('ERR_LABEL');
    expect(refusal(Int32Array.of(1, 2, 1), two, two)).toBe('ERR_LABEL');
    expect(refusal(Int32Array.of(1, 2, 1, 2, 1), two, two)).toBe('ERR_SHAPE');
    expect(refusal({ data: target.data, shape: [4, 1] }, two, two)).toBe('ERR_SHAPE');
    expect(refusal(target, [2], two)).toBe('ERR_SHAPE');
    expect(refusal(target, two, 2)).toBe('ERR_SHAPE');
    expect(refusal(target, two, two, { blank: 3 })).toBe('ERR_OPTION');
    expect(refusal(target, two, two, { blank: -1 })).toBe('ERR_OPTION');
    expect(refusal(target, two, two, { wrt: 'target' })).toBe('ERR_OPTION');
    expect(refusal(new Float32Array(4), two, two)).toBe('ERR_DTYPE');
    expect(refusal(target, new Float64Array(2), two)).toBe('ERR_DTYPE');
    expect(refusal(target, two, two, {}, [1, 2, 3])).toBe('ERR_SHAPE');
    expect(refusal(target, 'two', two)).toBe('ERR_TYPE');
  });
});

// they have deterministic math
describe.skipIf(relaxed)('several threads', () => {
  let F: Any;
  let cut = 0;
  beforeAll(async () => {
    const { F: shared, parts } = await eager(3, 7);
    F = shared;
    const { run } = parts;
    parts.run = (...call) => {
      cut++;
      return run.apply(parts, call);
    };
  });
  afterAll(() => (F as LossFunctions).dispose());

  it.each([false, true])('have the bits of one; logits: %s', (fromLogits) => {
    const r = random(13);
    const b = batch(r, 'f32', { frames: 70, sequences: 23, classes: 12, labels: 9, fromLogits });
    b.inputLengths.fill(70, 0, 8);
    const labels = [...b.targetLengths].flatMap((count, n) => [
      ...b.target.subarray(n * b.labels, n * b.labels + count),
    ]);
    const [input, target, ...lengths] = inputsOf(b);
    for (const t of [target, labels]) {
      for (const reduction of ['mean', 'none']) {
        const options = { ...b.options, reduction, zeroInfinity: true };
        const before = cut;
        const shared = F.ctc.valueAndGrad(input, t, ...lengths, options);
        expect(cut).toBeGreaterThan(before);
        expect(shared).toEqual((loaded.wasm as Any).ctc.valueAndGrad(input, t, ...lengths, options));
      }
    }
  });
});
