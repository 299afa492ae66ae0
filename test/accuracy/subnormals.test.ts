// Numbers below the least normal one have few digits. A product of them with a large number must not lose the digits of its
// factors: against exact arithmetic, over all that the dtype has.
import { describe, expect, it } from 'vitest';
import { type arrayOf, backends, dtypes, floats, loaded } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { exp, LN2, toFixed } from '../reference/exact.ts';
import { boundAt, ulp, worstOf } from './worst.ts';

type Any = any;
type Dtype = keyof typeof arrayOf;

/** mantissa · 2^exponent, exactly. */
type Exact = readonly [mantissa: bigint, exponent: number];

function exact(x: number): Exact {
  if (x === 0) return [0n, 0];
  let exponent = Math.max(-1074, Math.floor(Math.log2(Math.abs(x))) - 53);
  // two factors: 2^1074 is no number
  const up = 2 ** -Math.floor(exponent / 2);
  let mantissa = x * up * 2 ** -(exponent - Math.floor(exponent / 2));
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  return [BigInt(mantissa), exponent];
}
const times = (...factors: Exact[]): Exact =>
  factors.reduce(([m, e], [n, f]) => [m * n, e + f] as const, [1n, 0] as Exact);
function plus([m, e]: Exact, [n, f]: Exact): Exact {
  const least = Math.min(e, f);
  return [(m << BigInt(e - least)) + (n << BigInt(f - least)), least];
}
const size = ([m, e]: Exact): Exact => [m < 0n ? -m : m, e];
/** The nearest number, or one that is too small for it to matter. */
function numberOf([m, e]: Exact): number {
  const excess = Math.max(0, size([m, e])[0].toString(2).length - 200);
  const whole = Number(m >> BigInt(excess));
  const shift = e + excess;
  const half = Math.trunc(shift / 2);
  return whole * 2 ** half * 2 ** (shift - half);
}
/** e^x for any x of the dtype that e^x is not 0 for. */
function exactExp(x: number): Exact {
  const k = Math.floor(x / Math.LN2);
  return [exp(toFixed(x) - BigInt(k) * LN2), k - 384];
}

/** Any magnitude of the dtype between two powers of ten, and a subnormal. */
const magnitude = (r: Random, dtype: Dtype, low: number, high: number): number =>
  floats(dtype, [10 ** (low + (high - low) * r())])[0];
const subnormal = (r: Random, dtype: Dtype): number =>
  floats(dtype, [(1 + integer(r, 2 ** integer(r, 22))) * (dtype === 'f32' ? 2 ** -149 : 2 ** -1074)])[0];
const top = { f32: 38, f64: 307 };

