import type { Case } from './case.ts';

/** What this project decided where a suite recorded something else. */
export interface Divergence {
  /** The row of the decided semantics, and what the others do. */
  reason: string;
  /** The decided numbers, by flat index. */
  value?: Record<number, number>;
  grads?: Record<string, Record<number, number>>;
}

const matchingInfinity: Divergence = {
  reason: 'BCE with logits, x = ±inf matching its label: 0, the limit (PyTorch: NaN)',
  value: { 0: 0, 1: 0, 3: Infinity },
};

const zeroProbability: Divergence = {
  reason: 'KL with target 0 is 0, a target e^−inf too (PyTorch with log targets: NaN)',
  value: { 0: 0 },
};

const l1AtZero = 'L1 at 0: subgradient 0';
const zeros = (...indices: number[]): Record<number, number> =>
  Object.fromEntries(indices.map((i) => [i, 0]));

const pinballAtTie = (quantile: number): Divergence => ({
  reason: `pinball at a tie: subgradient 0 (scikit-learn: −${quantile})`,
  grads: { raw_prediction: zeros(0, 1, 2) },
});

/** By case id. A case stands here because its recorded numbers differ from a decision, never to make it pass. */
const divergences: Record<string, Divergence> = {
  'torch/bce_with_logits/nonfinite': matchingInfinity,
  'fixture/bce_with_logits/nonfinite': matchingInfinity,
  'torch/kl_div/log-minus-inf': zeroProbability,
  'fixture/kl_div/log-minus-inf': zeroProbability,
  'fixture/l1/nonfinite': {
    reason: 'L1: NaN propagates into the gradient (PyTorch: 0)',
    grads: { input: { 2: NaN, 3: NaN }, target: { 2: NaN, 3: NaN } },
  },
  'fixture/smooth_l1/kink-0.0': {
    reason: `${l1AtZero}, smooth L1 with β = 0 too (PyTorch: −1)`,
    grads: { input: zeros(0, 1, 2, 3, 4, 5), target: zeros(0, 1, 2, 3, 4, 5) },
  },
  'keras/MeanAbsoluteErrorTest.test_all_correct_unweighted#0': {
    reason: `${l1AtZero} (JAX: −1)`,
    grads: { y_pred: zeros(0, 1, 2, 3, 4, 5) },
  },
  'keras/MeanAbsolutePercentageErrorTest.test_all_correct_unweighted#0': {
    reason: 'MAPE at 0: subgradient 0, as L1 (JAX: −1)',
    grads: { y_pred: zeros(0, 1, 2, 3, 4, 5) },
  },
  'sklearn/impl/PinballLoss-q0.05': pinballAtTie(0.05),
  'sklearn/impl/PinballLoss-q0.5': pinballAtTie(0.5),
  'sklearn/impl/PinballLoss-q0.9': pinballAtTie(0.9),
  'tfjs-core/logLoss/1D_-_Check_for_negative_values#0': {
    reason: 'BCE of p outside [0, 1]: NaN, the gradient too (tfjs: a finite gradient)',
    grads: { predictions: { 1: NaN, 2: NaN } },
  },
  'optax/RankingLossesTest.test_computes_loss_value_with_all_masked0#0': {
    reason: 'the mean where every row is left out is NaN (optax: 0)',
    value: { 0: NaN },
  },
};

export const divergenceOf = (c: Case): Divergence | undefined => divergences[c.id];

export const divergentIds = Object.keys(divergences);
