// The formulas of docs/losses.md, option by option: each stands here as code, and is what simdloss computes.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';

const F = await load();
afterAll(() => F.dispose());

interface Formula {
  readonly options?: object;
  /** As the page writes them. */
  readonly text: readonly [value: string, gradient: string];
  /** Of x, t and a third input where there is one. */
  readonly value: (x: number, t: number, third: number) => number;
  readonly gradient: (x: number, t: number, third: number) => number;
}
type Formulas = Readonly<Record<string, Formula>>;

const log = Math.log;
const clip = (x: number): number => Math.min(1 - eps, Math.max(eps, x));
const eps = 0.1;
const delta = 1.5;
const margin = 0.7;
const quantile = 0.3;
const beta = 0.3;
const power = 1.3;
const rest = (mean: number, t: number): number =>
  mean ** (2 - power) / (2 - power) - (t * mean ** (1 - power)) / (1 - power);
const mixture = (x: number, t: number) => {
  const [Q, P] = [Math.exp(x), Math.exp(t)];
  return { P, Q, M: beta * P + (1 - beta) * Q };
};
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const focal = (x: number, t: number) => {
  const u = t * sigmoid(-x) + (1 - t) * sigmoid(x);
  const c = t * softplus(-x) + (1 - t) * softplus(x);
  return { u, c, power: (0.3 * t + 0.7 * (1 - t)) * u ** 1.5 };
};
const clipped = (d: number, most: number): number => Math.max(-most, Math.min(most, d));

