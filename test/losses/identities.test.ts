// Identities between losses and helpers.
import { describe, expect, it } from 'vitest';
import { arrayOf, loaded, matrix, roundoff } from '../instances.ts';
import { random } from '../random.ts';
import { expectSame } from './bits.ts';

type Any = any;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const r = random(3);
  const make = (shape: number[], scale = 8) => ({
    data: (arrayOf[dtype] as Float32ArrayConstructor).from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
      Math.fround(scale * (r() - 0.5)),
    ),
    shape,
  });
  const labelsFor = (rows: number[], classes: number) => ({
    data: Int32Array.from({ length: rows.reduce((a, b) => a * b, 1) }, () => Math.floor(r() * classes)),
    shape: rows,
  });
  const close = (a: ArrayLike<number>, b: ArrayLike<number>, ulps: number, floor = 0) => {
    for (let i = 0; i < b.length; i++) {
      const error = Math.abs(a[i] - b[i]);
      expect(error, `${a[i]} and ${b[i]} at ${i}`).toBeLessThanOrEqual(
        2 * ulps * roundoff[dtype] * Math.max(Math.abs(b[i]), floor),
      );
    }
  };
  const shapes = [[7, 5], [9, 2], [4, 200], [3, 6, 5], [2, 10, 3, 2], [8]];
  const rowsOf = (shape: number[]) => shape.filter((_, i) => i !== Math.min(1, shape.length - 1));
  const classesOf = (shape: number[]) => shape[Math.min(1, shape.length - 1)];

  it('crossEntropy(x, t) = nll(logSoftmax(x), t), value and gradient', () => {
    for (const shape of shapes) {
      const x = make(shape);
      const t = labelsFor(rowsOf(shape), classesOf(shape));
      const weight = make([classesOf(shape)]).data.map((w: number) => Math.abs(w) + 0.1);
      for (const reduction of ['mean', 'sum', 'none']) {
        for (const options of [{ reduction }, { reduction, weight }, { reduction, ignoreIndex: 1 }]) {
          const direct = F.crossEntropy.valueAndGrad(x, t, options);
          const logp = F.logSoftmax(x);
          const composed = F.nll.valueAndGrad(logp, t, options);
          const grad = F.logSoftmax.grad(logp, composed.grad);
          const list = (v: Any) => (typeof v === 'number' ? [v] : v.data);
          close(list(composed.value), list(direct.value), 6);
          close(grad.data, direct.grad.data, 16);
        }
      }
    }
  });

  it('crossEntropy of a one-hot distribution = of its index, bit for bit', () => {
    for (const shape of shapes) {
      const x = make(shape);
      const rows = rowsOf(shape);
      const classes = classesOf(shape);
      const t = labelsFor(rows, classes);
      const onehot = make(shape);
      onehot.data.fill(0);
      const inner = shape.slice(2).reduce((a, b) => a * b, 1);
      t.data.forEach((label: number, row: number) => {
        onehot.data[(Math.floor(row / inner) * classes + label) * inner + (row % inner)] = 1;
      });
      const weight = make([classes]).data.map((w: number) => Math.abs(w) + 0.1);
      for (const options of [{}, { weight }, { labelSmoothing: 0.1 }, { labelSmoothing: 0.2, weight }]) {
        for (const gradOutput of [1, -0.75]) {
          const all = { ...options, reduction: 'sum', gradOutput };
          const index = F.crossEntropy.valueAndGrad(x, t, all);
          const distribution = F.crossEntropy.valueAndGrad(x, onehot, all);
          expectSame(distribution.value, index.value, `[${shape}] value`);
          expectSame(distribution.grad, index.grad, `[${shape}] gradient`);
        }
      }
    }
  });

  it('crossEntropy of probabilities is H(p, q) = −Σ p log q', () => {
    const [n, c] = [6, 7];
    const x = make([n, c]);
    const q = F.softmax(x);
    const p = F.softmax(make([n, c]));
    let entropy = 0;
    for (let i = 0; i < n * c; i++) entropy -= p.data[i] * Math.log(q.data[i]);
    close([F.crossEntropy(q, p, { fromLogits: false, reduction: 'sum' })], [entropy], 16);
    close([F.crossEntropy(x, p, { reduction: 'sum' })], [entropy], 16);
    // one-hot truth: only the target's −log q is left
    const t = labelsFor([n], c);
    let nll = 0;
    t.data.forEach((label: number, i: number) => {
      nll -= Math.log(q.data[i * c + label]);
    });
    close([F.crossEntropy(q, t, { fromLogits: false, reduction: 'sum' })], [nll], 16);
  });

  it('klDiv = crossEntropy − entropy', () => {
    const shape = [5, 6];
    const x = make(shape);
    const t = F.softmax(make(shape));
    let entropy = 0;
    for (const p of t.data) entropy -= p * Math.log(p);
    const kl = F.klDiv(F.logSoftmax(x), t, { reduction: 'sum' });
    close([kl + entropy], [F.crossEntropy(x, t, { reduction: 'sum' })], 32);
    const logT = { data: t.data.map(Math.log), shape };
    close(
      [F.klDiv(F.logSoftmax(x), logT, { reduction: 'sum', logTarget: true })],
      [kl],
      64,
      Math.abs(kl) + entropy,
    );
  });

  it('bceWithLogits(x, t) = bce(sigmoid(x), t)', () => {
    const x = make([40], 6);
    const t = { data: make([40]).data.map((v: number) => (v > 0 ? 1 : 0)), shape: [40] };
    close(
      F.bce(F.sigmoid(x), t, { reduction: 'none' }).data,
      F.bceWithLogits(x, t, { reduction: 'none' }).data,
      200,
    );
  });

  it('bceWithLogits(x, 1) = bceWithLogits(−x, 0), bit for bit', () => {
    const x = make([1003], 60);
    const minus = { data: x.data.map((v: number) => -v), shape: x.shape };
    const [zeros, ones] = [make([1003]), make([1003])];
    zeros.data.fill(0);
    ones.data.fill(1);
    for (const reduction of ['mean', 'sum', 'none']) {
      const a = F.bceWithLogits.valueAndGrad(x, ones, { reduction });
      const b = F.bceWithLogits.valueAndGrad(minus, zeros, { reduction });
      expectSame(a.value, b.value, reduction);
      expectSame(a.grad, { data: b.grad.data.map((g: number) => 0 - g) }, reduction);
    }
  });

  it('crossEntropy does not change when every logit moves by an exact constant, bit for bit', () => {
    for (const shape of shapes) {
      const x = make(shape);
      x.data.forEach((v: number, i: number) => {
        x.data[i] = Math.round(v * 64) / 64;
      });
      const t = labelsFor(rowsOf(shape), classesOf(shape));
      const moved = { data: x.data.map((v: number) => v + 32), shape };
      const [a, b] = [F.crossEntropy.valueAndGrad(x, t), F.crossEntropy.valueAndGrad(moved, t)];
      expectSame(a.value, b.value, `[${shape}]`);
      expectSame(a.grad, b.grad, `[${shape}]`);
    }
  });

  it('gradient rows of crossEntropy sum to 0 within 2⁻²² of the largest', () => {
    for (const shape of [
      [64, 10],
      [16, 500],
    ]) {
      const { data } = F.crossEntropy.grad(make(shape), labelsFor([shape[0]], shape[1]), {
        reduction: 'sum',
      });
      for (let i = 0; i < shape[0]; i++) {
        const row = data.subarray(i * shape[1], (i + 1) * shape[1]);
        const largest = Math.max(...row.map(Math.abs));
        expect(Math.abs(row.reduce((a: number, b: number) => a + b, 0))).toBeLessThanOrEqual(
          2 ** -22 * Math.max(largest, 1),
        );
      }
    }
  });

  it('huber with delta 1 = smoothL1 with beta 1; huber = delta · smoothL1', () => {
    const [x, t] = [make([50]), make([50])];
    close(F.huber(x, t, { reduction: 'none' }).data, F.smoothL1(x, t, { reduction: 'none' }).data, 2);
    const smooth = F.smoothL1(x, t, { reduction: 'none', beta: 0.5 });
    close(
      F.huber(x, t, { reduction: 'none', delta: 0.5 }).data,
      smooth.data.map((v: number) => 0.5 * v),
      4,
    );
    expectSame(F.smoothL1.valueAndGrad(x, t, { beta: 0 }).grad, F.l1.grad(x, t), 'beta 0');
  });

  it('softmax = exp(logSoftmax) and sums to 1; logSumExp fits both', () => {
    for (const shape of shapes) {
      const x = make(shape);
      const [p, logp, lse] = [F.softmax(x), F.logSoftmax(x), F.logSumExp(x)];
      close(p.data, logp.data.map(Math.exp), 32);
      expect(lse.shape).toEqual(rowsOf(shape));
      const total = p.data.reduce((a: number, b: number) => a + b, 0);
      close([total], [lse.data.length], 16);
      // logSumExp's gradient is softmax
      const ones = { data: lse.data.slice().fill(1), shape: lse.shape };
      close(F.logSumExp.grad(x, ones).data, p.data, 4);
    }
  });

  it('helpers’ backwards against central differences', () => {
    if (dtype === 'f32') return;
    for (const name of ['softmax', 'logSoftmax', 'logSumExp', 'sigmoid']) {
      for (const shape of [
        [4, 5],
        [3, 70],
        [2, 3, 4],
      ]) {
        const x = make(shape, 4);
        const y = F[name](x);
        const go = make([...y.shape]);
        const grad = F[name].grad(name === 'logSumExp' ? x : y, go).data;
        const at = (): number => {
          const { data } = F[name](x);
          let sum = 0;
          for (let i = 0; i < data.length; i++) sum += data[i] * go.data[i];
          return sum;
        };
        for (let i = 0; i < x.data.length; i += 3) {
          const [x0, h] = [x.data[i], 1e-3];
          const d = (k: number): number => {
            x.data[i] = x0 + k * h;
            const up = at();
            x.data[i] = x0 - k * h;
            const down = at();
            x.data[i] = x0;
            return up - down;
          };
          expect(Math.abs((45 * d(1) - 9 * d(2) + d(3)) / (60 * h) - grad[i])).toBeLessThan(1e-9);
        }
      }
    }
  });
});
