// BCE with logits (and softplus, which it is for a target of 0) and KL divergence against exact arithmetic.
import { describe, it } from 'vitest';
import { backends, dtypes, floats, loaded } from '../instances.ts';
import { random } from '../random.ts';
import {
  exactBceWithLogits,
  exactKlDiv,
  exactSigmoid,
  exactSoftplus,
  log,
  toFixed,
  toNumber,
} from '../reference/exact.ts';
import { deepExp } from './oracle.ts';
import { boundAt, ulp, worstOf } from './worst.ts';

type Any = any;

const logits = Array.from({ length: 139 }, (_, i) => (i - 69) * 0.9987).concat(
  0,
  1e-20,
  -1e-20,
  1e-7,
  68.9,
  -68.9,
);

describe.each(dtypes)('%s', (dtype) => {
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;

  describe('bceWithLogits', () => {
    const worst = worstOf('bceWithLogits', dtype);

    it.each([0, 1, 0.5, 1e-3, 0.3, 1 - 2 ** -20, 1e-20])('target %d', (z) => {
      const x = logits.map(round);
      const t = x.map(() => round(z));
      for (const posWeight of [undefined, 3, 0.125, 1e-10, 1e10, 0]) {
        const q = posWeight === undefined ? 1 : round(posWeight);
        const exact = x.map((v, i) => exactBceWithLogits(v, t[i], q));
        const up = x.map((_, i) => round((i % 2 ? -1 : 1) * 10 ** (i % 7)));
        for (const backend of backends) {
          const loss = (loaded[backend] as Any).bceWithLogits;
          const [input, target] = [floats(dtype, x), floats(dtype, t)];
          const options = posWeight === undefined ? {} : { posWeight };
          const none = loss.valueAndGrad(input, target, {
            ...options,
            reduction: 'none',
            gradOutput: floats(dtype, up),
          });
          const sum = loss.valueAndGrad(input, target, { ...options, reduction: 'sum' });
          exact.forEach(({ value, grad }, i) => {
            const where = () => `x ${x[i]}, target ${t[i]}, posWeight ${posWeight}`;
            const bound = boundAt(dtype, Math.abs(x[i]));
            worst[backend].check('value', none.value.data[i], value, value, bound, where);
            // the gradient is the difference of these two
            const size = (1 - t[i]) * exactSigmoid(x[i]) + q * t[i] * exactSigmoid(-x[i]);
            worst[backend].check('gradient', sum.grad.data[i], grad, size, bound, where);
            const scaled = Math.abs(up[i]) * size;
            worst[backend].check('gradient, scaled', none.grad.data[i], up[i] * grad, scaled, bound, where);
            for (const reduction of ['mean', 'sum']) {
              const one = loss(input.slice(i, i + 1), target.slice(i, i + 1), { ...options, reduction });
              worst[backend].check('sum of one', one, value, value, bound, where);
            }
          });
          const total = exact.reduce((s, { value }) => s + value, 0);
          worst[backend].check('sum', sum.value, total, total, boundAt(dtype, 0), () => `target ${z}`);
        }
      }
      for (const backend of backends) worst[backend].expectBounded();
    });

    it.each(backends)('the sum of many equal confident terms: %s', (backend) => {
      const loss = (loaded[backend] as Any).bceWithLogits;
      for (let x = 0; x < 69; x += 1.37) {
        const value = exactSoftplus(-round(x));
        const n = 5000;
        const input = floats(dtype, Array(n).fill(x));
        const target = floats(dtype, Array(n).fill(1));
        const where = () => `${n} times x ${x}`;
        for (const options of [{}, { posWeight: 1 }])
          worst[backend].check(
            'equal terms',
            loss(input, target, { ...options, reduction: 'sum' }),
            n * value,
            n * value,
            boundAt(dtype, x),
            where,
          );
      }
      worst[backend].expectBounded();
    });

    it.each(backends)('losses up to 1e30: %s', (backend) => {
      const loss = (loaded[backend] as Any).bceWithLogits;
      for (let power = 2; power <= 30; power++) {
        for (const sign of [1, -1])
          for (const z of [0, 1, 0.25]) {
            const x = round(sign * 10 ** power);
            const want = sign > 0 ? (1 - z) * x : -z * x;
            if (want === 0) continue; // a tail below 1e−40
            for (const reduction of ['none', 'sum']) {
              const got = loss(floats(dtype, [x]), floats(dtype, [z]), { reduction });
              const value = typeof got === 'number' ? got : got.data[0];
              worst[backend].check(
                'value',
                value,
                want,
                want,
                boundAt(dtype, 0),
                () => `x ${x}, target ${z}`,
              );
            }
          }
      }
      worst[backend].expectBounded();
    });
  });

  describe('klDiv', () => {
    const worst = worstOf('klDiv, in ULP of t |log t| + t |x|', dtype);
    const r = random(5);
    const xs = [
      0,
      -1e-20,
      -1e-6,
      -0.3,
      -1,
      -17.25,
      -69,
      -88,
      -1e10,
      -1e30,
      ...Array.from({ length: 40 }, () => -70 * r()),
    ];
    const close = [1, 1 + 2 ** -20, 0.999];

    it('targets that are probabilities', () => {
      const ts = [
        1e-30,
        1e-20,
        1e-7,
        0.1,
        0.5,
        0.9,
        1 - 2 ** -24,
        1,
        ...Array.from({ length: 10 }, () => r()),
      ];
      const pairs = xs.flatMap((x) => ts.map((t) => [round(x), round(t)]));
      // where the difference nearly cancels
      for (const t of ts) for (const c of close) pairs.push([round(Math.log(t) * c), round(t)]);
      const input = floats(
        dtype,
        pairs.map(([x]) => x),
      );
      const target = floats(
        dtype,
        pairs.map(([, t]) => t),
      );
      check(input, target, false);
    });

    it('targets that are logarithms', () => {
      const pairs = xs.flatMap((x) => [0, -1e-10, -0.5, -7, -40, -69].map((t) => [round(x), round(t)]));
      for (const t of [-0.5, -7, -69]) for (const c of close) pairs.push([round(t * c), round(t)]);
      const input = floats(
        dtype,
        pairs.map(([x]) => x),
      );
      const target = floats(
        dtype,
        pairs.map(([, t]) => t),
      );
      check(input, target, true);
    });

    function check(input: Any, target: Any, logTarget: boolean): void {
      for (const backend of backends) {
        const loss = (loaded[backend] as Any).klDiv;
        const { value, grad } = loss.valueAndGrad(input, target, {
          logTarget,
          reduction: 'none',
          wrt: ['input', 'target'],
        });
        for (let i = 0; i < input.length; i++) {
          const [x, t] = [input[i], target[i]];
          const exact = exactKlDiv(x, t, logTarget);
          const p = -exact.grad;
          const terms = Math.abs(logTarget ? t : toNumber(log(toFixed(t)))) + Math.abs(x);
          const where = () => `x ${x}, target ${t}, logTarget ${logTarget}`;
          const compare = (kind: string, got: number, want: number, size: number) => {
            if (size < 1e-30) return;
            const unit = ulp(dtype, size);
            worst[backend].check(kind, got / unit, want / unit, 1, 4, where);
          };
          compare('value', value.data[i], exact.value, p * terms);
          compare('gradient', grad.input.data[i], exact.grad, p);
          compare(
            'target’s gradient',
            grad.target.data[i],
            exact.gradTarget,
            (logTarget ? p : 1) * (terms + 1),
          );
        }
        worst[backend].expectBounded();
      }
    }
  });
});

describe('f64 has the range for gaps up to 600', () => {
  const worst = worstOf('bceWithLogits, gaps 70 to 600', 'f64');
  it.each(backends)('%s', (backend) => {
    const loss = (loaded[backend] as Any).bceWithLogits;
    for (let x = 70.3; x <= 600; x += 7.7) {
      // log1p(e) = e and 1 + e = 1 to 30 digits
      const e = deepExp(-x);
      for (const [logit, z] of [
        [x, 1],
        [-x, 0],
      ]) {
        for (const options of [{}, { posWeight: 1 }, { reduction: 'sum' }]) {
          const { value, grad } = loss.valueAndGrad(Float64Array.of(logit), Float64Array.of(z), options);
          worst[backend].check('value', value, e, e, 1e-13, () => `x ${logit}`, 0);
          worst[backend].check('gradient', grad.data[0], z ? -e : e, e, 1e-13, () => `x ${logit}`, 0);
        }
      }
    }
    worst[backend].expectBounded();
  });
});
