import type { Role } from '../losses/roles.ts';
import type { HelperName, Options } from '../reference/index.ts';
import type { Tensor } from './case.ts';

/** What has a gradient: an input, or the option that has one. */
export type Source = Role | 'linearBias';

/** One call of a loss. */
export interface LossCall {
  loss: string;
  inputs: { input: Tensor; target: Tensor };
  /** Whether the target holds class indices. */
  labels: boolean;
  options: Options;
  wrt: readonly Source[];
}

/** One call of a helper and of its backward. */
export interface HelperCall {
  helper: HelperName;
  input: Tensor;
  axis?: number;
  gradOutput: Tensor;
}

/** One call of ctc. */
export interface SequenceCall {
  loss: 'ctc';
  inputs: { input: Tensor; target: Tensor };
  /** Of the frames, and of the labels. */
  lengths: readonly [Tensor, Tensor];
  options: Options;
}

export type Call = LossCall | HelperCall | SequenceCall;

export const isHelper = (call: Call): call is HelperCall => 'helper' in call;
export const isSequence = (call: Call): call is SequenceCall => 'lengths' in call;

/** The flat numbers of a value and of the gradients that were asked for. */
export interface Numbers {
  value: number[];
  grads: Partial<Record<Source, number[]>>;
}

/** Turns the library's numbers into the suite's. */
export type Convert = (from: number[]) => number[];

/** How a gradient of the suite comes out of the call's. */
export interface GradientPlan {
  from: Source;
  convert: Convert;
  /** The same for error bounds, where `convert` subtracts. */
  bound?: Convert;
}

/** How a case is run and how its result becomes comparable with what the suite recorded. */
export interface Plan {
  call: Call;
  value: Convert;
  /** By the suite's name of the input. */
  grads: Record<string, GradientPlan>;
  /** The options of .gradAndHess that the suite's second derivative means; none where it records none. */
  hessian?: object;
  /** What the suite's own numbers are good for, where that is coarser than its dtype says. */
  precision?: { value?: Precision; grads?: Precision };
}

/** An error bound: rtol·|expected| + atol. */
export interface Precision {
  rtol: number;
  atol: number;
}

export interface NotApplicable {
  notApplicable: string;
}

export const same: Convert = (from) => from;

export const scaled =
  (factor: number): Convert =>
  (from) =>
    from.map((v) => v * factor);