describe.each(dtypes)('%s', (dtype) => {
  const worst = worstOf('klDiv with logTarget, in ULP of its terms', dtype);

  it.each(backends)('klDiv with logTarget where e^t is subnormal: %s', (backend) => {
    const r = random(31);
    const [least, most] = dtype === 'f32' ? [-174.67, -80] : [-1416.7, -690];
    const t = floats(
      dtype,
      Float64Array.from({ length: 3000 }, () => least + (most - least) * r()),
    );
    const x = t.map(
      (_, i) => [0, -1, -(10 ** (10 * r())), -magnitude(r, dtype, -top[dtype], top[dtype])][i % 4],
    );
    const { value, grad } = (loaded[backend] as Any).klDiv.valueAndGrad(x, t, {
      logTarget: true,
      reduction: 'none',
      wrt: ['input', 'target'],
    });
    t.forEach((ti, i) => {
      const p = exactExp(ti);
      const [et, ex] = [exact(ti), exact(x[i])];
      const gap = plus(et, times(ex, [-1n, 0]));
      const terms = plus(size(et), size(ex));
      const where = () => `x ${x[i]}, target ${ti}`;
      const check = (kind: string, got: number, want: Exact, of: Exact) => {
        const unit = ulp(dtype, numberOf(of));
        worst[backend].check(kind, got / unit, numberOf(want) / unit, 1, 4, where);
      };
      check('value', value.data[i], times(p, gap), times(p, terms));
      check('gradient', grad.input.data[i], times(p, [-1n, 0]), p);
      check(
        'target’s gradient',
        grad.target.data[i],
        times(p, plus(gap, [1n, 0])),
        times(p, plus(terms, [1n, 0])),
      );
    });
    worst[backend].expectBounded();
  });

  it.each(backends)('klDiv with logTarget: NaN and what is below all: %s', (backend) => {
    const far = dtype === 'f32' ? -200 : -1500;
    const x = floats(dtype, [Number.NaN, Number.NaN, Number.NaN, -1, -(10 ** top[dtype])]);
    const t = floats(dtype, [far, Number.NEGATIVE_INFINITY, -1, far, far]);
    for (const reduction of ['none', 'sum']) {
      const options = { logTarget: true, reduction, wrt: ['input', 'target'] };
      const { value, grad } = (loaded[backend] as Any).klDiv.valueAndGrad(x, t, options);
      const nan = [true, true, true, false, false];
      if (reduction === 'none') expect([...value.data].map(Number.isNaN)).toEqual(nan);
      else expect(value).toBeNaN();
      expect([...grad.target.data].map(Number.isNaN)).toEqual(nan);
      // −e^t does not depend on x
      expect([...grad.input.data].map((g) => Math.abs(g))).toEqual([
        0,
        0,
        expect.closeTo(Math.exp(-1), 6),
        0,
        0,
      ]);
      expect(Math.abs(grad.target.data[4])).toBeLessThan(dtype === 'f32' ? 2 ** -123 : 2 ** -1019);
    }
  });

  const logits = worstOf('bceWithLogits, relative', dtype);

  it.each(backends)('bceWithLogits: posWeight, target and logit of any magnitude: %s', (backend) => {
    const r = random(32);
    const high = top[dtype];
    const n = 4000;
    const any = () => magnitude(r, dtype, -high, high);
    const x = floats(
      dtype,
      Float64Array.from({ length: n }, () => -any() - (r() < 0.5 ? 800 : 0)),
    );
    const t = x.map(() => (r() < 0.6 ? subnormal(r, dtype) : magnitude(r, dtype, -high, 0)));
    const q = x.map(() => (r() < 0.1 ? subnormal(r, dtype) : any()));
    const { value, grad } = (loaded[backend] as Any).bceWithLogits.valueAndGrad(x, t, {
      posWeight: q,
      reduction: 'none',
    });
    const limit = dtype === 'f32' ? 2 ** 127 : 2 ** 1023;
    for (let i = 0; i < n; i++) {
      if (x[i] > -800) continue;
      // softplus(−x) is −x, softplus(x) and σ(x) are 0
      const weight = times(exact(q[i]), exact(t[i]));
      const want = numberOf(times(weight, exact(-x[i])));
      const where = () => `x ${x[i]}, target ${t[i]}, posWeight ${q[i]}`;
      if (want < limit) logits[backend].check('value', value.data[i], want, want, boundAt(dtype, 0), where);
      const slope = numberOf(weight);
      if (slope < limit)
        logits[backend].check('gradient', grad.data[i], -slope, slope, boundAt(dtype, 0), where);
    }
    logits[backend].expectBounded();
  });

  const products = worstOf('subnormal targets and weights, in ULP', dtype);

  it.each(backends)('a subnormal factor of the other losses: %s', (backend) => {
    const F = loaded[backend] as Any;
    const r = random(33);
    const n = 400;
    const tiny = floats(
      dtype,
      Float64Array.from({ length: n }, () => subnormal(r, dtype)),
    );
    const large = tiny.map(() => magnitude(r, dtype, 0, top[dtype] / 2 - 1));
    const check = (kind: string, got: ArrayLike<number>, want: (i: number) => number) => {
      for (let i = 0; i < n; i++) {
        const unit = ulp(dtype, want(i));
        products[backend].check(
          kind,
          got[i] / unit,
          want(i) / unit,
          1,
          4,
          () => `${tiny[i]} and ${large[i]}`,
          0,
        );
      }
    };
    const none = { reduction: 'none' };
    const by = (...factors: number[]) => numberOf(times(...factors.map(exact)));
    check(
      'klDiv, target',
      F.klDiv(
        large.map((v) => -v),
        tiny,
        none,
      ).data,
      (i) => numberOf(times(exact(tiny[i]), plus(exact(Math.log(tiny[i])), exact(large[i])))),
    );
    const zeros = tiny.map(() => 0);
    for (const name of ['weight', 'sampleWeight'] as const) {
      const options = { ...none, [name]: tiny };
      check(`mse, ${name}`, F.mse(large, zeros, options).data, (i) => by(tiny[i], large[i], large[i]));
      check(`mse’s gradient, ${name}`, F.mse.grad(large, zeros, options).data, (i) =>
        by(tiny[i], 2, large[i]),
      );
      check(`l1, ${name}`, F.l1(large, zeros, options).data, (i) => by(tiny[i], large[i]));
      check(
        `bceWithLogits, ${name}`,
        F.bceWithLogits(
          large.map((v) => v + 999),
          zeros,
          options,
        ).data,
        (i) => by(tiny[i], floats(dtype, [large[i] + 999])[0]),
      );
    }
    check(
      'bceWithLogits, target',
      F.bceWithLogits(
        large.map((v) => -v - 999),
        tiny,
        none,
      ).data,
      (i) => by(tiny[i], floats(dtype, [large[i] + 999])[0]),
    );
    const rows = { data: large.map((v) => -v), shape: [n, 1] };
    const labels = new Int32Array(n);
    check('nll, sampleWeight', F.nll(rows, labels, { ...none, sampleWeight: tiny }).data, (i) =>
      by(tiny[i], large[i]),
    );
    check('nll, gradOutput', F.nll.grad(rows, labels, { ...none, gradOutput: tiny }).data, (i) => -tiny[i]);
    check('mse, gradOutput', F.mse.grad(large, zeros, { ...none, gradOutput: tiny }).data, (i) =>
      by(tiny[i], 2, large[i]),
    );
    // the second class is `large` above the first, whose target is subnormal
    const pairs = {
      data: floats(
        dtype,
        Array.from(large).flatMap((v) => [0, v + 999]),
      ),
      shape: [n, 2],
    };
    const soft = {
      data: floats(
        dtype,
        Array.from(tiny).flatMap((v) => [v, 0]),
      ),
      shape: [n, 2],
    };
    check('crossEntropy, target', F.crossEntropy(pairs, soft, none).data, (i) =>
      by(tiny[i], floats(dtype, [large[i] + 999])[0]),
    );
    check(
      'crossEntropy, sampleWeight',
      F.crossEntropy(pairs, labels, { ...none, sampleWeight: tiny }).data,
      (i) => by(tiny[i], floats(dtype, [large[i] + 999])[0]),
    );
    products[backend].expectBounded();
  });
});
