// Figures that say more of a loss than elementwise.ts does: axes, ranges and curves of its own.
import type { LossFunctions } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { elementwiseFigure } from './elementwise.ts';
import { against, type Evaluate, each, type Figure, NATS, RESIDUAL, valueAndGradient } from './figure.ts';

const LOGIT = 'logit (dimensionless)';

/** A figure of each loss: what stands here, or what follows from its descriptor. */
export function lossFigures(F: LossFunctions): Record<string, Figure> {
  const own = ownFigures(F);
  const others = descriptors.filter(({ name, family }) => !own[name] && family.name === 'elementwise');
  return { ...own, ...Object.fromEntries(others.map((d) => [d.name, elementwiseFigure(F, d)])) };
}

function ownFigures(F: LossFunctions): Record<string, Figure> {
  const negative =
    (weight: number): Evaluate =>
    (x) => {
      const rows = { data: x, shape: [x.length, 1] };
      const options = { ...each, weight: Float64Array.of(weight) };
      const { value, grad } = F.nll.valueAndGrad(rows, new Int32Array(x.length), options);
      return { value: value.data, grad: grad.data };
    };

  /** Ten classes, of which the label's logit is x and the others are 0; the gradient is the label's. */
  const ten =
    (
      call: (
        rows: { data: Float64Array; shape: number[] },
        labels: Int32Array,
      ) => { value: { data: ArrayLike<number> }; grad: { data: ArrayLike<number> } },
    ): Evaluate =>
    (x) => {
      const data = new Float64Array(10 * x.length);
      x.forEach((logit, row) => {
        data[10 * row] = logit;
      });
      const { value, grad } = call({ data, shape: [x.length, 10] }, new Int32Array(x.length));
      return { value: value.data, grad: Array.from(x, (_, row) => grad.data[10 * row]) };
    };

  /** Two classes with logits x and 0; the gradient goes back through log softmax to x. */
  const divergence =
    (share: number): Evaluate =>
    (x) => {
      const shape = [x.length, 2];
      const log = F.logSoftmax({
        data: Float64Array.from({ length: 2 * x.length }, (_, i) => (i % 2 ? 0 : x[i / 2])),
        shape,
      });
      const target = { data: Float64Array.from(log.data, (_, i) => (i % 2 ? 1 - share : share)), shape };
      const { value, grad } = F.klDiv.valueAndGrad(log, target, each);
      const back = F.logSoftmax.grad(log, grad);
      return {
        value: Array.from(x, (_, row) => value.data[2 * row] + value.data[2 * row + 1]),
        grad: Array.from(x, (_, row) => back.data[2 * row]),
      };
    };

  /** Ten pixels with logit x, so many of which are of the class. */
  const covering =
    (count: number): Evaluate =>
    (x) => {
      const shape = [x.length, 10, 1];
      const data = Float64Array.from({ length: 10 * x.length }, (_, i) => x[Math.floor(i / 10)]);
      const target = { data: data.map((_, i) => Number(i % 10 < count)), shape };
      const options = { ...each, fromLogits: 'sigmoid' } as const;
      const { value, grad } = F.dice.valueAndGrad({ data, shape }, target, options);
      const sums = new Float64Array(x.length);
      for (let i = 0; i < data.length; i++) sums[Math.floor(i / 10)] += grad.data[i];
      return { value: value.data, grad: sums };
    };

  /** Ten frames of a blank with logit x and two labels with 0, which take turns in the target. */
  const spelling =
    (count: number): Evaluate =>
    (x) => {
      const shape = [10, x.length, 3];
      const data = Float64Array.from({ length: 30 * x.length }, (_, i) =>
        i % 3 ? 0 : x[(i / 3) % x.length],
      );
      const target = {
        data: Int32Array.from({ length: count * x.length }, (_, i) => 1 + ((i % count) % 2)),
        shape: [x.length, count],
      };
      const lengths = (length: number) => new Int32Array(x.length).fill(length);
      const options = { ...each, fromLogits: true };
      const { value, grad } = F.ctc.valueAndGrad(
        { data, shape },
        target,
        lengths(10),
        lengths(count),
        options,
      );
      const sums = new Float64Array(x.length);
      for (let i = 0; i < data.length; i += 3) sums[(i / 3) % x.length] += grad.data[i];
      return { value: value.data, grad: sums };
    };

  /** Rows of two features each, of which x is the first and 1 the second; the gradient is the first's. */
  const pairs = (
    x: Float64Array,
    call: (
      rows: { data: Float64Array; shape: number[] },
      all: (...row: number[]) => { data: Float64Array; shape: number[] },
    ) => { value: { data: ArrayLike<number> }; grad: { data: ArrayLike<number> } },
  ) => {
    const shape = [x.length, 2];
    const from = (of: (i: number) => number) => ({
      data: Float64Array.from({ length: 2 * x.length }, (_, i) => of(i)),
      shape,
    });
    const { value, grad } = call(
      from((i) => (i % 2 ? 1 : x[i / 2])),
      (...row) => from((i) => row[i % 2]),
    );
    return { value: value.data, grad: Array.from(x, (_, i) => grad.data[2 * i]) };
  };
  const ofPairs = {
    x: 'first of two features, the second being 1',
    value: 'loss',
    grad: 'gradient for the first feature',
    span: { from: -4, to: 4 },
  };

  /** A row at each of the angles; the gradient of the first row's loss is that of its angle. */
  const turned = (
    x: Float64Array,
    call: (row: readonly [number, number]) => {
      value: { data: ArrayLike<number> };
      grad: { data: ArrayLike<number> };
    },
  ) => {
    const all = Array.from(x, (angle) => {
      const row = [Math.cos(angle), Math.sin(angle)] as const;
      const { value, grad } = call(row);
      return { value: value.data[0], grad: row[0] * grad.data[1] - row[1] * grad.data[0] };
    });
    return { value: all.map(({ value }) => value), grad: all.map(({ grad }) => grad) };
  };
  const square = (...data: number[]) => ({ data: Float64Array.from(data), shape: [data.length / 2, 2] });

  const residuals = {
    x: RESIDUAL,
    span: { from: -3, to: 3 },
    value: 'loss in the target’s unit',
    grad: 'gradient (dimensionless)',
    valueDomain: [0, 3],
    gradDomain: [-1.5, 1.5],
  } as const;

  return {
    l1: valueAndGradient({
      ...residuals,
      title: 'L1 is a V with its kink at the target; its gradient is −1 below, 1 above and 0 at the target.',
      curves: [
        {
          name: 'L1 (dot: the gradient at the kink)',
          evaluate: against(0, (x, t) => F.l1.valueAndGrad(x, t, each)),
          jumps: [0],
        },
      ],
    }),
    mse: valueAndGradient({
      ...residuals,
      title: 'MSE is a parabola, its gradient a line of slope 2; L1 beside it grows less.',
      value: 'loss (MSE: unit squared; L1: unit)',
      grad: 'gradient (MSE: unit; L1: none)',
      valueDomain: [0, 9],
      gradDomain: [-6, 6],
      curves: [
        { name: 'MSE', evaluate: against(0, (x, t) => F.mse.valueAndGrad(x, t, each)) },
        {
          name: 'L1, for comparison',
          evaluate: against(0, (x, t) => F.l1.valueAndGrad(x, t, each)),
          jumps: [0],
        },
      ],
    }),
    huber: valueAndGradient({
      ...residuals,
      title: 'Huber is a parabola up to δ and a line of slope δ beyond; its gradient is clipped to ±δ.',
      value: 'loss in the target’s unit, squared',
      grad: 'gradient in the target’s unit',
      valueDomain: [0, 4.5],
      gradDomain: [-2.5, 2.5],
      curves: [0.5, 1, 2].map((delta) => ({
        name: `δ = ${delta}`,
        evaluate: against(0, (x, t) => F.huber.valueAndGrad(x, t, { ...each, delta })),
      })),
    }),
    smoothL1: valueAndGradient({
      ...residuals,
      title: 'Smooth L1 has slope ±1 beyond β whatever β is, and a rounded kink within; β = 0 is L1.',
      curves: [
        ...[2, 1, 0.5].map((beta) => ({
          name: `β = ${beta}`,
          evaluate: against(0, (x, t) => F.smoothL1.valueAndGrad(x, t, { ...each, beta })),
        })),
        {
          name: 'β = 0, which is L1',
          evaluate: against(0, (x, t) => F.smoothL1.valueAndGrad(x, t, { ...each, beta: 0 })),
          jumps: [0],
        },
      ],
    }),
    bce: valueAndGradient({
      title: 'BCE grows without end as the probability goes to the wrong side, and its gradient even faster.',
      x: 'predicted probability of label 1',
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: 0, to: 1 },
      valueDomain: [0, 5],
      gradDomain: [-20, 20],
      curves: [1, 0].map((label) => ({
        name: `label ${label} (dot: exactly ${label})`,
        evaluate: against(label, (x, t) => F.bce.valueAndGrad(x, t, each)),
        jumps: [label],
      })),
    }),
    bceWithLogits: valueAndGradient({
      title:
        'BCE with logits is almost 0 on the right side and a line on the wrong one; its gradient stays within ±1, times posWeight.',
      x: LOGIT,
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -8, to: 8 },
      valueDomain: [0, 10],
      gradDomain: [-3.2, 1.2],
      curves: [
        ...[1, 0].map((label) => ({
          name: `label ${label}`,
          evaluate: against(label, (x, t) => F.bceWithLogits.valueAndGrad(x, t, each)),
        })),
        {
          name: 'label 1, posWeight 3',
          evaluate: against(1, (x, t) => F.bceWithLogits.valueAndGrad(x, t, { ...each, posWeight: 3 })),
        },
      ],
    }),
    sigmoidFocal: valueAndGradient({
      title:
        'Focal loss with γ = 0 is BCE with logits; the greater γ, the less a label counts that is on its side already.',
      x: LOGIT,
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -6, to: 6 },
      valueDomain: [0, 6],
      gradDomain: [-1.6, 0.2],
      curves: [0, 1, 2, 5].map((gamma) => ({
        name: `label 1, γ = ${gamma}`,
        evaluate: against(1, (x, t) => F.sigmoidFocal.valueAndGrad(x, t, { ...each, gamma })),
      })),
    }),
    nll: valueAndGradient({
      title: 'NLL is a line in the label’s log-probability; a class weight is its slope.',
      x: 'log-probability of the label, in nats',
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -5, to: 0 },
      valueDomain: [0, 10],
      gradDomain: [-4, 0],
      curves: [1, 3].map((weight) => ({ name: `class weight ${weight}`, evaluate: negative(weight) })),
    }),
    crossEntropy: valueAndGradient({
      title:
        'Cross entropy falls towards 0 as the label’s logit rises; with label smoothing it has a minimum and rises again.',
      x: 'label’s logit, the other nine being 0',
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -6, to: 12 },
      valueDomain: [0, 8],
      gradDomain: [-1.1, 0.4],
      curves: [0, 0.1, 0.3].map((smoothing) => ({
        name: `labelSmoothing ${smoothing}`,
        evaluate: ten((x, t) => F.crossEntropy.valueAndGrad(x, t, { ...each, labelSmoothing: smoothing })),
      })),
    }),
    polyCrossEntropy: valueAndGradient({
      title: 'Poly loss adds ε (1 − p) to cross entropy: what is not right yet is pulled more, or less.',
      x: 'label’s logit, the other nine being 0',
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -6, to: 12 },
      valueDomain: [0, 12],
      gradDomain: [-2.2, 0.2],
      curves: [-1, 0, 2, 5].map((epsilon) => ({
        name: `ε = ${epsilon}`,
        evaluate: ten((x, t) => F.polyCrossEntropy.valueAndGrad(x, t, { ...each, epsilon })),
      })),
    }),
    categoricalFocal: valueAndGradient({
      title: 'The greater γ, the less a row counts whose label is likely already; γ = 0 is cross entropy.',
      x: 'label’s logit, the other nine being 0',
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -6, to: 12 },
      valueDomain: [0, 9],
      gradDomain: [-1.4, 0.2],
      curves: [0, 1, 2, 5].map((gamma) => ({
        name: `γ = ${gamma}`,
        evaluate: ten((x, t) => F.categoricalFocal.valueAndGrad(x, t, { ...each, gamma })),
      })),
    }),
    gaussianNll: valueAndGradient({
      ...residuals,
      title:
        'Gaussian NLL is a parabola that is the steeper the smaller the variance; certainty pays near the target and costs beyond.',
      x: RESIDUAL,
      value: NATS,
      grad: 'gradient (1/unit of the target)',
      valueDomain: [-1, 5],
      gradDomain: [-6, 6],
      curves: [0.25, 1, 4].map((variance) => ({
        name: `variance ${variance}`,
        evaluate: against(0, (x, t) => F.gaussianNll.valueAndGrad(x, t, variance, each)),
      })),
    }),
    poissonNll: valueAndGradient({
      title:
        'Poisson NLL has its minimum where the rate is the count, and grows much faster above it than below.',
      x: 'logarithm of the predicted rate',
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -3, to: 3 },
      valueDomain: [-4, 14],
      gradDomain: [-6, 14],
      curves: [0, 1, 4].map((count) => ({
        name: `count ${count}`,
        evaluate: against(count, (x, t) => F.poissonNll.valueAndGrad(x, t, each)),
      })),
    }),
    halfTweedie: valueAndGradient({
      title:
        'The Tweedie deviance has its minimum at the target; the higher the power, the less a mean above it costs.',
      x: 'logarithm of the predicted mean',
      value: 'half the deviance of the target 1',
      grad: 'gradient',
      span: { from: -2.5, to: 2.5 },
      valueDomain: [0, 10],
      gradDomain: [-10, 10],
      curves: [1, 1.5, 2].map((power) => ({
        name: `power ${power}`,
        evaluate: against(1, (x, t) => F.halfTweedie.valueAndGrad(x, t, { ...each, power, full: true })),
      })),
    }),
    pseudoHuber: valueAndGradient({
      ...residuals,
      title:
        'Pseudo-Huber goes over from a parabola to a line without a joint; its gradient comes close to ±δ.',
      value: 'loss in the target’s unit, squared',
      grad: 'gradient in the target’s unit',
      valueDomain: [0, 4.5],
      gradDomain: [-2.5, 2.5],
      curves: [0.5, 1, 2].map((delta) => ({
        name: `δ = ${delta}`,
        evaluate: against(0, (x, t) => F.pseudoHuber.valueAndGrad(x, t, { ...each, delta })),
      })),
    }),
    logCosh: valueAndGradient({
      ...residuals,
      title:
        'Log-cosh is half a square near the target and a line of slope 1 far from it, log 2 below the V of L1; its gradient is tanh.',
      value: 'loss (dimensionless)',
      curves: [
        { name: 'log cosh', evaluate: against(0, (x, t) => F.logCosh.valueAndGrad(x, t, each)) },
        {
          name: 'L1, for comparison',
          evaluate: against(0, (x, t) => F.l1.valueAndGrad(x, t, each)),
          jumps: [0],
        },
      ],
    }),
    softMargin: valueAndGradient({
      title: 'Soft margin is almost 0 on the label’s side and a line on the other; the labels are −1 and 1.',
      x: LOGIT,
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -8, to: 8 },
      valueDomain: [0, 8],
      gradDomain: [-1.2, 1.2],
      curves: [1, -1].map((label) => ({
        name: `label ${label}`,
        evaluate: against(label, (x, t) => F.softMargin.valueAndGrad(x, t, each)),
      })),
    }),
    hinge: valueAndGradient({
      title: 'Hinge is a line up to the margin and 0 beyond: what is far enough on its side does not count.',
      x: 'score (dimensionless)',
      value: 'loss (dimensionless)',
      grad: 'gradient (dimensionless)',
      span: { from: -3, to: 3 },
      valueDomain: [0, 4],
      gradDomain: [-1.5, 1.5],
      curves: [
        ...[1, -1].map((label) => ({
          name: `label ${label}`,
          evaluate: against(label, (x, t) => F.hinge.valueAndGrad(x, t, each)),
          jumps: [label],
        })),
        {
          name: 'label 1, margin 0 (perceptron)',
          evaluate: against(1, (x, t) => F.hinge.valueAndGrad(x, t, { ...each, margin: 0 })),
          jumps: [0],
        },
      ],
    }),
    squaredHinge: valueAndGradient({
      title: 'Squared hinge is a parabola up to the margin and 0 beyond, without the hinge’s kink.',
      x: 'score (dimensionless)',
      value: 'loss (dimensionless)',
      grad: 'gradient (dimensionless)',
      span: { from: -3, to: 3 },
      valueDomain: [0, 16],
      gradDomain: [-8, 8],
      curves: [1, -1].map((label) => ({
        name: `label ${label}`,
        evaluate: against(label, (x, t) => F.squaredHinge.valueAndGrad(x, t, each)),
      })),
    }),
    pinball: valueAndGradient({
      ...residuals,
      title:
        'Pinball is a tilted V: at quantile 0.9 it costs nine times as much to be below the target as above.',
      valueDomain: [0, 3],
      gradDomain: [-1.1, 1.1],
      curves: [0.5, 0.75, 0.9].map((quantile) => ({
        name: `quantile ${quantile}`,
        evaluate: against(0, (x, t) => F.pinball.valueAndGrad(x, t, { ...each, quantile })),
        jumps: [0],
      })),
    }),
    expectile: valueAndGradient({
      ...residuals,
      title:
        'Expectile is two halves of parabolas: at 0.9 it is nine times as steep below the target as above.',
      value: 'loss in the target’s unit, squared',
      grad: 'gradient in the target’s unit',
      valueDomain: [0, 6],
      gradDomain: [-5, 3],
      curves: [0.5, 0.75, 0.9].map((quantile) => ({
        name: `quantile ${quantile}`,
        evaluate: against(0, (x, t) => F.expectile.valueAndGrad(x, t, { ...each, quantile })),
      })),
    }),
    mape: valueAndGradient({
      title:
        'MAPE is a V, the steeper the smaller the target; from 0 up to it no prediction costs more than 100.',
      x: 'prediction, in the target’s unit',
      value: 'loss in percent of the target',
      grad: 'gradient, percent per unit',
      span: { from: 0, to: 5 },
      valueDomain: [0, 400],
      gradDomain: [-120, 120],
      curves: [1, 2, 4].map((target) => ({
        name: `target ${target}`,
        evaluate: against(target, (x, t) => F.mape.valueAndGrad(x, t, each)),
        jumps: [target],
      })),
    }),
    msle: valueAndGradient({
      title: 'MSLE counts factors: below the target it is steep, far above it all but flat.',
      x: 'prediction (dimensionless)',
      value: 'loss (dimensionless)',
      grad: 'gradient (dimensionless)',
      span: { from: 0, to: 12 },
      valueDomain: [0, 7],
      gradDomain: [-5, 3],
      curves: [0, 2, 8].map((target) => ({
        name: `target ${target}`,
        evaluate: against(target, (x, t) => F.msle.valueAndGrad(x, t, each)),
      })),
    }),
    hingeEmbedding: valueAndGradient({
      title:
        'Hinge embedding is the distance of what is alike, and what is missing to the margin of what is not.',
      x: 'distance (dimensionless)',
      value: 'loss (dimensionless)',
      grad: 'gradient (dimensionless)',
      span: { from: 0, to: 3 },
      valueDomain: [0, 3],
      gradDomain: [-1.5, 1.5],
      curves: [
        {
          name: 'label 1',
          evaluate: against(1, (x, t) => F.hingeEmbedding.valueAndGrad(x, t, each)),
        },
        ...[1, 2].map((margin) => ({
          name: `label −1, margin ${margin}`,
          evaluate: against(-1, (x, t) => F.hingeEmbedding.valueAndGrad(x, t, { ...each, margin })),
          jumps: [margin],
        })),
      ],
    }),
    marginRanking: valueAndGradient({
      title:
        'Margin ranking is 0 where the right one of two scores is ahead by the margin, and a line elsewhere.',
      x: 'input1, input2 being 0',
      value: 'loss in the scores’ unit',
      grad: 'gradient for input1 (dimensionless)',
      span: { from: -3, to: 3 },
      valueDomain: [0, 4],
      gradDomain: [-1.5, 1.5],
      curves: (
        [
          [1, 0],
          [1, 1],
          [-1, 0],
        ] as const
      ).map(([label, margin]) => ({
        name: `target ${label}, margin ${margin}`,
        evaluate: against(0, (x, t) =>
          F.marginRanking.valueAndGrad(x, t, new Float64Array(x.length).fill(label), { ...each, margin }),
        ),
        jumps: [label * margin],
      })),
    }),
    multiMargin: valueAndGradient({
      title:
        'The multi-class margin is 0 where the label’s score is ahead of all others by the margin, and a line or a parabola elsewhere.',
      x: 'label’s score, the other nine being 0',
      value: 'loss',
      grad: 'gradient',
      span: { from: -1, to: 2.5 },
      valueDomain: [0, 4],
      gradDomain: [-4, 0.5],
      curves: [
        ...[1, 2].map((p) => ({
          name: `p = ${p}`,
          evaluate: ten((x, t) => F.multiMargin.valueAndGrad(x, t, { ...each, p: p as 1 | 2 })),
          jumps: p === 1 ? [1] : [],
        })),
        {
          name: 'p = 1, margin 2',
          evaluate: ten((x, t) => F.multiMargin.valueAndGrad(x, t, { ...each, margin: 2 })),
          jumps: [2],
        },
      ],
    }),
    multilabelMargin: valueAndGradient({
      title:
        'The multi-label margin is 0 where all labels’ scores are 1 ahead of all others; each pair that is not is a line.',
      x: 'score of the first of two labels',
      value: 'loss',
      grad: 'gradient',
      span: { from: -2, to: 2.5 },
      valueDomain: [0, 2.5],
      gradDomain: [-0.8, 0.2],
      curves: [0, 1].map((second) => ({
        name: `second label’s score ${second}`,
        evaluate: (x) => {
          // the scores of what is no label are 0 and 0.5
          const data = Float64Array.from(
            { length: 4 * x.length },
            (_, i) => [x[i >> 2], second, 0, 0.5][i % 4],
          );
          const shape = [x.length, 4];
          const target = { data: Int32Array.from(data, (_, i) => [0, 1, -1, -1][i % 4]), shape };
          const { value, grad } = F.multilabelMargin.valueAndGrad({ data, shape }, target, each);
          return { value: value.data, grad: Array.from(x, (_, i) => grad.data[4 * i]) };
        },
        jumps: [1, 1.5],
      })),
    }),
    multilabelSoftMargin: valueAndGradient({
      ...ofPairs,
      x: 'logit of the first of two classes, the second’s being 1',
      grad: 'gradient of the first logit',
      title: 'The multi-label soft margin is the mean of a binary cross entropy for each class.',
      value: NATS,
      valueDomain: [0, 3],
      gradDomain: [-0.6, 0.6],
      curves: [0, 0.5, 1].map((t) => ({
        name: `target (${t}, 1)`,
        evaluate: (x) => pairs(x, (rows, all) => F.multilabelSoftMargin.valueAndGrad(rows, all(t, 1), each)),
      })),
    }),
    cosineDistance: valueAndGradient({
      ...ofPairs,
      title:
        'The cosine distance is 0 in the target’s direction and flat far from it, where directions hardly change.',
      valueDomain: [0, 2],
      gradDomain: [-1, 1],
      curves: [-1, 0, 1].map((t) => ({
        name: `target (${t}, 1)`,
        evaluate: (x) => pairs(x, (rows, all) => F.cosineDistance.valueAndGrad(rows, all(t, 1), each)),
      })),
    }),
    cosineEmbedding: valueAndGradient({
      ...ofPairs,
      title: 'Cosine embedding pulls a pair together or pushes it apart, down to the margin.',
      valueDomain: [0, 2],
      gradDomain: [-1, 1],
      curves: (
        [
          [1, 0],
          [-1, 0],
          [-1, 0.5],
        ] as const
      ).map(([label, margin]) => ({
        name: `target ${label}${label < 0 ? `, margin ${margin}` : ''}`,
        evaluate: (x) =>
          pairs(x, (rows, all) =>
            F.cosineEmbedding.valueAndGrad(rows, all(0.5, 1), new Float64Array(x.length).fill(label), {
              ...each,
              margin,
            }),
          ),
      })),
    }),
    tripletMargin: valueAndGradient({
      ...ofPairs,
      title:
        'The triplet margin loss is 0 where the negative is farther away than the positive by the margin.',
      valueDomain: [0, 5],
      gradDomain: [-2.2, 2.2],
      curves: [1, 2, Infinity].map((p) => ({
        name: p === Infinity ? 'greatest difference' : `p = ${p}`,
        evaluate: (x) =>
          pairs(x, (rows, all) =>
            F.tripletMargin.valueAndGrad(rows, all(1, 0), all(-1, -1), { ...each, p, eps: 0 }),
          ),
      })),
    }),
    ctc: valueAndGradient({
      title: 'CTC has as many blanks as the labels leave: few labels in ten frames want many.',
      x: 'logit of the blank in every frame, those of two labels being 0',
      value: NATS,
      grad: 'gradient, summed over the frames (dimensionless)',
      span: { from: -4, to: 6 },
      valueDomain: [0, 25],
      gradDomain: [-10, 10],
      curves: [1, 3, 6].map((count) => ({
        name: count === 1 ? 'one label' : `${count} labels`,
        evaluate: spelling(count),
      })),
    }),
    infoNce: valueAndGradient({
      title:
        'A pair that is turned apart costs the more, the greater the scale is; at right angles it is no better than any.',
      x: 'angle between a pair’s rows, in radians',
      value: 'loss of the pair in nats',
      grad: 'gradient over the angle (nats per radian)',
      span: { from: -3, to: 3 },
      valueDomain: [0, 6],
      gradDomain: [-4, 4],
      curves: [1, 2, 5].map((logitScale) => ({
        name: `scale ${logitScale}`,
        evaluate: (x) =>
          turned(x, (row) =>
            F.infoNce.valueAndGrad(square(1, 0, 0, 1), square(...row, 0, 1), {
              reduction: 'none',
              gradOutput: Float64Array.of(1, 0),
              wrt: 'target',
              logitScale,
            }),
          ),
      })),
    }),
    ntxent: valueAndGradient({
      title:
        'The first row of a pair turns towards a row of another label, which the loss takes the worse, the colder it is.',
      x: 'angle between the pair’s rows, in radians; the other row is at π/2',
      value: 'loss of the row in nats',
      grad: 'gradient over the angle (nats per radian)',
      span: { from: -3, to: 3 },
      valueDomain: [0, 6],
      gradDomain: [-4, 6],
      curves: [0.25, 0.5, 1].map((temperature) => ({
        name: `temperature ${temperature}`,
        evaluate: (x) =>
          turned(x, (row) =>
            F.ntxent.valueAndGrad(square(...row, 1, 0, 0, 1), Int32Array.of(0, 0, 1), {
              reduction: 'none',
              gradOutput: Float64Array.of(1, 0, 0),
              temperature,
            }),
          ),
      })),
    }),
    dice: valueAndGradient({
      title:
        'Dice of ten pixels with one logit: the fewer are of the class, the less there is to be had from all of them.',
      x: 'logit of each pixel',
      value: 'loss (dimensionless)',
      grad: 'gradient, summed over the pixels (dimensionless)',
      span: { from: -6, to: 6 },
      valueDomain: [0, 1],
      gradDomain: [-0.4, 0.2],
      curves: [1, 5, 10].map((count) => ({
        name: count === 1 ? 'one is of the class' : `${count} are`,
        evaluate: covering(count),
      })),
    }),
    linearCrossEntropy: valueAndGradient({
      title: 'Over a feature the loss bends the sooner and rises the steeper, the greater its weight is.',
      x: 'feature, of weight 0 for the other class',
      value: NATS,
      grad: 'gradient (dimensionless)',
      span: { from: -4, to: 4 },
      valueDomain: [0, 6],
      gradDomain: [-2.2, 1.1],
      curves: [0.5, 2, -1].map((w) => ({
        name: `weight ${w} for the label`.replace('-', '−'),
        evaluate: (x) => {
          const rows = { data: x, shape: [x.length, 1] };
          const weights = { data: Float64Array.of(w, 0), shape: [2, 1] };
          const { value, grad } = F.linearCrossEntropy.valueAndGrad(
            rows,
            weights,
            new Int32Array(x.length),
            each,
          );
          return { value: value.data, grad: grad.data };
        },
      })),
    }),
    jsd: valueAndGradient({
      title:
        'A term of the Jensen–Shannon divergence is 0 at the target, and stays finite where the prediction is 0.',
      x: 'log-probability x, in nats',
      value: 'loss of the term in nats',
      grad: 'gradient (dimensionless)',
      span: { from: -5, to: 0 },
      valueDomain: [0, 0.3],
      gradDomain: [-0.15, 0.35],
      curves: [0.1, 0.5, 0.9].map((beta) => ({
        name: `β = ${beta}`,
        evaluate: against(-1, (x, t) => F.jsd.valueAndGrad(x, t, { ...each, beta })),
      })),
    }),
    klDiv: valueAndGradient({
      title:
        'The divergence is 0 where the predicted distribution is the target’s; for the target (1, 0) that is at infinity.',
      x: 'logit of the first class, the second being 0',
      value: 'divergence in nats',
      grad: 'gradient (dimensionless)',
      span: { from: -6, to: 6 },
      valueDomain: [0, 4],
      gradDomain: [-1.1, 1.1],
      curves: [0.5, 0.8, 1].map((share) => ({
        name: `target (${share}, ${Math.round(10 - 10 * share) / 10})`,
        evaluate: divergence(share),
      })),
    }),
  };
}