/** Of one element; by what the page says after "with". */
const elementwise: Readonly<Record<string, Formulas>> = {
  l1: {
    '': {
      text: ['|x − t|', 'sign(x − t), 0 at the kink'],
      value: (x, t) => Math.abs(x - t),
      gradient: (x, t) => Math.sign(x - t),
    },
  },
  mse: {
    '': { text: ['(x − t)²', '2(x − t)'], value: (x, t) => (x - t) ** 2, gradient: (x, t) => 2 * (x - t) },
  },
  huber: {
    '': {
      options: { delta },
      text: ['½(x − t)² where |x − t| ≤ δ, else δ(|x − t| − ½δ)', 'd clipped to [−δ, δ]'],
      value: (x, t) => (Math.abs(x - t) <= delta ? (x - t) ** 2 / 2 : delta * (Math.abs(x - t) - delta / 2)),
      gradient: (x, t) => clipped(x - t, delta),
    },
  },
  smoothL1: {
    '': {
      options: { beta: delta },
      text: ['½(x − t)²/β where |x − t| < β, else |x − t| − ½β', 'd/β clipped to [−1, 1]'],
      value: (x, t) => (Math.abs(x - t) < delta ? (x - t) ** 2 / 2 / delta : Math.abs(x - t) - delta / 2),
      gradient: (x, t) => clipped((x - t) / delta, 1),
    },
    'beta: 0': {
      options: { beta: 0 },
      text: ['|x − t|', 'sign(x − t)'],
      value: (x, t) => Math.abs(x - t),
      gradient: (x, t) => Math.sign(x - t),
    },
  },
  bce: {
    '': {
      text: ['−(t log x + (1 − t) log(1 − x))', '(x − t)/(x (1 − x))'],
      value: (x, t) => -(t * log(x) + (1 - t) * log(1 - x)),
      gradient: (x, t) => (x - t) / (x * (1 - x)),
    },
    eps: {
      options: { eps },
      text: [
        '−(t log c + (1 − t) log(1 − c)), c = x clipped to [eps, 1 − eps]',
        '(x − t)/(x (1 − x)) where x = c, else 0',
      ],
      value: (x, t) => -(t * log(clip(x)) + (1 - t) * log(1 - clip(x))),
      gradient: (x, t) => (x === clip(x) ? (x - t) / (x * (1 - x)) : 0),
    },
    "epsMode: 'add'": {
      options: { eps, epsMode: 'add' },
      text: ['−(t log(x + eps) + (1 − t) log(1 − x + eps))', '(1 − t)/(1 − x + eps) − t/(x + eps)'],
      value: (x, t) => -(t * log(x + eps) + (1 - t) * log(1 - x + eps)),
      gradient: (x, t) => (1 - t) / (1 - x + eps) - t / (x + eps),
    },
  },
  bceWithLogits: {
    '': {
      options: { posWeight: 3 },
      text: ['q t softplus(−x) + (1 − t) softplus(x)', '(1 − t) σ(x) − q t σ(−x)'],
      value: (x, t) => 3 * t * softplus(-x) + (1 - t) * softplus(x),
      gradient: (x, t) => (1 - t) * sigmoid(x) - 3 * t * sigmoid(-x),
    },
  },
  sigmoidFocal: {
    '': {
      options: { gamma: 1.5, alpha: 0.3 },
      text: [
        'αₜ uᵞ c, c = bceWithLogits, u = 1 − the probability of the label',
        'αₜ uᵞ (γ (1 − 2t) c σ(x) σ(−x)/u + (1 − t) σ(x) − t σ(−x))',
      ],
      value: (x, t) => focal(x, t).power * focal(x, t).c,
      gradient: (x, t) => {
        const { power, c, u } = focal(x, t);
        const turn = (1.5 * (1 - 2 * t) * c * sigmoid(x) * sigmoid(-x)) / u;
        return power * (turn + (1 - t) * sigmoid(x) - t * sigmoid(-x));
      },
    },
  },
  klDiv: {
    '': {
      text: ['t (log t − x), 0 where t = 0', '−t'],
      value: (x, t) => t * (log(t) - x),
      gradient: (_, t) => -t,
    },
    'logTarget: true': {
      options: { logTarget: true },
      text: ['eᵗ (t − x)', '−eᵗ'],
      value: (x, t) => Math.exp(t) * (t - x),
      gradient: (_, t) => -Math.exp(t),
    },
  },
  jsd: {
    '': {
      options: { beta },
      text: ['β P log(P/M) + (1 − β) Q log(Q/M), P = eᵗ, Q = eˣ, M = β P + (1 − β) Q', '−(1 − β) Q log(M/Q)'],
      value: (x, t) => {
        const { P, Q, M } = mixture(x, t);
        // what adds up to 0 over classes is in each term
        return beta * P * log(P / M) + (1 - beta) * Q * log(Q / M);
      },
      gradient: (x, t) => {
        const { Q, M } = mixture(x, t);
        return -(1 - beta) * Q * log(M / Q);
      },
    },
    'beta: 0': {
      options: { beta: 0 },
      text: ['eᵗ (t − x)', '−eᵗ'],
      value: (x, t) => Math.exp(t) * (t - x),
      gradient: (_, t) => -Math.exp(t),
    },
    'beta: 1': {
      options: { beta: 1 },
      text: ['eˣ (x − t)', 'eˣ (x − t + 1)'],
      value: (x, t) => Math.exp(x) * (x - t),
      gradient: (x, t) => Math.exp(x) * (x - t + 1),
    },
  },
  gaussianNll: {
    '': {
      options: { eps },
      text: ['½(log v + (x − t)²/v), v = max(var, eps)', 'd/v'],
      value: (x, t, u) => (log(Math.max(u, eps)) + (x - t) ** 2 / Math.max(u, eps)) / 2,
      gradient: (x, t, u) => (x - t) / Math.max(u, eps),
    },
  },
  poissonNll: {
    '': {
      text: ['eˣ − t x', 'eˣ − t'],
      value: (x, t) => Math.exp(x) - t * x,
      gradient: (x, t) => Math.exp(x) - t,
    },
    'logInput: false': {
      options: { logInput: false, eps: 5 },
      text: ['x − t log(x + eps)', '(x − t + eps)/(x + eps)'],
      value: (x, t) => x - t * log(x + 5),
      gradient: (x, t) => (x - t + 5) / (x + 5),
    },
  },
  pseudoHuber: {
    '': {
      options: { delta },
      text: ['δ²(√(1 + ((x − t)/δ)²) − 1)', 'd/√(1 + (d/δ)²)'],
      value: (x, t) => delta ** 2 * (Math.sqrt(1 + ((x - t) / delta) ** 2) - 1),
      gradient: (x, t) => (x - t) / Math.sqrt(1 + ((x - t) / delta) ** 2),
    },
  },
  logCosh: {
    '': {
      text: ['log cosh(x − t)', 'tanh(x − t)'],
      value: (x, t) => log(Math.cosh(x - t)),
      gradient: (x, t) => Math.tanh(x - t),
    },
  },
  softMargin: {
    '': {
      text: ['softplus(−t x)', '−t σ(−t x)'],
      value: (x, t) => softplus(-t * x),
      gradient: (x, t) => -t * sigmoid(-t * x),
    },
  },
  hinge: {
    '': {
      options: { margin },
      text: ['max(0, margin − t x)', '−t where t x < margin, else 0'],
      value: (x, t) => Math.max(0, margin - t * x),
      gradient: (x, t) => (t * x < margin ? -t : 0),
    },
    "labels: 'binary'": {
      options: { margin, labels: 'binary' },
      text: ['max(0, margin − y x), y = 2t − 1', '−y where y x < margin, else 0'],
      value: (x, t) => Math.max(0, margin - (2 * t - 1) * x),
      gradient: (x, t) => ((2 * t - 1) * x < margin ? 1 - 2 * t : 0),
    },
  },
  squaredHinge: {
    '': {
      options: { margin },
      text: ['max(0, margin − t x)²', '−2t(margin − t x) where t x < margin, else 0'],
      value: (x, t) => Math.max(0, margin - t * x) ** 2,
      gradient: (x, t) => -2 * t * Math.max(0, margin - t * x),
    },
    "labels: 'binary'": {
      options: { margin, labels: 'binary' },
      text: ['max(0, margin − y x)², y = 2t − 1', '−2y(margin − y x) where y x < margin, else 0'],
      value: (x, t) => Math.max(0, margin - (2 * t - 1) * x) ** 2,
      gradient: (x, t) => (2 - 4 * t) * Math.max(0, margin - (2 * t - 1) * x),
    },
  },
  pinball: {
    '': {
      options: { quantile },
      text: ['max(τ(t − x), (τ − 1)(t − x))', '1 − τ where x > t, −τ where x < t, 0 where x = t'],
      value: (x, t) => Math.max(quantile * (t - x), (quantile - 1) * (t - x)),
      gradient: (x, t) => (x > t ? 1 - quantile : x < t ? -quantile : 0),
    },
  },
  expectile: {
    '': {
      options: { quantile },
      text: ['w (x − t)², w = τ where x < t, else 1 − τ', '2w (x − t)'],
      value: (x, t) => (x < t ? quantile : 1 - quantile) * (x - t) ** 2,
      gradient: (x, t) => 2 * (x < t ? quantile : 1 - quantile) * (x - t),
    },
  },
  mape: {
    '': {
      options: { scale: 3, eps },
      text: ['scale |x − t|/max(|t|, eps)', 'scale sign(x − t)/max(|t|, eps), 0 where x = t'],
      value: (x, t) => (3 * Math.abs(x - t)) / Math.max(Math.abs(t), eps),
      gradient: (x, t) => (3 * Math.sign(x - t)) / Math.max(Math.abs(t), eps),
    },
  },
  msle: {
    '': {
      text: ['(log(1 + x) − log(1 + t))²', '2D/(1 + x), D = log(1 + x) − log(1 + t)'],
      value: (x, t) => (log(1 + x) - log(1 + t)) ** 2,
      gradient: (x, t) => (2 * (log(1 + x) - log(1 + t))) / (1 + x),
    },
    eps: {
      options: { eps },
      text: ['D² of max(x, eps) and max(t, eps)', '2D/(1 + x) where x ≥ eps, else 0'],
      value: (x, t) => (log(1 + Math.max(x, eps)) - log(1 + Math.max(t, eps))) ** 2,
      gradient: (x, t) => (x < eps ? 0 : (2 * (log(1 + x) - log(1 + Math.max(t, eps)))) / (1 + x)),
    },
  },
  hingeEmbedding: {
    '': {
      options: { margin },
      text: [
        'x where t = 1, max(0, margin − x) where t = −1',
        '1 where t = 1, −1 where t = −1 and x ≤ margin, else 0',
      ],
      value: (x, t) => (t === 1 ? x : Math.max(0, margin - x)),
      gradient: (x, t) => (t === 1 ? 1 : x <= margin ? -1 : 0),
    },
  },
  halfTweedie: {
    '': {
      options: { power },
      text: ['e^((2−p)x)/(2−p) − t e^((1−p)x)/(1−p)', 'e^((1−p)x) (eˣ − t)'],
      value: (x, t) => rest(Math.exp(x), t),
      gradient: (x, t) => Math.exp((1 - power) * x) * (Math.exp(x) - t),
    },
    full: {
      options: { power, full: true },
      text: [
        'D(eˣ, t), D(μ, t) = μ^(2−p)/(2−p) − t μ^(1−p)/(1−p) + t^(2−p)/((1−p)(2−p))',
        'e^((1−p)x) (eˣ − t)',
      ],
      value: (x, t) => rest(Math.exp(x), t) + t ** (2 - power) / ((1 - power) * (2 - power)),
      gradient: (x, t) => Math.exp((1 - power) * x) * (Math.exp(x) - t),
    },
    "link: 'identity'": {
      options: { power, link: 'identity' },
      text: ['D(x, t)', 'x^−p (x − t)'],
      value: (x, t) => rest(x, t) + t ** (2 - power) / ((1 - power) * (2 - power)),
      gradient: (x, t) => x ** -power * (x - t),
    },
  },
  marginRanking: {
    '': {
      options: { margin },
      text: ['max(0, margin − t(x₁ − x₂))', '−t where t(x₁ − x₂) ≤ margin, else 0'],
      value: (x, other, t) => Math.max(0, margin - t * (x - other)),
      gradient: (x, other, t) => (t * (x - other) <= margin ? -t : 0),
    },
  },
};

