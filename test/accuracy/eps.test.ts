// The eps of bce and of crossEntropy on probabilities against exact arithmetic: eps is rounded to the dtype, and from there p and
// 1 − p are clipped, or added to, each for itself. All that is legal is drawn from: eps over its whole range, p around every
// joint, subnormal p, labels and soft targets.
import { describe, expect, it } from 'vitest';
import { type arrayOf, backends, dtypes, floats, loaded } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { log, toFixed, toNumber } from '../reference/exact.ts';
import { ulp, worstOf } from './worst.ts';

type Any = any;
type Dtype = keyof typeof arrayOf;
type Mode = 'clip' | 'add';

const ONE = toFixed(1);
const mul = (a: bigint, b: bigint): bigint => (a * b) >> 384n;
const div = (a: bigint, b: bigint): bigint => (a << 384n) / b;
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const size = (a: bigint): bigint => (a < 0n ? -a : a);

/** log p, log(1 − p) and what their derivatives are of, all with eps. */
function exactLogs(p: bigint, eps: bigint, mode: Mode) {
  const within = (v: bigint) => (mode === 'add' ? v + eps : most(eps, least(v, ONE - eps)));
  const isClipped = mode === 'clip' && (p < eps || ONE - p < eps);
  const [yes, no] = [within(p), within(ONE - p)];
  return {
    yes: log(yes),
    no: log(no),
    dYes: isClipped ? 0n : div(ONE, yes),
    dNo: isClipped ? 0n : div(ONE, no),
  };
}

/** Each result, and the sum of the magnitudes of its terms. */
function exactBce(x: number, t: number, eps: number, mode: Mode) {
  const { yes, no, dYes, dNo } = exactLogs(toFixed(x), toFixed(eps), mode);
  const z = toFixed(t);
  const parts = (a: bigint, b: bigint) => ({ want: toNumber(a + b), size: toNumber(size(a) + size(b)) });
  return {
    value: parts(-mul(z, yes), -mul(ONE - z, no)),
    grad: parts(-mul(z, dYes), mul(ONE - z, dNo)),
    gradTarget: parts(no, -yes),
  };
}

/** From 1e-30 to 0.49, evenly in the logarithm. */
const drawEps = (r: Random): number => 10 ** (-30 + (Math.log10(0.49) + 30) * r());

/** k numbers of the dtype further. */
function beside(dtype: Dtype, x: number, k: number): number {
  const at = floats(dtype, [x]);
  if (at instanceof Float32Array) new Int32Array(at.buffer)[0] += k;
  else new BigInt64Array(at.buffer)[0] += BigInt(k);
  return at[0];
}

/** A probability, mostly one at which something happens; `e` is eps of the dtype. */
function drawP(r: Random, dtype: Dtype, e: number): number {
  const near = (x: number) => beside(dtype, x, integer(r, 9) - 4);
  const top = floats(dtype, [1 - e])[0];
  const tiny = 2 ** -(dtype === 'f32' ? 126 + 23 * r() : 1022 + 52 * r());
  const draws = [
    0,
    1,
    e,
    top,
    near(e),
    near(top),
    near(0.5),
    near(0.75),
    beside(dtype, 1, -1 - integer(r, 99)),
    tiny,
  ];
  draws.push(r(), e * r(), e * (1 + r()), 1 - e * r(), 1 - e * (1 + r()), 1 - r() ** 9, 10 ** (-37 * r()));
  const [p] = floats(dtype, [draws[integer(r, draws.length)]]);
  return Math.min(1, Math.max(0, p));
}

const drawT = (r: Random, dtype: Dtype): number =>
  r() < 0.5 ? integer(r, 2) : floats(dtype, [r() < 0.2 ? 10 ** (-37 * r()) : r()])[0];

const rounds = 120;
const count = 17;

