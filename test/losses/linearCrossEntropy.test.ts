// What the logits of linearCrossEntropy are as products, what of its operands is read, and the gradient of its bias, an option.
import { describe, expect, it } from 'vitest';
import { code } from '../faults/caught.ts';
import { arrayOf, backends, loaded, matrix } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { expectSame } from './bits.ts';

type Any = any;

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
const filled = (dtype: 'f32' | 'f64', shape: readonly number[], draw: () => number) => ({
  data: (arrayOf[dtype] as Float32ArrayConstructor).from({ length: sizeOf(shape) }, draw),
  shape,
});
/** Small whole numbers, of which every sum of products is exact. */
const whole = (r: Random) => (): number => integer(r, 7) - 3;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const { linearCrossEntropy: loss } = F;

  it('is cross entropy of the logits, to the bit where these are exact', () => {
    const r = random(3);
    for (const [rows, features, classes] of [
      [5, 3, 70],
      [9, 130, 67],
      [21, 8, 200],
    ]) {
      const x = filled(dtype, [rows, features], whole(r));
      const w = filled(dtype, [classes, features], whole(r));
      const bias = filled(dtype, [classes], whole(r));
      const logits = filled(dtype, [rows, classes], () => 0);
      for (let i = 0; i < rows * classes; i++) {
        const [row, c] = [Math.floor(i / classes), i % classes];
        logits.data[i] = bias.data[c];
        for (let k = 0; k < features; k++)
          logits.data[i] += x.data[row * features + k] * w.data[c * features + k];
      }
      const labels = Int32Array.from({ length: rows }, () => integer(r, classes));
      const options = { reduction: 'none', ignoreIndex: labels[1] };
      const wanted = F.crossEntropy.valueAndGrad(logits, labels, { ...options, axis: 1 });
      const wrt = ['input', 'linearBias'];
      const got = loss.valueAndGrad(x, w, labels, { ...options, linearBias: bias, wrt });
      if (backend === 'wasm') expectSame(got.value, wanted.value, 'values');
      for (let c = 0; c < classes; c++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += wanted.grad.data[row * classes + c];
        expect(got.grad.linearBias.data[c]).toBeCloseTo(sum, dtype === 'f32' ? 5 : 12);
      }
    }
  });

  it('does not read rows that do not count, and gives them zeros', () => {
    const r = random(4);
    const x = filled(dtype, [6, 5], whole(r));
    const w = filled(dtype, [7, 5], whole(r));
    const labels = Int32Array.of(1, 6, 3, 0, -7, 2);
    const sampleWeight = filled(dtype, [6], () => 1);
    const options = { ignoreIndex: 6, sampleWeight, wrt: ['input', 'linearWeight'] };
    sampleWeight.data[4] = 0;
    for (const chunkRows of [1, 2, 'auto']) {
      const wanted = loss.valueAndGrad(x, w, labels, { ...options, chunkRows });
      const odd = { ...x, data: x.data.slice() };
      for (const row of [1, 4]) odd.data.fill(Number.NaN, 5 * row, 5 * row + 5);
      const got = loss.valueAndGrad(odd, w, labels, { ...options, chunkRows });
      expect(got.value).toBe(wanted.value);
      for (const name of ['input', 'linearWeight']) expectSame(got.grad[name], wanted.grad[name], name);
      for (const row of [1, 4])
        expect([...got.grad.input.data.subarray(5 * row, 5 * row + 5)]).toEqual([0, 0, 0, 0, 0]);
    }
  });

  it('a row’s results do not depend on the others, nor on the chunk', () => {
    const r = random(5);
    const x = filled(dtype, [37, 19], () => r() - 0.5);
    const w = filled(dtype, [45, 19], () => r() - 0.5);
    const labels = Int32Array.from({ length: 37 }, () => integer(r, 45));
    const all = loss.valueAndGrad(x, w, labels, { reduction: 'none' });
    for (const chunkRows of [1, 3, 8, 11]) {
      const cut = loss.valueAndGrad(x, w, labels, { reduction: 'none', chunkRows });
      expectSame(cut.value, all.value, `values, chunks of ${chunkRows}`);
      expectSame(cut.grad, all.grad, `gradients, chunks of ${chunkRows}`);
    }
    for (const row of [0, 7, 36]) {
      const own = { data: x.data.slice(19 * row, 19 * row + 19), shape: [1, 19] };
      const { value, grad } = loss.valueAndGrad(own, w, labels.slice(row, row + 1), { reduction: 'none' });
      expect(value.data[0]).toBe(all.value.data[row]);
      expectSame(grad, { data: all.grad.data.slice(19 * row, 19 * row + 19) }, `row ${row}`);
    }
  });

  it('without a row that counts, the weights’ gradients are 0', () => {
    const w = filled(dtype, [3, 2], () => 1);
    const linearBias = filled(dtype, [3], () => 1);
    const wrt = ['input', 'linearWeight', 'linearBias'];
    for (const [rows, labels] of [
      [0, []],
      [2, [-100, -100]],
    ] as const) {
      const x = filled(dtype, [rows, 2], () => 1);
      const out = Object.fromEntries(
        [x, w, linearBias].map(({ shape }, i) => [wrt[i], filled(dtype, shape, () => 9)]),
      );
      const options = { linearBias, wrt, out: { grad: out } };
      const { value, grad } = loss.valueAndGrad(x, w, Int32Array.from(labels), options);
      expect(value).toBeNaN();
      for (const name of wrt)
        expect(
          [...grad[name].data].every((g: number) => g === 0),
          name,
        ).toBe(true);
    }
  });

  it('the bias has a gradient by name alone, in prepared steps too', () => {
    const x = filled(dtype, [2, 2], () => 1);
    const w = filled(dtype, [3, 2], () => 1);
    const linearBias = filled(dtype, [3], () => 1);
    const labels = Int32Array.of(0, 2);
    const grad = loss.grad(x, w, labels, { linearBias, wrt: 'linearBias', reduction: 'sum' });
    const sums = [-1 / 3, 2 / 3, -1 / 3];
    sums.forEach((sum, c) => {
      expect(grad.data[c]).toBeCloseTo(sum, 6);
    });
    const step = loss.prepare(x, w, labels, { linearBias, wrt: ['linearBias', 'linearWeight'] });
    step();
    expect(Object.keys(step.grad)).toEqual(['linearWeight', 'linearBias']);
    linearBias.data.fill(2);
    expect(step()).toBeCloseTo(Math.log(3), 6);
    step.dispose();
    expect(code(() => loss.grad(x, w, labels, { wrt: 'linearBias' }))).toBe('ERR_OPTION');
    expect(code(() => loss.grad(x, w, labels, { wrt: 'target' }))).toBe('ERR_OPTION');
  });

  it('writes nothing where a label is no class', () => {
    const x = filled(dtype, [2, 2], () => 1);
    const w = filled(dtype, [3, 2], () => 1);
    const out = { input: filled(dtype, [2, 2], () => 9), linearWeight: filled(dtype, [3, 2], () => 9) };
    const call = () =>
      loss.grad(x, w, Int32Array.of(0, 3), { chunkRows: 1, wrt: ['input', 'linearWeight'], out });
    expect(code(call)).toBe('ERR_LABEL');
    for (const { data } of Object.values(out)) expect(new Set(data)).toEqual(new Set([9]));
  });

  it('the gradient of the weights may not be written over what is still read', () => {
    const x = filled(dtype, [3, 3], () => 1);
    const w = filled(dtype, [3, 3], () => 1);
    const labels = Int32Array.of(0, 1, 2);
    expect(code(() => loss.grad(x, w, labels, { out: w }))).toBe('ERR_OPTION');
    expect(code(() => loss.grad(x, w, labels, { wrt: 'linearWeight', out: w }))).toBe('ERR_OPTION');
    expect(code(() => loss.grad(x, w, labels, { out: x }))).toBe('nothing thrown');
  });

  it('says which shapes it expects', () => {
    const x = filled(dtype, [2, 3], () => 1);
    const w = filled(dtype, [4, 3], () => 1);
    const labels = Int32Array.of(0, 1);
    const message = (call: () => unknown): string => {
      try {
        call();
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    const of = (shape: number[]) => filled(dtype, shape, () => 1);
    expect(message(() => loss(x, of([4, 2]), labels))).toBe(
      '"linearWeight" expected shape [classes, 3], got shape [4, 2]',
    );
    expect(message(() => loss(x, of([0, 3]), labels))).toContain('at least one class');
    expect(message(() => loss(x, w, of([2, 3])))).toContain('[2] (class indices) or [2, 4] (probabilities)');
    expect(message(() => loss(x, w, labels, { linearBias: of([3]) }))).toContain(
      '"linearBias" expected shape [4]',
    );
    for (const chunkRows of [0, 1.5, 1025, 'many'])
      expect(message(() => loss(x, w, labels, { chunkRows }))).toContain(
        "'auto' or an integer from 1 to 1024",
      );
  });
});

