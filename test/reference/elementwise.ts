import type { Inputs, Options, Terms } from './options.ts';
import { broadcastIndex, isTensor, reader, type Tensor } from './tensor.ts';

/** The loss of one element and its derivatives, with respect to a third input where there is one. */
export interface Point {
  value: number;
  dInput: number;
  dTarget: number;
  dThird?: number;
}

/**
 * A loss in plain f64, written from its definition and not from the kernels. `extra` is the element's posWeight or quantile,
 * or its third input.
 */
export type PointLoss = (x: number, t: number, options: Options, extra: number) => Point;

/** The sizes of what a point is a sum of, where they are more than its own. */
export type PointSize = (x: number, t: number, options: Options, extra: number) => Partial<Point>;

/** The three numbers of a loss that depends on x − t alone. */
export const ofDifference = (value: number, slope: number): Point => ({
  value,
  dInput: slope,
  dTarget: -slope,
});

/** The terms of an elementwise loss, each times its `weight`. */
export function elementwiseTerms(point: PointLoss, { input, target }: Inputs, options: Options): Terms {
  const weight = reader(options.weight, input.shape);
  const { third, posWeight, quantile } = options;
  const extra = isTensor(third) ? withLastAxis(third, input.shape.length) : (third ?? posWeight ?? quantile);
  const read = reader(extra, input.shape);
  const placeOf = isTensor(extra) ? broadcastIndex(extra.shape, input.shape) : () => 0;
  const at = (i: number): Point => point(input.data[i], target.data[i], options, read(i));
  return {
    shape: [...input.shape],
    targetHasGradient: true,
    ignored: () => false,
    mass: () => 1,
    value: (i) => weight(i) * at(i).value,
    addGradient: (i, up, grads) => {
      const { dInput, dTarget, dThird } = at(i);
      grads.input[i] += up * weight(i) * dInput;
      if (grads.target) grads.target[i] += up * weight(i) * dTarget;
      if (grads.third) grads.third[placeOf(i)] += up * weight(i) * dThird!;
    },
  };
}

/** A third input of an axis less than the first lacks the last. */
const withLastAxis = ({ data, shape }: Tensor, rank: number): Tensor => ({
  data,
  shape: shape.length > 0 && shape.length === rank - 1 ? [...shape, 1] : shape,
});
