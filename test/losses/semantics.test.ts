// The decided semantics, a test a row: both backends, both dtypes, value and gradient.
import { describe, expect, it } from 'vitest';
import { loaded, matrix } from '../instances.ts';
import { rows } from '../rows/index.ts';
import { isOfRows } from './inputs.ts';
import { lossOf } from './roles.ts';

type Any = any;
const elementwise = Object.values(rows)
  .filter((row) => !isOfRows(row))
  .map((row) => row.loss);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const A = dtype === 'f32' ? Float32Array : Float64Array;
  const of = (...values: number[]) => A.from(values);
  const grid = (shape: number[], ...values: number[]) => ({ data: A.from(values), shape });
  const list = (x: Any): number[] => (typeof x === 'number' ? [x] : [...x.data]);
  const near = (actual: Any, expected: number[]) => {
    const got = list(actual);
    expect(got.length).toBe(expected.length);
    got.forEach((v, i) => {
      if (Number.isFinite(expected[i]))
        expect(Math.abs(v - expected[i])).toBeLessThanOrEqual(4e-6 * Math.abs(expected[i]));
      else expect(v).toBe(expected[i]);
    });
  };
  const both = (name: string, x: Any, t: Any, options: Any, value: number[], grad: number[]) => {
    const result = lossOf(F, name).valueAndGrad(x, t, options);
    near(result.value, value);
    near(result.grad, grad);
  };
  // every path to cross entropy: lanewise, rowwise, strided, and the general one with label smoothing of almost 0
  const wide = (rows: number[][], fill: number) => {
    const c = 70;
    const data = new A(rows.length * c).fill(fill);
    rows.forEach((row, i) => {
      data.set(row, i * c);
    });
    return { data, shape: [rows.length, c] };
  };

  it('mean with class weights, index targets: divided by Σ w_target of the rows that count', () => {
    const x = grid([3, 2], -1, -2, -3, -4, -5, -6);
    const weight = of(1, 3);
    both('nll', x, Int32Array.of(0, 1, -100), { weight }, [(1 + 12) / 4], [-0.25, 0, 0, -0.75, 0, 0]);
    const ce = F.crossEntropy(grid([3, 2], 0, 0, 0, 0, 9, 9), Int32Array.of(0, 1, -100), { weight });
    near(ce, [Math.LN2]);
  });

  it('mean, probability targets: divided by N·d1..dk', () => {
    const x = grid([2, 2], 0, 0, 0, 0);
    const t = grid([2, 2], 1, 0, 0, 1);
    near(F.crossEntropy(x, t, { weight: of(1, 3) }), [(Math.LN2 * 4) / 2]);
    const x3 = grid([1, 2, 3], 0, 0, 0, 0, 0, 0);
    near(F.crossEntropy(x3, grid([1, 2, 3], 1, 1, 1, 1, 1, 1)), [2 * Math.LN2]);
  });

  it('every target ignored, mean: NaN and a zero gradient, or zero on request', () => {
    for (const [name, x, t] of [
      ['nll', grid([2, 3], -1, -1, -1, -1, -1, -1), Int32Array.of(-100, -100)],
      ['crossEntropy', grid([2, 3], 1, 2, 3, 4, 5, 6), Int32Array.of(-100, -100)],
      ['crossEntropy', wide([[1], [2]], 0), Int32Array.of(-100, -100)],
    ] as const) {
      const zeros = new Array(x.data.length).fill(0);
      both(name, x, t, {}, [nan], zeros);
      both(name, x, t, { allIgnored: 'zero' }, [0], zeros);
      both(name, x, t, { reduction: 'sum' }, [0], zeros);
      both(name, x, t, { reduction: 'none' }, [0, 0], zeros);
      if (name !== 'nll') both(name, x, t, { allIgnored: 'nan', labelSmoothing: 0.1 }, [nan], zeros);
    }
  });

  it('an ignored row is never read: value 0, gradient 0 even where it holds NaN', () => {
    both(
      'crossEntropy',
      grid([2, 2], nan, inf, 0, 0),
      Int32Array.of(-100, 0),
      { reduction: 'none' },
      [0, Math.LN2],
      [0, 0, -0.5, 0.5],
    );
    both(
      'nll',
      grid([2, 2], nan, nan, -3, -4),
      Int32Array.of(-100, 1),
      { reduction: 'none' },
      [0, 4],
      [0, 0, 0, -1],
    );
    const row = F.crossEntropy.valueAndGrad(wide([[nan], [0]], 0), Int32Array.of(-100, 3), {
      reduction: 'none',
    });
    near(row.value, [0, Math.log(70)]);
    expect(
      list(row.grad)
        .slice(0, 70)
        .every((g) => Object.is(g, 0)),
    ).toBe(true);
  });

  it('label smoothing with weight and ignoreIndex: w_c/C per class, ignored rows not counted', () => {
    const x = grid([2, 2], 0, 0, 5, 9);
    const [e, w] = [0.2, [1, 3]];
    // target 1 of row 0: log 2 · (0.8·3 + 0.1·(1 + 3)), divided by w_1
    near(F.crossEntropy(x, Int32Array.of(1, -100), { labelSmoothing: e, weight: of(...w) }), [
      (Math.LN2 * (0.8 * 3 + 0.1 * 4)) / 3,
    ]);
  });

  it('BCE p = 0 or 1: logs at least −100, denominator at least 1e-12', () => {
    both('bce', of(0, 1, 0, 1), of(0, 1, 1, 0), { reduction: 'none' }, [0, 0, 100, 100], [0, 0, -1e12, 1e12]);
  });

  it('BCE with eps clips p to [eps, 1 − eps]; gradient 0 outside', () => {
    const eps = 0.25;
    both(
      'bce',
      of(0, 0.5, 1),
      of(1, 1, 1),
      { reduction: 'none', eps },
      [-Math.log(0.25), Math.LN2, -Math.log(0.75)],
      [0, -2, 0],
    );
  });

  it('BCE with eps added: log(p + eps), log(1 − p + eps)', () => {
    const eps = 0.25;
    both(
      'bce',
      of(0, 0.5),
      of(1, 0),
      { reduction: 'none', eps, epsMode: 'add' },
      [-Math.log(0.25), -Math.log(0.75)],
      [-4, 1 / 0.75],
    );
  });

  it('BCE p outside [0, 1] or NaN: NaN for that element', () => {
    for (const options of [{}, { eps: 0.25, epsMode: 'add' }]) {
      const result = F.bce.valueAndGrad(of(-0.1, 1.1, nan, 0.5), of(0, 1, 1, 1), {
        ...options,
        reduction: 'none',
      });
      expect(list(result.value).map(Number.isNaN)).toEqual([true, true, true, false]);
      expect(list(result.grad).map(Number.isNaN)).toEqual([true, true, true, false]);
    }
  });

  it('cross entropy of probabilities, eps clipped and added', () => {
    const x = grid([2, 2], 0, 1, 0.5, 0.5);
    const t = Int32Array.of(0, 1);
    const options = { fromLogits: false, reduction: 'none' };
    both('crossEntropy', x, t, options, [inf, Math.LN2], [-inf, 0, 0, -2]);
    both('crossEntropy', x, t, { ...options, eps: 0.25 }, [-Math.log(0.25), Math.LN2], [0, 0, 0, -2]);
    both(
      'crossEntropy',
      x,
      t,
      { ...options, eps: 0.25, epsMode: 'add' },
      [-Math.log(0.25), -Math.log(0.75)],
      [-4, 0, 0, -1 / 0.75],
    );
    both('crossEntropy', x, grid([2, 2], 0, 1, 0, 1), options, [0, Math.LN2], [0, -1, 0, -2]);
  });

  it('rows of sampleWeight 0: not read, not counted in the mean', () => {
    const sampleWeight = of(2, 0, 1);
    both('mse', of(1, nan, 3), of(0, nan, 0), { sampleWeight }, [(2 + 9) / 3], [4 / 3, 0, 2]);
    both(
      'nll',
      grid([3, 2], -1, -2, nan, nan, -5, -6),
      Int32Array.of(0, 1, 1),
      { sampleWeight },
      [(2 + 6) / 3],
      [-2 / 3, 0, 0, 0, 0, -1 / 3],
    );
    const x = grid([3, 2], 0, 0, nan, inf, 0, 0);
    both(
      'crossEntropy',
      x,
      Int32Array.of(0, 1, 1),
      { sampleWeight },
      [Math.LN2],
      [-1 / 3, 1 / 3, 0, 0, 1 / 6, -1 / 6],
    );
    near(F.crossEntropy(x, grid([3, 2], 1, 0, 1, 0, 0, 1), { sampleWeight }), [Math.LN2]);
    both(
      'crossEntropy',
      wide([[0], [nan], [0]], 0),
      Int32Array.of(0, 1, 1),
      { sampleWeight, reduction: 'none' },
      [2 * Math.log(70), 0, Math.log(70)],
      list(
        F.crossEntropy.grad(wide([[0], [0], [0]], 0), Int32Array.of(0, 1, 1), {
          sampleWeight,
          reduction: 'none',
        }),
      ),
    );
  });

  it('the mean divides by Σ w_target · sampleWeight', () => {
    const x = grid([2, 2], -1, -2, -3, -4);
    near(F.nll(x, Int32Array.of(0, 1), { weight: of(1, 3), sampleWeight: of(2, 0.5) }), [(2 + 6) / 3.5]);
  });

  it('BCE with logits, x = ±inf matching its label: 0', () => {
    both('bceWithLogits', of(inf, -inf), of(1, 0), { reduction: 'none' }, [0, 0], [0, 0]);
    both('bceWithLogits', of(inf, -inf), of(1, 0), { reduction: 'sum' }, [0], [0, 0]);
    both('bceWithLogits', of(inf, -inf), of(0, 1), { reduction: 'none' }, [inf, inf], [1, -1]);
    both('bceWithLogits', of(inf, -inf), of(1, 0), { reduction: 'none', posWeight: 2 }, [0, 0], [0, 0]);
  });

  it('BCE with logits is finite at ±3e38', () => {
    both(
      'bceWithLogits',
      of(3e38, -3e38, 1e4, -1e4),
      of(1, 0, 1, 0),
      { reduction: 'none' },
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    );
    both('bceWithLogits', of(3e38, -1e4), of(0, 1), { reduction: 'none' }, [A.of(3e38)[0], 1e4], [1, -1]);
  });

  it('−inf logit on a class of zero target probability: contributes 0, gradient 0', () => {
    both(
      'crossEntropy',
      grid([1, 3], -inf, 0, 0),
      Int32Array.of(1),
      { reduction: 'sum' },
      [Math.LN2],
      [0, -0.5, 0.5],
    );
    both(
      'crossEntropy',
      grid([1, 3], -inf, 0, 0),
      grid([1, 3], 0, 1, 0),
      { reduction: 'sum' },
      [Math.LN2],
      [0, -0.5, 0.5],
    );
    both(
      'crossEntropy',
      grid([1, 3, 1], -inf, 0, 0),
      grid([1, 3, 1], 0, 1, 0),
      { reduction: 'sum' },
      [Math.LN2],
      [0, -0.5, 0.5],
    );
    const rowwise = wide([[0, 0]], -inf);
    const onehot = { data: new A(70), shape: [1, 70] };
    onehot.data[1] = 1;
    for (const t of [Int32Array.of(1), onehot]) {
      const { value, grad } = F.crossEntropy.valueAndGrad(rowwise, t);
      near(value, [Math.LN2]);
      near({ data: grad.data.slice(0, 4) }, [0.5, -0.5, 0, 0]);
    }
    both(
      'crossEntropy',
      grid([1, 3], -inf, 0, 0),
      Int32Array.of(0),
      { reduction: 'sum' },
      [inf],
      [-1, 0.5, 0.5],
    );
  });

  it('+inf logit, or all −inf: NaN', () => {
    for (const x of [
      grid([1, 2], inf, 0),
      grid([1, 2], -inf, -inf),
      wide([[inf]], 0),
      wide([[-inf]], -inf),
      grid([1, 2, 1], inf, 0),
    ]) {
      const t = { data: Int32Array.of(0), shape: x.shape.length === 3 ? [1, 1] : [1] };
      for (const options of [{}, { labelSmoothing: 0.1 }]) {
        const { value, grad } = F.crossEntropy.valueAndGrad(x, t, options);
        expect(value).toBeNaN();
        expect(list(grad).some(Number.isNaN)).toBe(true);
      }
    }
  });

  it('NaN logits, payloads included, give NaN', () => {
    const payload =
      dtype === 'f32'
        ? new A(Uint32Array.of(0x7fc12345).buffer)
        : new A(BigUint64Array.of(0x7ff8123456789abcn).buffer);
    const negative =
      dtype === 'f32'
        ? new A(Uint32Array.of(0xffc00001).buffer)
        : new A(BigUint64Array.of(0xfff8000000000001n).buffer);
    for (const bits of [payload, negative]) {
      for (const at of [0, 1, 2]) {
        for (const x of [grid([1, 3], 1, 2, 3), wide([[1, 2, 3]], 0), grid([1, 3, 1], 1, 2, 3)]) {
          // a copy of the bits: storing the number may quieten them
          new Uint8Array(x.data.buffer).set(new Uint8Array(bits.buffer), at * A.BYTES_PER_ELEMENT);
          const t = { data: Int32Array.of(1), shape: x.shape.length === 3 ? [1, 1] : [1] };
          expect(F.crossEntropy(x, t)).toBeNaN();
          expect(F.crossEntropy(x, t, { labelSmoothing: 0.1 })).toBeNaN();
          expect(list(F.crossEntropy.grad(x, t)).some(Number.isNaN)).toBe(true);
          expect(list(F.softmax(x)).some(Number.isNaN)).toBe(true);
        }
      }
      for (const name of elementwise) {
        const x = of(0.5, 0.5, 0.5);
        new Uint8Array(x.buffer).set(new Uint8Array(bits.buffer), A.BYTES_PER_ELEMENT);
        const result = lossOf(F, name).valueAndGrad(x, of(0.5, 0.5, 0.5), { reduction: 'none' });
        expect(list(result.value).map(Number.isNaN)).toEqual([false, true, false]);
        expect(lossOf(F, name)(x, of(0.5, 0.5, 0.5))).toBeNaN();
        if (name === 'klDiv') continue;
        expect(list(result.grad).map(Number.isNaN)).toEqual([false, true, false]);
        // other loops work on the gradients of a sum
        for (const reduction of ['sum', 'mean']) {
          for (const grad of [
            lossOf(F, name).grad(x, of(0.5, 0.5, 0.5), { reduction }),
            lossOf(F, name).valueAndGrad(x, of(0.5, 0.5, 0.5), { reduction }).grad,
          ]) {
            expect(list(grad).map(Number.isNaN)).toEqual([false, true, false]);
          }
        }
      }
    }
  });

  it('logits of ±1e4 and ±3e38', () => {
    both(
      'crossEntropy',
      grid([2, 2], 1e4, -1e4, 3e38, -3e38),
      Int32Array.of(0, 0),
      { reduction: 'none' },
      [0, 0],
      [0, 0, 0, 0],
    );
    both('crossEntropy', grid([1, 2], 1e4, -1e4), Int32Array.of(1), { reduction: 'none' }, [2e4], [1, -1]);
    near(F.crossEntropy(wide([[1e4]], -1e4), Int32Array.of(1)), [2e4]);
    near(F.crossEntropy(grid([1, 3], 3e38, 3e38, -3e38), Int32Array.of(0)), [Math.LN2]);
  });

  it('KL with target 0: 0', () => {
    both('klDiv', of(-1, -inf, -2), of(0, 0, 1), { reduction: 'none' }, [0, 0, 2], [0, 0, -1]);
    both(
      'klDiv',
      of(-1, -inf, -2),
      of(-inf, -inf, 0),
      { reduction: 'none', logTarget: true },
      [0, 0, 2],
      [0, 0, -1],
    );
  });

  it('L1 at 0: subgradient 0; NaN propagates', () => {
    both('l1', of(1, nan, 2), of(1, 0, 3), { reduction: 'none' }, [0, nan, 1], [0, nan, -1]);
    both('l1', of(inf, -inf), of(0, 0), { reduction: 'none' }, [inf, inf], [1, -1]);
  });

  it('MAPE at the target: subgradient 0; a distance is divided by eps at least', () => {
    both('mape', of(1, nan, 3), of(1, 0, 2), { reduction: 'none' }, [0, nan, 50], [0, nan, 50]);
    both('mape', of(1, -1), of(0, 0.25), { reduction: 'none', eps: 0.5, scale: 1 }, [2, 2.5], [2, -2]);
  });

  it('MSLE below −1: NaN, which eps prevents; what is below eps has no gradient', () => {
    both('msle', of(-2, -1, 0), of(0, 0, 0), { reduction: 'none' }, [nan, inf, 0], [nan, -inf, 0]);
    both('msle', of(0, 0), of(-2, -1), { reduction: 'none' }, [nan, inf], [nan, inf]);
    both('msle', of(-2, 0, nan), of(0, -3, 0), { reduction: 'none', eps: 0 }, [0, 0, nan], [0, 0, nan]);
  });

  it('hinge embedding at its margin: the slope inside; a label that is none has both terms', () => {
    both('hingeEmbedding', of(1, 2, 0.25), of(-1, -1, 0), { reduction: 'none' }, [0, 0, 1], [-1, 0, 0]);
    both('hingeEmbedding', of(nan, 1), of(1, nan), { reduction: 'none' }, [nan, nan], [nan, nan]);
  });

  it('JSD of a probability of 0: what its limit is', () => {
    const most = Math.LN2 / 2;
    both('jsd', of(-inf, 0, -inf), of(0, -inf, -inf), { reduction: 'none' }, [most, most, 0], [0, most, 0]);
    both('jsd', of(-1, -inf), of(-inf, -1), { reduction: 'none', beta: 0 }, [0, inf], [0, -Math.exp(-1)]);
    both('jsd', of(-inf, -1), of(-1, -1), { reduction: 'none', beta: 1 }, [0, 0], [0, Math.exp(-1)]);
  });

  it('Tweedie: NaN for a target or mean that its power has not, and what is multiplied by a target of 0 is 0', () => {
    const none = { reduction: 'none' };
    both('halfTweedie', of(0, 0, 0), of(-1, 0, 1), { ...none, power: 2 }, [nan, nan, 1], [nan, nan, 0]);
    both('halfTweedie', of(0, -inf, inf), of(-1, 0, 1), none, [nan, 0, inf], [nan, 0, inf]);
    both('halfTweedie', of(0), of(-1), { ...none, power: 0 }, [2], [2]);
    both(
      'halfTweedie',
      of(0, 1, -1),
      of(1, 0, 1),
      { ...none, link: 'identity' },
      [nan, 2, nan],
      [nan, 1, nan],
    );
  });

  it('empty batch: mean NaN, sum 0, none empty', () => {
    for (const name of elementwise) {
      both(name, of(), of(), {}, [nan], []);
      both(name, of(), of(), { reduction: 'sum' }, [0], []);
      both(name, grid([0, 3]), grid([0, 3]), { reduction: 'none' }, [], []);
    }
    for (const name of ['nll', 'crossEntropy', 'multiMargin']) {
      for (const c of [3, 100]) {
        both(name, grid([0, c]), new Int32Array(0), {}, [nan], []);
        both(name, grid([0, c]), new Int32Array(0), { reduction: 'sum' }, [0], []);
        both(name, grid([0, c]), new Int32Array(0), { reduction: 'none' }, [], []);
      }
      both(name, grid([2, 3, 0]), { data: new Int32Array(0), shape: [2, 0] }, { reduction: 'none' }, [], []);
    }
  });

  it('Σ weights = 0: NaN value and gradient', () => {
    const nll = F.nll.valueAndGrad(grid([1, 2], -1, -2), Int32Array.of(0), { weight: of(0, 1) });
    expect(nll.value).toBeNaN();
    expect(nll.grad.data[0]).toBeNaN();
    for (const x of [grid([1, 2], 1, 2), wide([[1]], 0)]) {
      const weight = new A(x.shape[1]).fill(1);
      weight[0] = 0;
      const ce = F.crossEntropy.valueAndGrad(x, Int32Array.of(0), { weight });
      expect(ce.value).toBeNaN();
      expect(list(ce.grad).every(Number.isNaN)).toBe(true);
    }
  });

  it('multi-class margins: the mean divides by the rows, whatever their class weights; a row is left out by a weight of 0', () => {
    const labels = Int32Array.of(0, 1);
    for (const x of [
      grid([2, 2], 1, 0.5, 0, 0),
      wide(
        [
          [1, 0.5],
          [0, 0],
        ],
        -inf,
      ),
    ]) {
      const c = x.shape[1];
      const k = 1 / (2 * c);
      const weight = new A(c).fill(1);
      weight[1] = 3;
      const grads = (first: number, second: number) => {
        const all = new A(2 * c);
        all.set([-first, first]);
        all.set([second, -second], c);
        return [...all];
      };
      both('multiMargin', x, labels, {}, [1.5 * k], grads(k, k));
      both('multiMargin', x, labels, { weight }, [3.5 * k], grads(k, 3 * k));
      both('multiMargin', x, labels, { sampleWeight: of(2, 0) }, [k], grads(2 * k, 0));
      both('multiMargin', x, labels, { p: 2, margin: 0.5, reduction: 'sum' }, [0.25 / c], grads(0, 1 / c));
    }
  });

  it('multi-class margins: at the joint the slope is 0; an infinite or NaN score', () => {
    for (const p of [1, 2]) {
      const none = { p, reduction: 'none' };
      for (const x of [grid([1, 2], 1, 0), wide([[1, 0]], -3)]) {
        const got = F.multiMargin.valueAndGrad(x, Int32Array.of(0), none);
        near(got.value, [0]);
        near(got.grad, new Array(x.shape[1]).fill(0));
      }
      both('multiMargin', grid([1, 3], inf, 0, -inf), Int32Array.of(0), none, [0], [0, 0, 0]);
      both('multiMargin', grid([1, 1], nan), Int32Array.of(0), none, [nan], [nan]);
      const slope = p === 2 ? 2 / 3 : 1 / 3;
      both('multiMargin', grid([1, 3], 0, nan, 0), Int32Array.of(0), none, [nan], [nan, nan, slope]);
      // a label of weight 0 does not count, whatever its row holds
      const weight = of(0, 1, 1);
      both('multiMargin', grid([1, 3], nan, inf, 0), Int32Array.of(0), { ...none, weight }, [0], [0, 0, 0]);
    }
  });

  it('multi-label margins: labels up to the first −1, twice the same twice; none cost nothing and are not read', () => {
    const none = { reduction: 'none' };
    const sets = (shape: number[], ...labels: number[]) => ({ data: Int32Array.of(...labels), shape });
    const x = grid([1, 4], 0.1, 0.2, 0.4, 0.8);
    both('multilabelMargin', x, sets([1, 4], 3, 0, -1, 1), none, [0.85], [-0.5, 0.5, 0.5, -0.5]);
    both('multilabelMargin', x, sets([1, 4], 3, 3, -1, 1), none, [2 * 0.325], [0.5, 0.5, 0.5, -1.5]);
    both('multilabelMargin', x, sets([1, 4], 0, 1, 2, 3), none, [0], [0, 0, 0, 0]);
    both('multilabelMargin', grid([1, 2], nan, inf), sets([1, 2], -1, 0), none, [0], [0, 0]);
    both(
      'multilabelMargin',
      grid([1, 3], -inf, 0, 1),
      sets([1, 3], 0, -1, -1),
      none,
      [inf],
      [-2 / 3, 1 / 3, 1 / 3],
    );
    both('multilabelMargin', grid([1, 3], 0, nan, -9), sets([1, 3], 0, -1, -1), none, [nan], [nan, nan, 0]);
    both('multilabelMargin', grid([1, 1], nan), sets([1, 1], 0), none, [nan], [nan]);
    // at the joint the slope is 0
    both('multilabelMargin', grid([1, 2], 1, 0), sets([1, 2], 0, -1), none, [0], [0, 0]);
    // five labels: four at once and one
    const wideRow = grid([1, 6], 0, 0, 0, 0, 0, 0.5);
    const five = sets([1, 6], 0, 1, 2, 3, 4, -1);
    both('multilabelMargin', wideRow, five, none, [(5 * 1.5) / 6], [...new Array(5).fill(-1 / 6), 5 / 6]);
    const two = { sampleWeight: of(3, 0) };
    both(
      'multilabelMargin',
      grid([2, 2], 0, 0, nan, 0),
      sets([2, 2], 0, -1, 7, 7),
      two,
      [0.5],
      [-0.5, 0.5, 0, 0],
    );
  });

  it('multi-label margins: what is no label is refused wherever it stands, before anything is written', () => {
    for (const labels of [
      [0, -1, 3],
      [0, -1, -2],
      [3, -1, -1],
    ]) {
      const out = of(7, 7, 7, 7, 7, 7);
      const target = { data: Int32Array.of(0, -1, -1, ...labels), shape: [2, 3] };
      const at = 3 + labels.findIndex((label) => label < -1 || label > 2);
      expect(() =>
        F.multilabelMargin.grad(grid([2, 3], 0, 1, 2, 0, 1, 2), target, {
          out: { data: out, shape: [2, 3] },
        }),
      ).toThrow(
        expect.objectContaining({
          code: 'ERR_LABEL',
          message: `"target" expected class indices in [0, 3) or −1, got ${labels[at - 3]} at index ${at}`,
        }),
      );
      expect([...out]).toEqual([7, 7, 7, 7, 7, 7]);
    }
  });

  it('multi-label soft margins: a mean over the last axis, weights of elements, and factors of rows', () => {
    const x = grid([2, 2], 0, 0, 0, 0);
    const t = grid([2, 2], 1, 0, 1, 1);
    const LN2 = Math.LN2;
    both('multilabelSoftMargin', x, t, { reduction: 'none' }, [LN2, LN2], [-0.25, 0.25, -0.25, -0.25]);
    both('multilabelSoftMargin', x, t, {}, [LN2], [-0.125, 0.125, -0.125, -0.125]);
    both(
      'multilabelSoftMargin',
      x,
      t,
      { weight: of(1, 3), reduction: 'sum' },
      [4 * LN2],
      [-0.25, 0.75, -0.25, -0.75],
    );
    both(
      'multilabelSoftMargin',
      grid([2, 2], 0, 0, nan, 0),
      t,
      { sampleWeight: of(2, 0) },
      [LN2],
      [-0.25, 0.25, 0, 0],
    );
    both('multilabelSoftMargin', grid([1, 2], inf, -inf), grid([1, 2], 1, 0), {}, [0], [0, 0]);
    both('multilabelSoftMargin', grid([2, 0]), grid([2, 0]), { reduction: 'none' }, [nan, nan], []);
    both('multilabelSoftMargin', grid([0, 2]), grid([0, 2]), {}, [nan], []);
  });

  it('one class: value 0, gradient 0', () => {
    both('multiMargin', grid([2, 1], 5, -3), Int32Array.of(0, 0), { reduction: 'none' }, [0, 0], [0, 0]);
    both('crossEntropy', grid([2, 1], 5, -3), Int32Array.of(0, 0), { reduction: 'none' }, [0, 0], [0, 0]);
  });

  it('gradOutput scales gradients: a number, and per row with none', () => {
    const x = grid([2, 2], 0, 0, 0, 0);
    const t = Int32Array.of(0, 1);
    near(F.crossEntropy.grad(x, t, { gradOutput: 4 }), [-1, 1, 1, -1]);
    near(F.crossEntropy.grad(x, t, { reduction: 'none', gradOutput: of(2, 4) }), [-1, 1, 2, -2]);
    near(F.mse.grad(of(1, 2), of(0, 0), { reduction: 'none', gradOutput: of(2, 4) }), [4, 16]);
    near(F.mse.grad(of(1, 2), of(0, 0), { gradOutput: 3 }), [3, 6]);
    near(F.mse.grad(of(1, 2), of(0, 0), { gradOutput: { data: of(3), shape: [] } }), [3, 6]);
    near(F.mse.grad(of(1, 2), of(0, 0), { reduction: 'none', gradOutput: 3 }), [6, 12]);
  });

  describe('logits that are shaped', () => {
    const t = Int32Array.of(0);
    const { LN2 } = Math;

    it('a masked class is not read, and has no gradient', () => {
      for (const mask of [Uint8Array.of(1, 1, 0), [true, true, false], of(1, nan, 0)])
        both(
          'crossEntropy',
          of(0, 0, nan),
          { data: Int32Array.of(0), shape: [] },
          { mask, reduction: 'sum' },
          [LN2],
          [-0.5, 0.5, 0],
        );
      const { hess } = F.crossEntropy.gradAndHess(
        of(0, 0, nan),
        { data: Int32Array.of(0), shape: [] },
        { mask: [1, 1, 0], minHessian: 0.3 },
      );
      near(hess, [0.3, 0.3, 0]);
    });

    it('a masked label costs +Infinity, the others’ gradient stays', () => {
      both('crossEntropy', grid([1, 3], 5, 0, 0), t, { mask: grid([1, 3], 0, 1, 1) }, [inf], [0, 0.5, 0.5]);
      const soft = grid([1, 3], 0.25, 0.75, 0);
      both(
        'crossEntropy',
        grid([1, 3], 5, 0, 0),
        soft,
        { mask: grid([1, 3], 0, 1, 1) },
        [inf],
        [0, -0.25, 0.5],
      );
      // what has no weight does not count
      const free = { mask: grid([1, 3], 0, 1, 1), weight: of(0, 1, 1) };
      both('crossEntropy', grid([1, 3], 5, 0, 0), soft, free, [0.75 * LN2], [0, -0.375, 0.375]);
      const { target } = F.crossEntropy.grad(grid([1, 3], 5, 0, 0), soft, { ...free, wrt: ['target'] });
      near(target, [0, LN2, LN2]);
    });

    it('a row that is masked altogether costs 0 and counts', () => {
      const x = grid([2, 2], nan, nan, 0, 0);
      const options = { mask: grid([2, 2], 0, 0, 1, 1), zLoss: 1 };
      both(
        'crossEntropy',
        x,
        Int32Array.of(0, 1),
        options,
        [(LN2 + LN2 ** 2) / 2],
        [...[0, 0], ...[0.25 + LN2 / 2, -0.25 + LN2 / 2]],
      );
    });

    it('a softcap makes infinite logits finite, and its slope does not vanish where tanh is 1', () => {
      both('crossEntropy', grid([1, 2], inf, -inf), t, { softcap: 1 }, [Math.log1p(Math.exp(-2))], [0, 0]);
      const e = Math.exp(-2 * 12);
      const slope = (4 * e) / (1 + e) ** 2;
      near(F.crossEntropy.grad(grid([1, 2], 12, 12), t, { softcap: 1 }), [-slope / 2, slope / 2]);
    });

    it('the temperature comes first', () => {
      const z = 2 * Math.tanh(1.5);
      const value = F.crossEntropy(grid([1, 2], 12, 0), t, { temperature: 4, softcap: 2 });
      near(value, [Math.log1p(Math.exp(-z))]);
    });

    it('a z-loss has no class weight, and its mean divides by the rows that count', () => {
      const x = grid([3, 2], 0, 0, 0, 0, 9, 9);
      const labels = Int32Array.of(0, 1, -100);
      const options = { weight: of(1, 7), zLoss: 3 };
      near(F.crossEntropy(x, labels, options), [LN2 + 3 * LN2 ** 2]);
      near(F.crossEntropy(x, labels, { ...options, reduction: 'sum' }), [8 * LN2 + 6 * LN2 ** 2]);
      near(F.crossEntropy(x, labels, { ...options, sampleWeight: of(1, 3, 5) }), [LN2 + 3 * LN2 ** 2]);
    });

    it('probabilities are not', () => {
      for (const options of [{ temperature: 2 }, { softcap: 1 }, { mask: [1, 1] }, { zLoss: 1 }])
        for (let i = 0; i < 2; i++)
          expect(() =>
            F.crossEntropy(
              of(0.5, 0.5),
              { data: Int32Array.of(0), shape: [] },
              { ...options, fromLogits: false },
            ),
          ).toThrow(
            expect.objectContaining({
              code: 'ERR_OPTION',
              message: '"fromLogits" expected true with temperature, softcap, mask or zLoss, got false',
            }),
          );
    });
  });
});
