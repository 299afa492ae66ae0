// What is boosted: a loss's name, its call, and the figure that held-out rows are judged by.
import type { LossFunctions, Tensor } from 'simdloss';

type Scores = Tensor<'f32'>;

/** A step that writes the first and second derivative of every row's loss at the scores as they are now. */
export interface Derivatives {
  run(): unknown;
  readonly grad: Float32Array;
  readonly hess: Float32Array;
}

export interface Objective {
  readonly name: string;
  readonly dataset: 'diabetes' | 'breast cancer';
  readonly prepare: (F: LossFunctions, x: Scores, t: Scores, sampleWeight: Scores) => Derivatives;
  /** What `figure` is. */
  readonly measure: string;
  readonly figure: (F: LossFunctions, x: Scores, t: Scores, unit: number) => number;
}

const compute = 'gradAndHess';

const views = (step: (() => unknown) & { readonly grad: Scores; readonly hess: Scores }): Derivatives => ({
  run: step,
  grad: step.grad.data,
  hess: step.hess.data,
});

export const objectives: readonly Objective[] = [
  {
    name: 'mse',
    dataset: 'diabetes',
    prepare: (F, x, t, sampleWeight) => views(F.mse.prepare(x, t, { compute, sampleWeight })),
    measure: 'root mean squared error, points',
    figure: (F, x, t, unit) => unit * Math.sqrt(F.mse(x, t)),
  },
  {
    // huber's own second derivative is 0 beyond delta, where a leaf would be divided by lambda alone
    name: 'huber',
    dataset: 'diabetes',
    prepare: (F, x, t, sampleWeight) =>
      views(F.huber.prepare(x, t, { compute, hessian: 'secant', sampleWeight })),
    measure: 'mean absolute error, points',
    figure: (F, x, t, unit) => unit * F.l1(x, t),
  },
  {
    name: 'pseudoHuber',
    dataset: 'diabetes',
    prepare: (F, x, t, sampleWeight) =>
      views(F.pseudoHuber.prepare(x, t, { compute, hessian: 'secant', sampleWeight })),
    measure: 'mean absolute error, points',
    figure: (F, x, t, unit) => unit * F.l1(x, t),
  },
  {
    // two straight lines: there is no curvature to divide by
    name: 'pinball 0.9',
    dataset: 'diabetes',
    prepare: (F, x, t, sampleWeight) =>
      views(F.pinball.prepare(x, t, { compute, quantile: 0.9, hessian: 'one', sampleWeight })),
    measure: 'mean pinball loss, points',
    figure: (F, x, t, unit) => unit * F.pinball(x, t, { quantile: 0.9 }),
  },
  {
    name: 'bceWithLogits',
    dataset: 'breast cancer',
    prepare: (F, x, t, sampleWeight) => views(F.bceWithLogits.prepare(x, t, { compute, sampleWeight })),
    measure: 'mean log loss',
    figure: (F, x, t) => F.bceWithLogits(x, t),
  },
];
