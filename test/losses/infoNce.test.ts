import { describe, expect, it } from 'vitest';
import { code } from '../faults/caught.ts';
import { arrayOf, backends, loaded, matrix } from '../instances.ts';
import { random } from '../random.ts';
import { infoNce as row } from '../rows/infoNce.ts';
import { expectSame } from './bits.ts';
import {
  itAgreesWithTheReference,
  itHasTheSameBits,
  itIsTheSameInThreads,
  itLeavesOutRowsOfNoWeight,
  itsReferenceHasGradients,
} from './pairs.ts';

type Any = any;

itsReferenceHasGradients(row);
itAgreesWithTheReference(row);
itHasTheSameBits(row);
itIsTheSameInThreads(row);
itLeavesOutRowsOfNoWeight(row);

const filled = (dtype: 'f32' | 'f64', shape: readonly number[], draw: (i: number) => number) => ({
  data: (arrayOf[dtype] as Float32ArrayConstructor).from({ length: shape[0] * (shape[1] ?? 1) }, (_, i) =>
    draw(i),
  ),
  shape,
});

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const { infoNce: loss } = F;
  const near = dtype === 'f32' ? 5 : 12;

  it('is half the cross entropies of similarities and of their transpose', () => {
    const r = random(2);
    const [n, d] = [13, 6];
    const x = filled(dtype, [n, d], () => r() - 0.5);
    const y = filled(dtype, [n, d], () => r() - 0.5);
    const s = filled(dtype, [n, n], () => 0);
    const turned = filled(dtype, [n, n], () => 0);
    for (let i = 0; i < n * n; i++) {
      for (let k = 0; k < d; k++)
        s.data[i] += 3 * x.data[Math.floor(i / n) * d + k] * y.data[(i % n) * d + k];
      turned.data[(i % n) * n + Math.floor(i / n)] = s.data[i];
    }
    const labels = Int32Array.from({ length: n }, (_, i) => i);
    const options = { normalize: false, logitScale: 3 };
    const rows = F.crossEntropy(s, labels);
    const columns = F.crossEntropy(turned, labels);
    expect(loss(x, y, options)).toBeCloseTo((rows + columns) / 2, near);
    expect(loss(x, y, { ...options, symmetric: false })).toBeCloseTo(rows, near);
  });

  it('does not turn on the lengths of rows, however large or small', () => {
    const r = random(3);
    const x = filled(dtype, [5, 3], () => r() - 0.5);
    const y = filled(dtype, [5, 3], () => r() - 0.5);
    const wanted = loss.valueAndGrad(x, y, { wrt: ['input', 'target'] });
    const exponents = dtype === 'f32' ? [-100, 0, 100, 126, -120] : [-1000, 0, 900, 1022, -600];
    const scaled = (t: Any) => ({
      ...t,
      data: t.data.map((v: number, i: number) => v * 2 ** exponents[Math.floor(i / 3)]),
    });
    const got = loss.valueAndGrad(scaled(x), scaled(y), { wrt: ['input', 'target'] });
    expect(got.value).toBe(wanted.value);
    // a gradient is as much smaller as its row is longer; what leaves the range of numbers is not looked at
    for (const name of ['input', 'target'])
      got.grad[name].data.forEach((g: number, i: number) => {
        const expected = wanted.grad[name].data[i] * 2 ** -exponents[Math.floor(i / 3)];
        const isNormal =
          Math.abs(expected) < Infinity && Math.abs(expected) > (dtype === 'f32' ? 2 ** -126 : 2 ** -1022);
        if (isNormal) expect(Math.abs(g / expected - 1)).toBeLessThan(dtype === 'f32' ? 1e-6 : 1e-14);
      });
  });

  it('keeps the digits of pairs that are found for sure', () => {
    const x = filled(dtype, [2, 2], (i) => (i % 3 ? 0 : 1));
    for (const logitScale of [20, 40]) {
      const { value, grad } = loss.valueAndGrad(x, x, {
        logitScale,
        normalize: false,
        wrt: ['input', 'target'],
      });
      const scale = dtype === 'f32' ? Math.fround(logitScale) : logitScale;
      const rest = Math.exp(-scale);
      expect(Math.abs(value / Math.log1p(rest) - 1)).toBeLessThan(4e-6);
      // −rest/(1 + rest) of the pair itself, from either side, over two rows
      expect(Math.abs(grad.input.data[0] / ((-scale * rest) / (1 + rest) / 2) - 1)).toBeLessThan(4e-6);
      expect(Math.abs(grad.target.data[1] / ((scale * rest) / (1 + rest) / 2) - 1)).toBeLessThan(4e-6);
    }
  });

  it('finds its row among more than there are of the input, in one direction', () => {
    const r = random(4);
    const x = filled(dtype, [3, 4], () => r() - 0.5);
    const y = filled(dtype, [8, 4], () => r() - 0.5);
    const options = { symmetric: false, wrt: ['input', 'target'], logitScale: 5 };
    const { value, grad } = loss.valueAndGrad(x, y, options);
    // as the mean of three losses of a row each, with its own row first
    let sum = 0;
    const ofTarget = new Float64Array(32);
    for (let i = 0; i < 3; i++) {
      const order = [i, ...Array.from({ length: 8 }, (_, j) => j).filter((j) => j !== i)];
      const others = filled(dtype, [8, 4], (k) => y.data[order[Math.floor(k / 4)] * 4 + (k % 4)]);
      const one = loss.valueAndGrad({ data: x.data.slice(4 * i, 4 * i + 4), shape: [1, 4] }, others, options);
      sum += one.value;
      one.grad.target.data.forEach((g: number, k: number) => {
        ofTarget[order[Math.floor(k / 4)] * 4 + (k % 4)] += g / 3;
      });
      for (let k = 0; k < 4; k++)
        expect(grad.input.data[4 * i + k]).toBeCloseTo(one.grad.input.data[k] / 3, near);
    }
    expect(value).toBeCloseTo(sum / 3, near);
    ofTarget.forEach((g, k) => {
      expect(grad.target.data[k]).toBeCloseTo(g, near);
    });
    expect(code(() => loss(x, y))).toBe('ERR_SHAPE');
    expect(code(() => loss(y, x, { symmetric: false }))).toBe('ERR_SHAPE');
  });

  it('the scale has a gradient where it is a tensor, alone and in steps', () => {
    const r = random(5);
    const x = filled(dtype, [6, 3], () => r() - 0.5);
    const y = filled(dtype, [6, 3], () => r() - 0.5);
    for (const [symmetric, normalize] of [
      [true, true],
      [false, true],
      [true, false],
    ]) {
      const of = (scale: number): number =>
        loaded.js.infoNce(
          Array.from({ length: 6 }, (_, i) => [...x.data.slice(3 * i, 3 * i + 3)]) as Any,
          Array.from({ length: 6 }, (_, i) => [...y.data.slice(3 * i, 3 * i + 3)]) as Any,
          { symmetric, normalize, logitScale: scale } as Any,
        );
      const slope = (of(4.0001) - of(3.9999)) / 2e-4;
      const logitScale = arrayOf[dtype].of(4);
      const options = { symmetric, normalize, logitScale };
      expect(loss.grad(x, y, { ...options, wrt: 'logitScale' }).data[0]).toBeCloseTo(slope, 5);
      const step = loss.prepare(x, y, { ...options, wrt: ['logitScale', 'target'] });
      expect(step()).toBeCloseTo(of(4), near);
      expect(step.grad.logitScale.data[0]).toBeCloseTo(slope, 5);
      logitScale[0] = 2;
      expect(step()).toBeCloseTo(of(2), near);
      step.dispose();
    }
    const scalar = { data: arrayOf[dtype].of(4), shape: [] };
    expect(loss.grad(x, y, { logitScale: scalar, wrt: 'logitScale' }).shape).toEqual([]);
    expect(code(() => loss.grad(x, y, { logitScale: 4, wrt: 'logitScale' }))).toBe('ERR_OPTION');
    expect(code(() => loss(x, y, { logitScale: arrayOf[dtype].of(4, 4) }))).toBe('ERR_SHAPE');
    expect(code(() => loss(x, y, { logitScale: -1 }))).toBe('ERR_OPTION');
  });

  it('NaN in a row is NaN in every value, and in one direction in its row alone', () => {
    const x = filled(dtype, [4, 2], (i) => 1 + i);
    const y = filled(dtype, [4, 2], (i) => 2 - i);
    x.data[2] = Number.NaN;
    const all = loss(x, y, { reduction: 'none' }).data;
    expect([...all].every(Number.isNaN)).toBe(true);
    const one = loss.valueAndGrad(x, y, { reduction: 'none', symmetric: false });
    expect([...one.value.data].map(Number.isNaN)).toEqual([false, true, false, false]);
    expect([...one.grad.data].map(Number.isNaN)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    y.data[7] = Number.NaN;
    expect([...loss(x, y, { reduction: 'none', symmetric: false }).data].every(Number.isNaN)).toBe(true);
  });

  it('a row of zeros is similar to none, and has no gradient', () => {
    const x = filled(dtype, [3, 2], (i) => (i < 2 ? 0 : i));
    const y = filled(dtype, [3, 2], (i) => 3 - i);
    const { value, grad } = loss.valueAndGrad(x, y, { reduction: 'none', symmetric: false });
    expect(value.data[0]).toBeCloseTo(Math.log(3), near);
    expect([...grad.data.slice(0, 2)].every((g) => g === 0)).toBe(true);
    expect([...grad.data].every(Number.isFinite)).toBe(true);
  });

  it('without rows: a mean of nothing', () => {
    const none = { data: new arrayOf[dtype](0), shape: [0, 3] };
    expect(loss(none, none)).toBeNaN();
    expect(loss(none, none, { allIgnored: 'zero' })).toBe(0);
    expect(loss(none, none, { reduction: 'sum' })).toBe(0);
    const queue = filled(dtype, [2, 3], () => 1);
    const { grad } = loss.valueAndGrad(none, queue, { symmetric: false, wrt: ['input', 'target'] });
    expect([...grad.target.data]).toEqual([0, 0, 0, 0, 0, 0]);
    const x = filled(dtype, [2, 3], (i) => i);
    const gone = { sampleWeight: new arrayOf[dtype](2), allIgnored: 'zero' };
    expect(loss(x, x, gone)).toBe(0);
    expect([...loss.grad(x, x, gone).data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('a chunk changes nothing but the last digits of the target’s gradient', () => {
    const r = random(6);
    const x = filled(dtype, [90, 7], () => r() - 0.5);
    const y = filled(dtype, [90, 7], () => r() - 0.5);
    const wrt = ['input', 'target'];
    for (const symmetric of [true, false]) {
      const whole = loss.valueAndGrad(x, y, { wrt, symmetric });
      for (const chunkRows of [1, 8, 19]) {
        const cut = loss.valueAndGrad(x, y, { wrt, symmetric, chunkRows });
        if (!symmetric) {
          expect(cut.value).toBe(whole.value);
          expectSame(cut.grad.input, whole.grad.input, `chunks of ${chunkRows}`);
        }
        expect(cut.value).toBeCloseTo(whole.value, near);
        for (const name of wrt)
          cut.grad[name].data.forEach((g: number, i: number) => {
            expect(g).toBeCloseTo(whole.grad[name].data[i], near);
          });
      }
    }
  });

  it('refuses other shapes, and results over what is still read', () => {
    const x = filled(dtype, [3, 2], (i) => i);
    const y = filled(dtype, [3, 2], (i) => i);
    expect(code(() => loss(x.data, y.data))).toBe('ERR_SHAPE');
    expect(
      code(() =>
        loss(
          x,
          filled(dtype, [2, 3], () => 1),
        ),
      ),
    ).toBe('ERR_SHAPE');
    const empty = { data: new arrayOf[dtype](0), shape: [3, 0] };
    expect(code(() => loss(empty, empty))).toBe('ERR_SHAPE');
    expect(code(() => loss(x, y, { chunkRows: 0 }))).toBe('ERR_OPTION');
    expect(code(() => loss.grad(x, y, { wrt: 'target', out: y }))).toBe('ERR_OPTION');
    expect(code(() => loss.grad(x, y, { out: y }))).toBe('ERR_OPTION');
    expect(code(() => loss.grad(x, y, { out: x }))).toBe('nothing thrown');
  });
});

/** The bound of a similarity: 3e-6 of the sum of the products' sizes. */
describe('similarities', () => {
  it.each(backends)('are within their bound: %s', (backend) => {
    const { infoNce: loss } = loaded[backend] as Any;
    const r = random(7);
    const kinds: ((i: number) => number)[] = [
      () => r() - 0.5,
      () => 2 ** (10 * r() - 5) * (r() < 0.5 ? -1 : 1),
      // equal terms, whose roundings do not cancel
      () => 0.1,
      (i) => (i % 2 ? -1 : 1) * (0.7 + 1e-3 * r()),
    ];
    let worst = 0;
    for (const features of [1, 7, 128, 129, 640, 4096])
      for (const draw of kinds)
        for (const normalize of [true, false]) {
          // one more feature, of which only the second of two others has something, is what tells them apart
          const width = features + 1;
          const x = filled('f32', [1, width], (i) => (i === features ? 1 : draw(i)));
          const y = filled('f32', [2, width], (i) => (i < features ? draw(i) : i === 2 * width - 1 ? 1 : 0));
          const norm = (t: Any, at: number): number =>
            normalize ? Math.hypot(...t.data.slice(at, at + width)) : 1;
          const scale = normalize ? 1000 : 8;
          let near = 0;
          let size = 0;
          const over = norm(x, 0) * norm(y, 0);
          for (let k = 0; k < features; k++) {
            near += (scale * x.data[k] * y.data[k]) / over;
            size += Math.abs((scale * x.data[k] * y.data[k]) / over);
          }
          const far = scale / norm(x, 0) / norm(y, width);
          // the loss of a row that is certainly behind is the difference of both
          if (far - near < 40) continue;
          const value = loss(x, y, { symmetric: false, normalize, logitScale: scale });
          const error = Math.abs(far - near - value) - 3e-7 * (Math.abs(value) + Math.abs(far));
          worst = Math.max(worst, error / size);
        }
    expect(worst).toBeLessThan(3e-6);
  });
});
