// All figures of docs/losses.md. Every number is computed by simdloss, or by PyTorch where the legend says so.
import { readFileSync } from 'node:fs';
import type { LossFunctions } from '../../src/index.ts';
import {
  against,
  type Curve,
  each,
  type Figure,
  NATS,
  type Numbers,
  type Point,
  valueAndGradient,
} from './figure.ts';
import { lossFigures } from './losses.ts';

/** For logarithmic axes: last bits that change are no change of a plot. */
const digits = (y: number): number => Number(Math.abs(y).toPrecision(6));

const DESCENT_STEPS = 60;

/**
 * Gradient descent of one number towards 0: how far it is from it before each step, and how steep it is there.
 * The rate is `first`, and multiplied by `ratio` after each step.
 */
function descend(
  gradient: (x: number) => number,
  first: number,
  ratio = 1,
): { distance: Curve; slope: Curve } {
  const distance: Point[] = [];
  const slope: Point[] = [];
  let x = 2.03;
  let rate = first;
  for (let step = 0; step <= DESCENT_STEPS; step++) {
    const g = gradient(x);
    distance.push([step, digits(x)]);
    slope.push([step, digits(g)]);
    x -= rate * g;
    rate *= ratio;
  }
  return { distance: { points: distance }, slope: { points: slope } };
}

function descent(F: LossFunctions): Figure {
  const slope =
    (loss: LossFunctions['l1' | 'mse' | 'huber']) =>
    (x: number): number =>
      loss.grad(Float64Array.of(x), Float64Array.of(0)).data[0];
  const runs = [
    { name: 'L1, rate 0.1', ...descend(slope(F.l1), 0.1) },
    { name: 'L1, rate 0.25 · 0.92ᵏ at step k', ...descend(slope(F.l1), 0.25, 0.92) },
    { name: 'MSE, rate 0.1', ...descend(slope(F.mse), 0.1) },
    { name: 'Huber (δ = 1), rate 0.1', ...descend(slope(F.huber), 0.1) },
  ];
  const x = 'step of gradient descent';
  const xDomain = [0, DESCENT_STEPS] as const;
  return {
    title:
      'With a fixed rate L1 steps to and fro about the target, MSE and, once near, Huber come closer by a fixed ratio; L1 converges with a rate that shrinks.',
    legend: runs.map(({ name }) => name),
    panels: [
      {
        x,
        y: 'distance from target (dimensionless)',
        xDomain,
        yDomain: [1e-4, 10],
        yLog: true,
        curves: runs.map((run) => run.distance),
      },
      {
        x,
        y: '|gradient| (dimensionless)',
        xDomain,
        yDomain: [1e-4, 10],
        yLog: true,
        curves: runs.map((run) => run.slope),
      },
    ],
  };
}

function eps(F: LossFunctions): Figure {
  const EPS = 0.002;
  return valueAndGradient({
    title: 'Near probability 0 of label 1: clipping stops value and gradient, adding eps bends them.',
    x: 'predicted probability of label 1',
    value: NATS,
    grad: 'gradient (dimensionless)',
    span: { from: 0, to: 0.01 },
    valueDomain: [4, 10],
    gradDomain: [-2000, 200],
    curves: [
      { name: 'no eps: logarithms ≥ −100', evaluate: against(1, (x, t) => F.bce.valueAndGrad(x, t, each)) },
      {
        name: `eps ${EPS}, 'clip'`,
        evaluate: against(1, (x, t) => F.bce.valueAndGrad(x, t, { ...each, eps: EPS })),
        jumps: [EPS],
      },
      {
        name: `eps ${EPS}, 'add'`,
        evaluate: against(1, (x, t) => F.bce.valueAndGrad(x, t, { ...each, eps: EPS, epsMode: 'add' })),
      },
    ],
  });
}

const LAST_LOGIT = 60;
const LEAST = 1e-27;

function tails(F: LossFunctions): Figure {
  const torch = JSON.parse(readFileSync(new URL('../accuracy/torch.json', import.meta.url), 'utf8')) as {
    version: string;
    bceWithLogits: { value: number; grad: number }[];
  };
  const logits = Float32Array.from({ length: LAST_LOGIT }, (_, i) => i + 1);
  const ones = new Float32Array(LAST_LOGIT).fill(1);
  const { value, grad } = F.bceWithLogits.valueAndGrad(logits, ones, each);
  // a 0 is drawn at the lower edge
  const curve = (y: Numbers): Curve => ({
    points: Array.from(logits, (x, i): Point => [x, Math.max(LEAST, digits(y[i]))]),
  });
  const zero = torch.bceWithLogits.findIndex((result) => result.value === 0 && result.grad === 0) + 1;
  const panel = {
    x: 'logit of label 1 (dimensionless)',
    xDomain: [0, LAST_LOGIT],
    yDomain: [LEAST, 1],
    yLog: true,
  } as const;
  return {
    title: `In f32 PyTorch’s loss and gradient are 0 from a logit of ${zero} on; ours follow e^−x.`,
    legend: [
      'simdloss, f32',
      `PyTorch ${torch.version.replace(/a\d+$/, '')}, f32: 0 from ${zero} on (drawn at the lower edge)`,
    ],
    panels: [
      { ...panel, y: NATS, curves: [curve(value.data), curve(torch.bceWithLogits.map((r) => r.value))] },
      {
        ...panel,
        y: '|gradient| (dimensionless)',
        curves: [curve(grad.data), curve(torch.bceWithLogits.map((r) => r.grad))],
      },
    ],
  };
}

/** All figures by the name of their file. */
export function figures(F: LossFunctions): Record<string, Figure> {
  return { ...lossFigures(F), 'l1-descent': descent(F), 'bce-eps': eps(F), 'bceWithLogits-tails': tails(F) };
}