describe.each(dtypes)('%s', (dtype) => {
  const checked = (title: string) => {
    const worst = worstOf(`${title}, in ULP`, dtype);
    return (
      backend: 'wasm' | 'js',
      kind: string,
      got: number,
      want: number,
      of: number,
      where: () => string,
    ) => {
      // below the least normal number nothing is promised but the magnitude
      const unit = ulp(dtype, of);
      const limit = dtype === 'f32' ? 2 ** 128 - 2 ** 103 : Number.MAX_VALUE;
      if (Math.abs(want) >= limit) want = Math.sign(want) * Number.POSITIVE_INFINITY;
      worst[backend].check(kind, got / unit, want / unit, 1, 4, where);
      worst[backend].expectBounded();
    };
  };

  describe.each(['clip', 'add'] as const)('%s', (epsMode) => {
    const check = checked(`bce, eps, ${epsMode}`);
    it.each(backends)('bce: %s', (backend) => {
      const r = random(71);
      const loss = (loaded[backend] as Any).bce;
      for (let round = 0; round < rounds; round++) {
        const eps = drawEps(r);
        const [e] = floats(dtype, [eps]);
        const x = Array.from({ length: count }, () => drawP(r, dtype, e));
        const t = x.map(() => drawT(r, dtype));
        const operands = [floats(dtype, x), floats(dtype, t)];
        const options = { eps, epsMode, wrt: ['input', 'target'] };
        const none = loss.valueAndGrad(...operands, { ...options, reduction: 'none' });
        const plain = loss.valueAndGrad(...operands, { eps, epsMode, reduction: 'sum' });
        let total = 0;
        let terms = 0;
        x.forEach((p, i) => {
          const { value, grad, gradTarget } = exactBce(p, t[i], e, epsMode);
          const where = () => `x ${p}, target ${t[i]}, eps ${eps} (${e})`;
          check(backend, 'value', none.value.data[i], value.want, value.size, where);
          check(backend, 'gradient', none.grad.input.data[i], grad.want, grad.size, where);
          check(backend, 'gradient of a sum', plain.grad.data[i], grad.want, grad.size, where);
          check(
            backend,
            'target’s gradient',
            none.grad.target.data[i],
            gradTarget.want,
            gradTarget.size,
            where,
          );
          total += value.want;
          terms += value.size;
        });
        expect(Math.abs(plain.value - total), `eps ${eps}`).toBeLessThanOrEqual(4e-7 * terms);
      }
    });

    const checkClasses = checked(`crossEntropy on probabilities, eps, ${epsMode}`);
    it.each(backends)('crossEntropy on probabilities: %s', (backend) => {
      const r = random(72);
      const loss = (loaded[backend] as Any).crossEntropy;
      for (let round = 0; round < rounds; round++) {
        const eps = drawEps(r);
        const [e] = floats(dtype, [eps]);
        const classes = [2, 3, 5, 70][integer(r, 4)];
        const inner = r() < 0.3 ? 3 : 1;
        const shape = inner > 1 ? [2, classes, inner] : [4, classes];
        const data = Array.from({ length: shape.reduce((a, b) => a * b) }, () => drawP(r, dtype, e));
        const input = { data: floats(dtype, data), shape };
        const rows = inner > 1 ? [2, inner] : [4];
        const labels = Int32Array.from({ length: rows.reduce((a, b) => a * b) }, () => integer(r, classes));
        const options = { fromLogits: false, eps, epsMode, reduction: 'none' };
        const exact = data.map((p) => exactLogs(toFixed(p), toFixed(e), epsMode));
        const at = (row: number, j: number) =>
          (Math.floor(row / inner) * classes + j) * inner + (row % inner);

        // a label alone, and the same as a distribution: two loops
        const oneHot = floats(dtype, new Float64Array(data.length));
        labels.forEach((label, row) => {
          oneHot[at(row, label)] = 1;
        });
        const one = loss.valueAndGrad(input, { data: labels, shape: rows }, options);
        const all = loss.valueAndGrad(
          input,
          { data: oneHot, shape },
          { ...options, wrt: ['input', 'target'] },
        );
        labels.forEach((label, row) => {
          const i = at(row, label);
          const where = () => `x ${data[i]}, eps ${eps} (${e}), shape ${shape}`;
          const loss = -toNumber(exact[i].yes);
          const slope = -toNumber(exact[i].dYes);
          checkClasses(backend, 'value', one.value.data[row], loss, loss, where);
          checkClasses(backend, 'value, soft', all.value.data[row], loss, loss, where);
          checkClasses(backend, 'gradient', one.grad.data[i], slope, slope, where);
          checkClasses(backend, 'gradient, soft', all.grad.input.data[i], slope, slope, where);
        });
        exact.forEach(({ yes }, i) => {
          const where = () => `x ${data[i]}, eps ${eps} (${e})`;
          const loss = -toNumber(yes);
          checkClasses(backend, 'target’s gradient', all.grad.target.data[i], loss, loss, where);
        });
      }
    });
  });

  it.each(backends)('the border is inside, its neighbour is not: %s', (backend) => {
    const F = loaded[backend] as Any;
    for (const eps of [0.25, 2 ** -20, 1e-7, 0.1]) {
      const [e] = floats(dtype, [eps]);
      // the least and the greatest p that are not clipped
      let top = floats(dtype, [1 - e])[0];
      if (1 - top < e) top = beside(dtype, top, -1);
      const x = [beside(dtype, e, -1), e, top, beside(dtype, top, 1)];
      const grad = F.bce.grad(floats(dtype, x), floats(dtype, [1, 1, 1, 1]), { eps, reduction: 'sum' }).data;
      expect([...grad].map((g) => g !== 0)).toEqual([false, true, true, false]);
      const rows = { data: floats(dtype, x), shape: [4, 1] };
      const slopes = F.crossEntropy.grad(rows, new Int32Array(4), {
        fromLogits: false,
        eps,
        reduction: 'sum',
      });
      expect([...slopes.data].map((g) => g !== 0)).toEqual([false, true, true, false]);
    }
  });

  it.each(backends)('an eps that the dtype has no number for is none: %s', (backend) => {
    const F = loaded[backend] as Any;
    const eps = dtype === 'f32' ? 1e-46 : 0;
    const [x, t] = [floats(dtype, [0, 1, 0.25]), floats(dtype, [1, 0, 1])];
    for (const epsMode of ['clip', 'add']) {
      const got = F.bce.valueAndGrad(x, t, { eps, epsMode, reduction: 'none' });
      const want = F.bce.valueAndGrad(x, t, { reduction: 'none', weight: 1 });
      expect([...got.value.data, ...got.grad.data]).toEqual([...want.value.data, ...want.grad.data]);
      const rows = { data: floats(dtype, [0, 1]), shape: [1, 2] };
      const options = { fromLogits: false, eps, epsMode };
      expect(F.crossEntropy(rows, Int32Array.of(0), options)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it.each(backends)('what is no probability: %s', (backend) => {
    const F = loaded[backend] as Any;
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const x = floats(dtype, [nan, -nan, -0.25, 1.25, -inf, inf, -0]);
    const t = x.map(() => 1);
    const bce = (epsMode: Mode) => {
      const { value, grad } = F.bce.valueAndGrad(x, t, { eps: 0.25, epsMode, reduction: 'none' });
      return [[...value.data], [...grad.data]];
    };
    const [least, most] = [Math.log(4), -Math.log(0.75)];
    const near = (list: number[]) => list.map((v) => (Number.isNaN(v) ? v : expect.closeTo(v, 5)));
    expect(bce('clip')).toEqual([
      near([nan, nan, least, most, least, most, least]),
      [nan, nan, 0, 0, 0, 0, 0],
    ]);
    expect(bce('add')).toEqual([
      near([nan, nan, nan, nan, nan, nan, least]),
      [nan, nan, nan, nan, nan, nan, -4],
    ]);
    const rows = { data: x, shape: [7, 1] };
    const options = { fromLogits: false, eps: 0.25, reduction: 'none' };
    const { value, grad } = F.crossEntropy.valueAndGrad(rows, new Int32Array(7), options);
    expect([...value.data]).toEqual(near([nan, nan, least, most, least, most, least]));
    expect([...grad.data]).toEqual(
      [nan, nan, 0, 0, 0, 0, 0].map((v) => (v === 0 ? expect.closeTo(0, 9) : v)),
    );
  });
});