/** Of a class c, with a for t; of softmax as a whole below. */
const byClass: Readonly<Record<string, Formulas>> = {
  crossEntropy: {
    '': {
      text: ['−Σ_c a_c log softmax(x)_c', 'softmax(x)_c Σ a − a_c'],
      value: () => Number.NaN,
      gradient: () => Number.NaN,
    },
    'fromLogits: false': {
      options: { fromLogits: false },
      text: ['−Σ_c a_c log x_c', '−a_c/x_c'],
      value: (x, a) => -a * log(x),
      gradient: (x, a) => -a / x,
    },
    'fromLogits: false and eps': {
      options: { fromLogits: false, eps },
      text: ['−Σ_c a_c log y_c, y = x clipped to [eps, 1 − eps]', '−a_c/x_c where x_c = y_c, else 0'],
      value: (x, a) => -a * log(clip(x)),
      gradient: (x, a) => (x === clip(x) ? -a / x : 0),
    },
    "fromLogits: false and epsMode: 'add'": {
      options: { fromLogits: false, eps, epsMode: 'add' },
      text: ['−Σ_c a_c log(x_c + eps)', '−a_c/(x_c + eps)'],
      value: (x, a) => -a * log(x + eps),
      gradient: (x, a) => -a / (x + eps),
    },
  },
  nll: {
    '': {
      text: ['−w_t x_t', '−w_t there and 0 elsewhere'],
      value: (x, a) => -a * x,
      gradient: (_, a) => -a || 0,
    },
  },
};
const all = { ...elementwise, ...byClass };

