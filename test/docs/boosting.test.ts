// docs/boosting.md: every call of its tables, on scores over twelve decades, against the library's formula written out here.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';

const text = readFileSync(new URL('../../docs/boosting.md', import.meta.url), 'utf8');
const loaded = { wasm: await load(), js: await load({ backend: 'js' }) };
afterAll(() => {
  loaded.wasm.dispose();
  loaded.js.dispose();
});

/** What the calls name besides x and t; a class more than two, so that C/(C − 1) is not 2. */
const named = { quantile: 0.8, delta: 0.75, posWeight: 3, C: 4, power: 1.5 };

/** Value, first and second derivative of a row. */
type Formula = (x: number, t: number) => readonly [number, number, number];

const { quantile: q, delta, posWeight, C, power } = named;
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const halfSquare: Formula = (x, t) => [(x - t) ** 2 / 2, x - t, 1];
const absolute: Formula = (x, t) => [Math.abs(x - t), Math.sign(x - t), 1];
const pinball: Formula = (x, t) => [
  x < t ? q * (t - x) : (1 - q) * (x - t),
  x === t ? 0 : x < t ? -q : 1 - q,
  1,
];
const expectile: Formula = (x, t) => {
  const w = x < t ? q : 1 - q;
  return [(w * (x - t) ** 2) / 2, w * (x - t), w];
};
const squaredLog: Formula = (x, t) => {
  const least = 1e-6 - 1;
  const log = Math.log1p(Math.max(x, least)) - Math.log1p(t);
  if (x < least) return [log ** 2 / 2, 0, 1e-6];
  return [log ** 2 / 2, log / (1 + x), Math.max((1 - log) / (1 + x) ** 2, 1e-6)];
};
const tweedie =
  (p: number): Formula =>
  (x, t) => {
    const [whole, part] = [Math.exp((2 - p) * x), Math.exp((1 - p) * x)];
    const value = p === 2 ? x + t * part : whole / (2 - p) - (t * part) / (1 - p);
    return [value, whole - t * part, Math.max((2 - p) * whole - (1 - p) * t * part, 0)];
  };
/** Of a power of 1.5. */
const tweedieOfMean: Formula = (mean, t) => {
  const d = mean - t;
  const root = Math.sqrt(mean);
  // 2 √μ + 2 t/√μ − 4 √t
  const value = (2 * (root - Math.sqrt(t)) ** 2) / root;
  return [value, d / mean ** power, Math.max(((1 - power) * mean + power * t) / mean ** (power + 1), 0)];
};
const percentage: Formula = (x, t) => {
  const unit = Math.max(1, Math.abs(t));
  return [Math.abs(x - t) / unit, Math.sign(x - t) / unit, 1];
};
const huber =
  (beyond: number): Formula =>
  (x, t) => {
    const d = Math.abs(x - t);
    if (d <= delta) return [d ** 2 / 2, x - t, 1];
    return [delta * (d - delta / 2), delta * Math.sign(x - t), beyond];
  };
const poisson =
  (second: (rate: number, t: number) => number): Formula =>
  (x, t) => [Math.exp(x) - t * x, Math.exp(x) - t, second(Math.exp(x), t)];
const logistic =
  (floor: number, positive = 1): Formula =>
  (x, t) => {
    const factor = t * positive + 1 - t;
    const [p, n] = [sigmoid(x), sigmoid(-x)];
    return [
      positive * t * softplus(-x) + (1 - t) * softplus(x),
      (1 - t) * p - positive * t * n,
      Math.max(factor * p * n, floor),
    ];
  };
const root = (x: number, t: number): number => Math.sqrt(1 + ((x - t) / delta) ** 2);
const pseudoHuber =
  (power: number): Formula =>
  (x, t) => {
    const r = root(x, t);
    return [(x - t) ** 2 / (1 + r), (x - t) / r, r ** power];
  };
const softmax = (scale: number, floor: number) => ({ scale, floor });
const signed: Formula = (x, t) => [
  softplus(-t * x),
  -t * sigmoid(-t * x),
  t * t * sigmoid(t * x) * sigmoid(-t * x),
];
const hinge: Formula = (x, t) => {
  const y = 2 * t - 1;
  const isActive = y * x < 1;
  return [isActive ? 1 - y * x : 0, isActive ? -y : 0, isActive ? 1 : 2 ** -126];
};