/** The bound of a logit: 3e-6 of the sum of the products' sizes. */
describe('logits', () => {
  it.each(backends)('are within their bound: %s', (backend) => {
    const { linearCrossEntropy: loss } = loaded[backend] as Any;
    const r = random(6);
    const kinds: ((i: number) => number)[] = [
      () => r() - 0.5,
      () => 2 ** (10 * r() - 5) * (r() < 0.5 ? -1 : 1),
      // equal terms, whose roundings do not cancel
      () => 0.1,
      (i) => (i % 2 ? -1 : 1) * (0.7 + 1e-3 * r()),
    ];
    let worst = 0;
    for (const features of [1, 7, 128, 129, 640, 4096])
      for (const draw of kinds) {
        const x = filled('f32', [1, features], draw as Any);
        const w = filled('f32', [1, features], draw as Any);
        // against one logit of another size, the loss of a label far below is the difference of both
        let logit = 0;
        let size = 0;
        for (let k = 0; k < features; k++) {
          const term = Math.fround(x.data[k]) * Math.fround(w.data[k]);
          logit += term;
          size += Math.abs(term);
        }
        const far = Math.fround(logit + 64 + 2 * Math.abs(logit));
        const both = { data: new Float32Array(2 * features), shape: [2, features] };
        both.data.set(w.data);
        const value = loss(x, both, Int32Array.of(0), { linearBias: Float32Array.of(0, far) });
        // the loss itself is rounded, and is log1p(e^−(far − logit)) + (far − logit)
        const error =
          Math.abs(far - value - logit) - 1.2e-7 * (Math.abs(value) + Math.abs(logit) + Math.abs(far));
        worst = Math.max(worst, error / size);
      }
    expect(worst).toBeLessThan(3e-6);
  });
});