/** What the page says, by what stands after "with". */
function said(name: string): Record<string, [string, string]> {
  const page = readFileSync(new URL('../../docs/losses.md', import.meta.url), 'utf8');
  const block = new RegExp(`<!-- ${name} -->\\n\`\`\`text\\n([\\s\\S]*?)\`\`\``).exec(page)![1];
  const found = block.matchAll(/(?:^with (.*)\n)?^ *value +(.*)\n *gradient +(.*)$/gm);
  return Object.fromEntries([...found].map(([, when = '', value, gradient]) => [when, [value, gradient]]));
}

it.each(descriptors)('$name: every formula of the page stands here', ({ name }) => {
  const here = Object.entries(all[name] ?? {}).map(([when, { text }]) => [when, text]);
  // a loss that is new says what it is, and its row computes it
  if (!(name in all)) expect(said(name)['']).toHaveLength(2);
  else expect(said(name)).toEqual(Object.fromEntries(here));
});

const any = [-4, -1.5, -0.5, 0, 0.7, 1.5, 3];
/** Numbers where a loss is defined, its borders near. */
const numbers: Readonly<Record<string, [x: number[], t: number[], third?: number[]]>> = {
  bce: [
    [0.02, 0.1, 0.3, 0.7, 0.97],
    [0, 0.2, 1],
  ],
  klDiv: [
    [-4, -1, -0.1],
    [0.05, 0.5, 1],
  ],
  jsd: [
    [-4, -1, -0.1],
    [-3, -1, -0.1],
  ],
  gaussianNll: [any, [0, 0.25, 1], [0, 0.05, 0.5, 3]],
  softMargin: [any, [-1, 1]],
  msle: [
    [-0.9, 0, 0.05, 2, 9],
    [-0.5, 0, 0.05, 3],
  ],
  hingeEmbedding: [any, [-1, 1]],
  halfTweedie: [
    [0.3, 1, 2],
    [0.5, 1, 3],
  ],
  marginRanking: [any, [-1, 0, 0.8], [-1, 1]],
};