const numbers = [-2, -0.5, 0, 0.25, 1.5];
const shares = [0, 0.25, 1];
const bits = [0, 1];
const counts = [0, 1, 2.5, 7];
const positive = [0.25, 1, 2.5, 7];

interface Meaning {
  readonly targets?: readonly number[];
  readonly formula?: Formula;
  /** Scores above 0 alone. */
  readonly areMeans?: true;
  readonly classes?: { readonly scale: number; readonly floor: number };
}

/** By library and the row's first cell, without backticks. */
const meanings: Record<string, Record<string, Meaning>> = {
  'scikit-learn': {
    HalfSquaredError: { targets: numbers, formula: halfSquare },
    AbsoluteError: { targets: numbers, formula: absolute },
    'PinballLoss(quantile)': { targets: numbers, formula: pinball },
    'HuberLoss(delta)': { targets: numbers, formula: huber(0) },
    HalfPoissonLoss: { targets: counts, formula: poisson((rate) => rate) },
    HalfGammaLoss: { targets: positive, formula: tweedie(2) },
    'HalfTweedieLoss(power)': { targets: counts, formula: tweedie(power) },
    'HalfTweedieLossIdentity(power)': { targets: positive, formula: tweedieOfMean, areMeans: true },
    HalfBinomialLoss: { targets: shares, formula: logistic(0) },
    HalfMultinomialLoss: { classes: softmax(1, 0) },
  },
  XGBoost: {
    'reg:squarederror': { targets: numbers, formula: halfSquare },
    'reg:absoluteerror': { targets: numbers, formula: pseudoHuber(-1) },
    'reg:pseudohubererror': { targets: numbers, formula: pseudoHuber(-3) },
    'reg:logistic, binary:logistic, binary:logitraw': { targets: shares, formula: logistic(1e-16) },
    'binary:logistic with scale_pos_weight': { targets: bits, formula: logistic(1e-16, posWeight) },
    'multi:softmax, multi:softprob': { classes: softmax(2, 1e-16) },
    'count:poisson': { targets: counts, formula: poisson((rate, t) => (rate + t) / 2) },
    'count:poisson with max_delta_step 0.7, of older versions': {
      targets: counts,
      formula: poisson((rate) => rate * Math.exp(0.7)),
    },
    'reg:squaredlogerror': { targets: counts, formula: squaredLog },
    'reg:gamma': { targets: positive, formula: tweedie(2) },
    'reg:tweedie': { targets: counts, formula: tweedie(power) },
    'reg:expectileerror': { targets: numbers, formula: expectile },
    'binary:hinge': { targets: bits, formula: hinge },
  },
  LightGBM: {
    regression: { targets: numbers, formula: halfSquare },
    regression_l1: { targets: numbers, formula: absolute },
    huber: { targets: numbers, formula: huber(1) },
    quantile: { targets: numbers, formula: pinball },
    poisson: { targets: counts, formula: poisson((rate) => rate * Math.exp(0.7)) },
    'binary, multiclassova': { targets: bits, formula: logistic(0) },
    'binary with sigmoid k': { targets: [-1.5, 1.5], formula: signed },
    cross_entropy: { targets: shares, formula: logistic(0) },
    multiclass: { classes: softmax(C / (C - 1), 0) },
    gamma: { targets: positive, formula: tweedie(2) },
    tweedie: { targets: counts, formula: tweedie(power) },
    mape: { targets: numbers, formula: percentage },
  },
};

const rows = text
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const library = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^\| (`.*?) \| `(F\..*?)` \|/gm)].map(([, objective, call]) => ({
      library,
      objective: objective.replaceAll('`', ''),
      call,
    }));
  });

it('the tables and the formulas are of the same objectives', () => {
  const expected = Object.entries(meanings).flatMap(([library, of]) =>
    Object.keys(of).map((name) => `${library} ${name}`),
  );
  expect(rows.map(({ library, objective }) => `${library} ${objective}`)).toEqual(expected);
  for (const { call } of rows) expect(call).toMatch(/^F\.\w+\.gradAndHess\(x, t(, \{.*\})?\)$/);
});

