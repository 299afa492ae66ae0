import type { registry } from '../../src/losses/registry.ts';
import type { Random } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import type { RowLoss } from '../reference/features.ts';
import type { Options } from '../reference/options.ts';

/** A loss. */
export type LossName = keyof typeof registry;

/** One way to call a loss. */
export interface Variant {
  readonly title: string;
  /** Shape of the input; default for losses of rows [7, 5], else [23]. */
  readonly shape?: readonly number[];
  /** What the target is; default 'elements' or 'indices' by the loss's family. */
  readonly target?: 'elements' | 'indices' | 'probabilities';
  /** Options without tensors; class weights and the like are made by the test from `tensors`. */
  readonly options?: Record<string, unknown>;
  /** Inputs that the value depends on where gradients take it for a constant. */
  readonly constant?: readonly ('input' | 'target' | 'third')[];
  /** Shapes of tensor options, filled from (0.5, 2), a mask with 0 and 1; `third` is the third input, where it has not the first's shape. */
  readonly tensors?: Record<string, readonly number[]>;
}

/** What the tests need to know of a loss. */
export interface Row {
  readonly loss: LossName;
  /** An elementwise loss and its derivatives; losses of other families are in test/reference. */
  readonly point?: PointLoss;
  readonly size?: PointSize;
  /** A loss of rows of features, and the sizes of what its results are made of. */
  readonly vectors?: RowLoss;
  readonly vectorSizes?: RowLoss;
  /** Whether errors are bounded relative to the terms, rather than by 4 ULP of them. */
  readonly isRelative?: (options: Options) => boolean;
  /** An input in the loss's domain, where the loss is smooth, and a target. */
  readonly input: (r: Random) => number;
  readonly target: (r: Random) => number;
  /** Of a loss of three inputs. */
  readonly third?: (r: Random) => number;
  /** Where the loss is piecewise: the distance to the next joint, which central differences must not straddle. */
  readonly joint?: (x: number, t: number, options: Record<string, unknown>, third: number) => number;
  /** The first is the plain call. */
  readonly variants: readonly Variant[];
}
