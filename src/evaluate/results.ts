import type { Key } from './table.ts';

/** What is known of one label. */
export interface ClassResult {
  readonly count: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** Figures: those that were asked for. NaN where nothing counts. */
export interface Figures {
  /** The mean of the terms, as the loss's reduction 'mean': Σ terms / Σ weights, rounded once. */
  readonly loss: number;
  /** The sum of the terms, rounded once. */
  readonly sum: number;
  /** How many rows or elements count. */
  readonly count: number;
  /** What the mean divides by: Σ sampleWeight, times the label's class weight. */
  readonly weight: number;
  /** Share of rows whose label has the greatest logit; of two classes, whose score is on the label's side. */
  readonly accuracy?: number;
  /** By k: share of rows whose label is among the k greatest. */
  readonly topK?: Readonly<Record<number, number>>;
  /** Mean of 1/rank, the label's rank from 1 on. */
  readonly mrr?: number;
  /** e to the mean negative log-likelihood of the labels, without smoothing, class weights and z-loss. */
  readonly perplexity?: number;
  /** The mean of the groups' perplexities: groups are sequences, what has no key is none. */
  readonly perplexityBySequence?: number;
  /** Mean of −Σ p log p, in nats: how undecided the predictions are. */
  readonly entropy?: number;
  /** Mean of Σ (p − t)², over all classes; of two classes (p − t)² of label 1. */
  readonly brier?: number;
  /** Expected calibration error: how far probabilities are from shares, by bins of equal width. */
  readonly ece?: number;
  /** Area under the ROC curve: how often label 1 has the greater score; of equal first 16 bits, half. */
  readonly auc?: number;
  /** By label. */
  readonly perClass?: readonly ClassResult[];
  /** How many rows of each label (first index) have each class as the most probable one (second). */
  readonly confusion?: readonly (readonly number[])[];
  /** Mean of |input − target|. */
  readonly mae?: number;
  /** Root of the mean of (input − target)². */
  readonly rmse?: number;
  /** 1 − Σ (input − target)² / Σ (target − their mean)². */
  readonly r2?: number;
}

export interface GroupResult extends Figures {
  readonly key: Key;
}

export interface Results extends Figures {
  /** In the order of the keys, integers before texts; left out where no row had one. */
  readonly groups?: readonly GroupResult[];
}
