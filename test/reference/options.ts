import type { Tensor } from './tensor.ts';

export interface Inputs {
  input: Tensor;
  target: Tensor;
}

/** The options of every loss, under the names of the public interface. */
export interface Options {
  reduction?: 'mean' | 'sum' | 'none' | 'batchmean';
  /** A number for a reduced loss, a tensor of the loss's shape for 'none'. */
  gradOutput?: number | Tensor;
  weight?: number | Tensor;
  posWeight?: number | Tensor;
  /** The third input of a loss that has one. */
  third?: number | Tensor;
  /** The fourth, likewise. */
  fourth?: number | Tensor;
  chunkRows?: number | 'auto';
  blank?: number;
  zeroInfinity?: boolean;
  linearBias?: Tensor;
  logitScale?: number | Tensor;
  symmetric?: boolean;
  sampleWeight?: number | Tensor;
  ignoreIndex?: number;
  allIgnored?: 'nan' | 'zero';
  labelSmoothing?: number;
  fromLogits?: boolean | 'softmax' | 'sigmoid';
  temperature?: number;
  softcap?: number;
  mask?: Tensor;
  zLoss?: number;
  eps?: number;
  scale?: number;
  power?: number;
  link?: string;
  epsMode?: 'clip' | 'add';
  delta?: number;
  beta?: number;
  logTarget?: boolean;
  full?: boolean;
  logInput?: boolean;
  margin?: number;
  labels?: 'signed' | 'binary';
  quantile?: number | Tensor;
  gamma?: number;
  alpha?: number;
  epsilon?: number;
  smooth?: number;
  denominatorEps?: number;
  classWeight?: 'generalized' | Tensor;
  ignoreBackground?: boolean;
  axis?: number;
  normalize?: boolean;
  p?: number;
  swap?: boolean;
  /** What results are rounded to; sizes of errors depend on it where a kernel computes in f64. */
  dtype?: 'f32' | 'f64';
}

export interface Gradients {
  input: Float64Array;
  /** Absent for class indices. */
  target?: Float64Array;
  /** Absent where there is no third input. */
  third?: Float64Array;
  /** Absent where there is no bias. */
  linearBias?: Float64Array;
  /** Absent where it is a number. */
  logitScale?: Float64Array;
}

/** A loss before its reduction: one term for each element of the 'none' result. */
export interface Terms {
  shape: number[];
  /** Whether the target itself can have a gradient. */
  targetHasGradient: boolean;
  /** A row whose label is ignored is never read. */
  ignored(i: number): boolean;
  value(i: number): number;
  /** What term i adds to the divisor of the mean, before its sample weight. */
  mass(i: number): number;
  /** Adds up · ∂value(i) to the gradients. */
  addGradient(i: number, up: number, grads: Gradients): void;
}