const scores = [-50, -20, -3, -1, -0.75, -1e-3, -1e-9, 0, 1e-9, 0.1, 0.25, 1, 1.5, 2, 4, 20, 50];

/** One row for each score and target, or rows of C logits. */
function inputs({ targets, classes, areMeans }: Meaning): {
  x: { data: Float64Array; shape: number[] };
  t: Float64Array | Int32Array;
} {
  if (classes) {
    const data = Float64Array.from(scores.flatMap((x) => [x, 0, -x / 3, 0.5]));
    return { x: { data, shape: [scores.length, C] }, t: Int32Array.from(scores, (_, row) => row % C) };
  }
  const own = areMeans ? scores.filter((x) => x > 0) : scores;
  const pairs = own.flatMap((x) => targets!.map((t) => [x, t]));
  return {
    x: { data: Float64Array.from(pairs, ([x]) => x), shape: [pairs.length] },
    t: Float64Array.from(pairs, ([, t]) => t),
  };
}

function expected({ formula, classes }: Meaning, x: Float64Array, t: ArrayLike<number>) {
  if (formula) {
    const all = Array.from(x, (score, i) => formula(score, t[i]));
    return [0, 1, 2].map((k) => all.map((row) => row[k]));
  }
  const [value, grad, hess]: number[][] = [[], [], []];
  for (let row = 0; row < x.length / C; row++) {
    const logits = [...x.subarray(row * C, row * C + C)];
    const of = (j: number): number => logits.reduce((sum, logit) => sum + Math.exp(logit - logits[j]), 0);
    const others = (j: number): number =>
      logits.reduce((sum, logit, k) => (k === j ? sum : sum + Math.exp(logit - logits[j])), 0) / of(j);
    value.push(Math.log1p(of(t[row]) - 1));
    logits.forEach((_, j) => {
      grad.push(j === t[row] ? -others(j) : 1 / of(j));
      hess.push(Math.max((classes!.scale * others(j)) / of(j), classes!.floor));
    });
  }
  return [value, grad, hess];
}

describe.each(Object.keys(loaded) as (keyof typeof loaded)[])('%s', (backend) => {
  it.each(rows)('$library $objective: $call', ({ library, objective, call }) => {
    const meaning = meanings[library][objective];
    const { x, t } = inputs(meaning);
    const [, loss, given = '{}'] = /^F\.(\w+)\.gradAndHess\(x, t(?:, (.*))?\)$/.exec(call)!;
    const evaluate = (code: string) =>
      new Function('F', 'x', 't', ...Object.keys(named), `'use strict';return ${code};`)(
        loaded[backend],
        x,
        t,
        ...Object.values(named),
      );
    const { gradOutput = 1, hessian, hessianScale, minHessian, ...own } = evaluate(`(${given})`);
    const { grad, hess } = evaluate(call);
    const value = (loaded[backend] as any)[loss](x, t, { ...own, reduction: 'none' });
    const [values, grads, hesses] = expected(meaning, x.data, t);
    const near = (got: ArrayLike<number>, wanted: number[], what: string, factor = 1) => {
      expect(got.length, what).toBe(wanted.length);
      wanted.forEach((want, i) => {
        const score = x.data[i * (x.data.length / wanted.length)];
        expect(
          Math.abs(got[i] * factor - want),
          `${what} at score ${score}: ${got[i] * factor}, not ${want}`,
        ).toBeLessThanOrEqual(1e-12 * Math.abs(want) + 1e-15);
      });
    };
    near(value.data, values, 'value', gradOutput);
    near(grad.data, grads, 'gradient');
    near(hess.data, hesses, 'second derivative');
    // the row's weight
    const weight = x.shape.length === 2 ? scores.map((_, i) => i % 3) : Array.from(t, (_, i) => i % 3);
    const weighted = (loaded[backend] as any)[loss].gradAndHess(x, t, {
      ...evaluate(`(${given})`),
      sampleWeight: weight,
    });
    const per = x.data.length / weight.length;
    near(
      weighted.grad.data,
      grads.map((g, i) => g * weight[Math.floor(i / per)]),
      'weighted gradient',
    );
    near(
      weighted.hess.data,
      hesses.map((h, i) => h * weight[Math.floor(i / per)]),
      'weighted second',
    );
  });
});
