// Smoothed labels of binary losses: a target of 1 leaves half the smoothing, however small, to the other outcome, where a right answer
// is sure that half is most of the loss.
import { describe, it } from 'vitest';
import { backends, dtypes, floats, loaded } from '../instances.ts';
import { random } from '../random.ts';
import { sigmoid, smoothed, softplus } from '../reference/scalar.ts';
import { boundAt, worstOf } from './worst.ts';

type Any = any;

describe.each(dtypes)('%s', (dtype) => {
  const r = random(8);
  const n = 300;
  // 1e-9 is all that is left of a target of 0, and 1 all of it
  const smoothings = [1e-30, 1e-9, 1e-6, 1e-3, 0.1, 0.5, 1 - 2 ** -20, 1].map((e) => floats(dtype, [e])[0]);
  const targets = floats(
    dtype,
    Array.from({ length: n }, (_, i) => [0, 1, r()][i % 3]),
  );
  const options = (labelSmoothing: number) => ({
    labelSmoothing,
    reduction: 'none',
    wrt: ['input', 'target'],
  });

  describe('bceWithLogits', () => {
    const worst = worstOf('bceWithLogits, smoothed', dtype);
    const logits = floats(
      dtype,
      Array.from({ length: n }, () => 160 * r() - 80),
    );

    it.each(backends)('%s', (backend) => {
      for (const smoothing of smoothings) {
        const loss = (loaded[backend] as Any).bceWithLogits;
        const { value, grad } = loss.valueAndGrad(logits, targets, options(smoothing));
        const { hess } = loss.gradAndHess(logits, targets, { labelSmoothing: smoothing });
        logits.forEach((x: number, i: number) => {
          const [yes, no] = smoothed(targets[i], smoothing);
          const [p, q] = [sigmoid(x), sigmoid(-x)];
          const bound = boundAt(dtype, Math.abs(x));
          const check = (kind: string, got: number, want: number, size = Math.abs(want)) =>
            worst[backend].check(kind, got, want, size, bound, () => `x ${x}, ${targets[i]}, ε ${smoothing}`);
          check('value', value.data[i], yes * softplus(-x) + no * softplus(x));
          check('gradient', grad.input.data[i], no * p - yes * q, no * p + yes * q);
          const back = 1 - smoothing;
          check('target’s gradient', grad.target.data[i], -back * x);
          check('second derivative', hess.data[i], p * q);
        });
      }
      worst[backend].expectBounded();
    });
  });

  describe('bce', () => {
    const worst = worstOf('bce, smoothed', dtype);
    // near 1 as far as the dtype's numbers are apart, near 0 at every power
    const probabilities = floats(
      dtype,
      Array.from({ length: n }, (_, i) => [r(), 1 - 10 ** (-7 * r()), 10 ** (-25 * r())][i % 3]),
    ).reverse();

    it.each(backends)('%s', (backend) => {
      for (const smoothing of smoothings) {
        const loss = (loaded[backend] as Any).bce;
        const { value, grad } = loss.valueAndGrad(probabilities, targets, options(smoothing));
        probabilities.forEach((p: number, i: number) => {
          const [yes, no] = smoothed(targets[i], smoothing);
          const [logP, logQ] = [Math.log(p), Math.log1p(-p)].map((log) => Math.max(log, -100));
          const least = Math.max(p * (1 - p), 1e-12);
          const check = (kind: string, got: number, want: number, size = Math.abs(want)) =>
            worst[backend].check(
              kind,
              got,
              want,
              size,
              boundAt(dtype, 0),
              () => `p ${p}, ${targets[i]}, ε ${smoothing}`,
            );
          check('value', value.data[i], -yes * logP - no * logQ);
          const [up, down] = [(no * p) / least, (yes * (1 - p)) / least];
          check('gradient', grad.input.data[i], up - down, up + down);
          check(
            'target’s gradient',
            grad.target.data[i],
            (1 - smoothing) * (logQ - logP),
            Math.abs(logP) + Math.abs(logQ),
          );
        });
      }
      worst[backend].expectBounded();
    });
  });

  describe('crossEntropy of probabilities', () => {
    const worst = worstOf('crossEntropy of probabilities, smoothed', dtype);
    const classes = 7;
    const rows = 60;
    const shape = [rows, classes];
    const probabilities = floats(
      dtype,
      Array.from({ length: rows * classes }, () => (r() < 0.1 ? 0 : r() < 0.2 ? 10 ** (-20 * r()) : r())),
    );
    const labels = Int32Array.from({ length: rows }, () => Math.floor(classes * r()));
    const soft = floats(
      dtype,
      Array.from({ length: rows * classes }, () => (r() < 0.3 ? 0 : r())),
    );
    const drawn = [
      ...smoothings,
      ...Array.from({ length: 40 }, () => floats(dtype, [10 ** (-44.8 * r())])[0]),
    ];

    it.each(backends)('%s', (backend) => {
      for (const smoothing of drawn)
        for (const target of [labels, { data: soft, shape }])
          for (const least of [undefined, 0, -20, -37.9]) {
            // each of its own power, so that its product with a share may be below the dtype's least number
            const weight =
              least === undefined
                ? undefined
                : floats(
                    dtype,
                    Array.from({ length: classes }, () => (r() < 0.1 ? 0 : 10 ** (least * r()))),
                  );
            const { value, grad } = (loaded[backend] as Any).crossEntropy.valueAndGrad(
              { data: probabilities, shape },
              target,
              { fromLogits: false, labelSmoothing: smoothing, reduction: 'none', weight },
            );
            for (let row = 0; row < rows; row++) {
              let want = 0;
              for (let c = 0; c < classes; c++) {
                const at = row * classes + c;
                const t = target === labels ? Number(labels[row] === c) : soft[at];
                const a = (weight?.[c] ?? 1) * ((1 - smoothing) * t + smoothing / classes);
                if (a === 0) continue;
                const p = probabilities[at];
                want -= a * Math.log(p);
                const say = () => `p ${p}, t ${t}, ε ${smoothing}, weight ${weight?.[c]}`;
                const slope = -a / p;
                // what a subnormal share has lost is less than 2⁻¹⁴⁹ of it
                if (Math.abs(slope) > 1e38 && dtype === 'f32') continue;
                if (a > 2 ** -126 || p === 0)
                  worst[backend].check(
                    'gradient',
                    grad.data[at],
                    slope,
                    Math.abs(slope),
                    boundAt(dtype, 0),
                    say,
                  );
              }
              worst[backend].check(
                'value',
                value.data[row],
                want,
                Math.abs(want),
                boundAt(dtype, 0),
                () => `row ${row}, ε ${smoothing}, weight ${weight}`,
              );
            }
          }
      worst[backend].expectBounded();
    });
  });
});