describe.each(
  Object.entries(elementwise).flatMap(([name, formulas]) =>
    Object.entries(formulas).map(([when, formula]) => ({ name, when, ...formula })),
  ),
)('$name $when', ({ name, options, value, gradient }) => {
  it('is computed', () => {
    const [xs, ts, thirds = [Number.NaN]] = numbers[name] ?? [any, [0, 0.25, 1]];
    for (const x of xs) {
      for (const t of name === 'klDiv' && options ? ts.map(log) : ts) {
        for (const third of thirds) {
          const given = [[x], [t], ...(Number.isNaN(third) ? [] : [[third]])];
          const result = (F as any)[name].valueAndGrad(...given, options);
          expect(result.value, `${given}`).toBeCloseTo(value(x, t, third), 10);
          expect(result.grad.data[0], `${given}`).toBeCloseTo(gradient(x, t, third), 10);
        }
      }
    }
  });
});

describe('classes', () => {
  const weight = Float64Array.of(2, 0.5, 1);
  const t = Float64Array.of(0.2, 0, 0.8);
  const oneHot = Float64Array.of(0, 0, 1);
  const rows = (data: Float64Array) => ({ data, shape: [1, 3] });
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

  it.each(Object.entries(byClass.crossEntropy).slice(1))(
    'crossEntropy with %s',
    (_, { options, value, gradient }) => {
      const x = Float64Array.of(0.04, 0.3, 0.66);
      const a = t.map((share, c) => share * weight[c]);
      const result = F.crossEntropy.valueAndGrad(rows(x), rows(t), { weight, ...options });
      expect(result.value).toBeCloseTo(sum(x.map((p, c) => value(p, a[c], Number.NaN))), 10);
      x.forEach((p, c) => {
        expect(result.grad.data[c]).toBeCloseTo(gradient(p, a[c], Number.NaN), 10);
      });
    },
  );

  it.each([0, 0.3])('crossEntropy of logits, labelSmoothing %d', (labelSmoothing) => {
    const x = Float64Array.of(2, -1, 0.5);
    const a = t.map((share, c) => weight[c] * ((1 - labelSmoothing) * share + labelSmoothing / 3));
    const p = x.map((logit) => Math.exp(logit) / sum(x.map(Math.exp)));
    const result = F.crossEntropy.valueAndGrad(rows(x), rows(t), { weight, labelSmoothing });
    expect(result.value).toBeCloseTo(-sum(a.map((share, c) => share * log(p[c]))), 10);
    p.forEach((share, c) => {
      expect(result.grad.data[c]).toBeCloseTo(share * sum(a) - a[c], 10);
    });
  });

  it.each(['bce', 'bceWithLogits', 'sigmoidFocal'] as const)('%s with labelSmoothing', (name) => {
    const labelSmoothing = 0.3;
    const smooth = (share: number) => (1 - labelSmoothing) * share + labelSmoothing / 2;
    const x = [0.2, 0.7];
    for (const share of [0, 0.3, 1]) {
      const plain = F[name].valueAndGrad(x, [share, share].map(smooth), { wrt: ['input', 'target'] });
      const smoothed = F[name].valueAndGrad(x, [share, share], { labelSmoothing, wrt: ['input', 'target'] });
      expect(smoothed.value).toBeCloseTo(plain.value, 12);
      x.forEach((_, i) => {
        expect(smoothed.grad.input.data[i]).toBeCloseTo(plain.grad.input.data[i], 12);
        const back = (1 - labelSmoothing) * plain.grad.target.data[i];
        expect(smoothed.grad.target.data[i]).toBeCloseTo(back, 12);
      });
    }
  });

  it('nll', () => {
    const x = Float64Array.of(-1, -2, -0.3);
    const { value, gradient } = byClass.nll[''];
    const result = F.nll.valueAndGrad(rows(x), Int32Array.of(2), { weight, reduction: 'sum' });
    expect(result.value).toBeCloseTo(
      sum(x.map((log, c) => value(log, oneHot[c] * weight[c], Number.NaN))),
      10,
    );
    x.forEach((log, c) => {
      expect(result.grad.data[c]).toBeCloseTo(gradient(log, oneHot[c] * weight[c], Number.NaN), 10);
    });
  });
});
