import type { Inputs, Options, Terms } from './options.ts';
import { reader } from './tensor.ts';

/** The loss of one element and its two derivatives. */
export interface Point {
  value: number;
  dInput: number;
  dTarget: number;
}

/** A loss in plain f64, written from its definition and not from the kernels. */
export type PointLoss = (x: number, t: number, options: Options, posWeight: number) => Point;

/** The sizes of what a point is a sum of, where they are more than its own. */
export type PointSize = (x: number, t: number, options: Options, posWeight: number) => Partial<Point>;

/** The three numbers of a loss that depends on x − t alone. */
export const ofDifference = (value: number, slope: number): Point => ({
  value,
  dInput: slope,
  dTarget: -slope,
});

/** The terms of an elementwise loss, each times its `weight`. */
export function elementwiseTerms(point: PointLoss, { input, target }: Inputs, options: Options): Terms {
  const weight = reader(options.weight, input.shape);
  const posWeight = reader(options.posWeight, input.shape);
  const at = (i: number): Point => point(input.data[i], target.data[i], options, posWeight(i));
  return {
    shape: [...input.shape],
    targetHasGradient: true,
    ignored: () => false,
    mass: () => 1,
    value: (i) => weight(i) * at(i).value,
    addGradient: (i, up, grads) => {
      const { dInput, dTarget } = at(i);
      grads.input[i] += up * weight(i) * dInput;
      if (grads.target) grads.target[i] += up * weight(i) * dTarget;
    },
  };
}
