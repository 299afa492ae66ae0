// Legal calls of losses whose terms are no rows of their input: what the tests of all losses draw these from. A suite brings numbers as it
// likes them; the family says what belongs together.
import type { Random } from '../random.ts';
import type { Options, Tensor } from '../reference/index.ts';
import type { LossName } from '../rows/row.ts';

/** What a suite brings. */
export interface Source {
  readonly r: Random;
  /** Elements of the inputs. */
  readonly input: () => number;
  readonly target: () => number;
  /** The least and the greatest that the type of labels has room for. */
  readonly range: readonly [low: number, high: number];
  /** Whether every term has to be finite. */
  readonly isWithinReach?: boolean;
}

/** What belongs to an input, by the roles of losses/roles.ts. */
export interface Drawn {
  readonly target: Tensor;
  readonly third?: Tensor;
  readonly fourth?: Tensor;
  /** Which of them hold integers. */
  readonly integers: readonly ('target' | 'third' | 'fourth')[];
  readonly terms: readonly number[];
  readonly classes: number;
}

export interface Draw {
  /** A shape of the input, of few elements. */
  shape(r: Random): number[];
  /** Shapes beside the units of its loops, of more than one tile, chunk or block. */
  readonly long: readonly (readonly number[])[];
  /** One whose operands take more than a mebibyte. */
  readonly large: readonly number[];
  /**
   * Those of the loss's own options that the shape has a say in, beside `given`, which were drawn before; `factor` draws elements of a
   * weight. Undefined where no call has an input of this shape.
   */
  options(
    loss: LossName,
    shape: readonly number[],
    given: Options,
    r: Random,
    factor: (name: string) => number,
  ): Options | undefined;
  inputs(loss: LossName, shape: readonly number[], options: Options, source: Source): Drawn;
}

export const product = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const filled = (shape: readonly number[], draw: () => number): Tensor => ({
  data: Array.from({ length: product(shape) }, draw),
  shape,
});

export const pick = <T>(r: Random, list: readonly T[]): T => list[Math.floor(r() * list.length)];
