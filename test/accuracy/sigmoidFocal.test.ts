// Focal loss of labels 0 and 1 in both tails, whichever way its power is computed, and of all else that is legal, from the least
// logit to the greatest; without a γ it is BCE with logits to the bit.
import { describe, expect, it } from 'vitest';
import { backends, dtypes, floats, loaded } from '../instances.ts';
import { random } from '../random.ts';
import { sigmoid, softplus } from '../reference/scalar.ts';
import { rows } from '../rows/index.ts';
import { worstOf } from './worst.ts';

type Any = any;

describe.each(dtypes)('%s', (dtype) => {
  const worst = worstOf('sigmoidFocal', dtype);
  const r = random(12);
  const n = 400;
  const logits = floats(
    dtype,
    Array.from({ length: n }, (_, i) => (i % 2 ? 40 : 160) * (r() - 0.5)),
  );
  const labels = floats(
    dtype,
    Array.from({ length: n }, (_, i) => (i >> 1) % 2),
  );

  it.each(backends)('%s', (backend) => {
    const loss = (loaded[backend] as Any).sigmoidFocal;
    for (const gamma of [0, 0.25, 0.5, 1, 1.75, 2, 3, 4, 5, 7.5, 20]) {
      for (const alpha of [undefined, 0.25, 0, 1]) {
        const options = alpha === undefined ? { gamma } : { gamma, alpha };
        const { value, grad } = loss.valueAndGrad(logits, labels, {
          ...options,
          reduction: 'none',
          wrt: ['input', 'target'],
        });
        const { hess } = loss.gradAndHess(logits, labels, options);
        logits.forEach((x: number, i: number) => {
          const t = labels[i];
          // the logit of the label
          const m = t === 1 ? x : -x;
          const [p, u, c] = [sigmoid(m), sigmoid(-m), softplus(-m)];
          const power = Math.exp(-gamma * softplus(m));
          const scaled = power * (alpha === undefined ? 1 : t === 1 ? alpha : 1 - alpha);
          const tilt = alpha === undefined ? 0 : 2 * alpha - 1;
          const bound = dtype === 'f64' ? 2e-13 : gamma * Math.max(m, 0) > 63 || m > 63 ? 5e-6 : 4e-6;
          const check = (kind: string, got: number, want: number, size = Math.abs(want)) =>
            worst[backend].check(
              kind,
              got,
              want,
              size,
              bound,
              () => `x ${x}, label ${t}, γ ${gamma}, α ${alpha}`,
            );
          check('value', value.data[i], scaled * c);
          check('gradient', grad.input.data[i], (t === 1 ? -1 : 1) * scaled * (gamma * p * c + u));
          const [turn, direct] = [scaled * gamma * (c / u) * (sigmoid(-x) - sigmoid(x)), -scaled * x];
          check(
            'target’s gradient',
            grad.target.data[i],
            tilt * power * c + turn + direct,
            Math.abs(tilt * power * c) + Math.abs(turn) + Math.abs(direct),
          );
          const [bend, own] = [scaled * p * gamma * c, scaled * p * (2 * gamma + 1) * u];
          check(
            'second derivative',
            hess.data[i],
            Math.max(0, bend * (gamma * p - u) + own),
            bend * (gamma * p + u) + own,
          );
        });
      }
    }
    worst[backend].expectBounded();
  });

  it.each(backends)('any logit, target and γ: %s', (backend) => {
    const loss = (loaded[backend] as Any).sigmoidFocal;
    const r = random(173);
    const [least, most] = dtype === 'f32' ? [-45, 38] : [-323, 307];
    const power = (low: number, high: number) => 10 ** (low + (high - low) * r());
    const n = 60;
    const bound = dtype === 'f32' ? 4e-6 : 1e-13;
    for (let round = 0; round < 500; round++) {
      const pick = (...draws: (() => number)[]) => draws[Math.floor(draws.length * r())]();
      const [gamma, labelSmoothing, alpha] = floats(dtype, [
        pick(
          () => Math.floor(5 * r()),
          () => 5 * r(),
          () => power(-6, 8),
        ),
        pick(
          () => 0,
          () => r(),
          () => power(-30, 0),
          () => 1,
        ),
        pick(
          () => Number.NaN,
          () => 0,
          () => 1,
          () => r(),
        ),
      ]);
      const options = { gamma, labelSmoothing, ...(Number.isNaN(alpha) ? {} : { alpha }) };
      const draw = (...draws: (() => number)[]) =>
        floats(
          dtype,
          Array.from({ length: n }, () => pick(...draws)),
        );
      const sign = () => (r() < 0.5 ? -1 : 1);
      const x = draw(
        () => 8 * (r() - 0.5),
        () => 200 * (r() - 0.5),
        () => sign() * power(least, 0),
        () => sign() * power(0, most),
        () => sign() * 0,
      );
      const t = draw(
        () => 0,
        () => 1,
        () => r(),
        // below that, in f32, e^−|x| is missing to u from |x| = 87.3 on: it is flushed to 0
        () => power(dtype === 'f32' ? -31 : least, 0),
        () => 1 - power(-16, 0),
      );
      const call = { ...options, reduction: 'none', wrt: ['input', 'target'] };
      const { value, grad } = loss.valueAndGrad(x, t, call);
      for (let i = 0; i < n; i++) {
        const want = rows.sigmoidFocal.point!(x[i], t[i], options, 1);
        const size = rows.sigmoidFocal.size!(x[i], t[i], { ...options, dtype }, 1);
        for (const [kind, got] of [
          ['value', value.data[i]],
          ['dInput', grad.input.data[i]],
          ['dTarget', grad.target.data[i]],
        ] as const)
          worst[backend].check(
            `any ${kind}`,
            got,
            // a result beyond the dtype
            floats(dtype, [want[kind]!])[0] ** 2 === Number.POSITIVE_INFINITY && !Number.isFinite(got)
              ? got
              : want[kind]!,
            Math.max(size[kind]!, dtype === 'f32' ? 2 ** -126 / bound : 2 ** -1022 / bound),
            bound,
            () => `x ${x[i]}, target ${t[i]}, ${JSON.stringify(options)}`,
            0,
          );
      }
    }
    worst[backend].expectBounded();
  });

  it.each(backends)('a γ of any size, and logits that leave a number of its power: %s', (backend) => {
    const { sigmoidFocal } = loaded[backend] as Any;
    const r = random(77);
    const base = dtype === 'f32' ? 5e-6 : 1e-13;
    for (let round = 0; round < 500; round++) {
      const [gamma] = floats(dtype, [10 ** (8 * r())]);
      const exponent = (dtype === 'f32' ? 65 : 650) * r();
      // log(1 + e^x) that gives it
      const x = floats(
        dtype,
        Array.from(
          { length: 40 },
          () => Math.log(Math.expm1(Math.min(0.69, exponent / gamma))) * (1 + 0.02 * r()),
        ),
      );
      const { data } = sigmoidFocal(
        x,
        x.map(() => 1),
        { gamma, reduction: 'none' },
      );
      x.forEach((logit: number, i: number) => {
        const lost = gamma * Math.log1p(Math.exp(logit));
        const want = Math.exp(-lost) * softplus(-logit);
        worst[backend].check(
          'any power',
          data[i],
          want,
          want,
          base + (dtype === 'f32' ? 2.5e-7 : 2.5e-15) * lost,
          () => `x ${logit}, γ ${gamma}`,
        );
      });
    }
    worst[backend].expectBounded();
  });

  it.each(backends)('γ = 0 is BCE with logits: %s', (backend) => {
    const { bceWithLogits, sigmoidFocal } = loaded[backend] as Any;
    const soft = labels.map((t: number, i: number) => (i % 3 ? t : r()));
    for (const labelSmoothing of [0, 0.2]) {
      const options = { labelSmoothing, reduction: 'none', wrt: ['input', 'target'] };
      const wanted = bceWithLogits.valueAndGrad(logits, soft, options);
      expect(sigmoidFocal.valueAndGrad(logits, soft, { ...options, gamma: 0 })).toEqual(wanted);
      const { hess } = sigmoidFocal.gradAndHess(logits, soft, { gamma: 0, labelSmoothing });
      const other = bceWithLogits.gradAndHess(logits, soft, { labelSmoothing }).hess;
      hess.data.forEach((h: number, i: number) => {
        expect(Math.abs(h - other.data[i])).toBeLessThanOrEqual(2 ** -22 * other.data[i]);
      });
    }
  });
});
