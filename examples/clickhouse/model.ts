// How likely a flight is to be more than a quarter of an hour late: a logistic regression on the hour of its departure and the distance.
import type { LossFunctions } from 'simdloss';

export interface Model {
  /** A logit for each hour of the day. */
  readonly hours: Float64Array;
  /** What a thousand miles add. */
  readonly distance: number;
}

const STEPS = 12;
/** On every weight: hours without flights have none. */
const RIDGE = 1;

/** Newton's method, on the derivatives of `bceWithLogits`; hours do not overlap, so that only distance is coupled with them. */
export function train(F: LossFunctions, hour: Float32Array, miles: Float32Array, late: Float32Array): Model {
  const hours = new Float64Array(24);
  let distance = 0;
  for (let step = 0; step < STEPS; step++) {
    const z = Float32Array.from(hour, (h, i) => hours[h] + (distance * miles[i]) / 1000);
    const { grad, hess } = F.bceWithLogits.gradAndHess(z, late);
    const slope = hours.map((w) => RIDGE * w);
    const curvature = hours.map(() => RIDGE);
    const mixed = new Float64Array(24);
    let ofDistance = RIDGE * distance;
    let bend = RIDGE;
    for (let i = 0; i < z.length; i++) {
      const [h, x, g, c] = [hour[i], miles[i] / 1000, grad.data[i], hess.data[i]];
      slope[h] += g;
      curvature[h] += c;
      mixed[h] += c * x;
      ofDistance += g * x;
      bend += c * x * x;
    }
    // the hours are eliminated first
    for (let h = 0; h < 24; h++) {
      ofDistance -= (mixed[h] * slope[h]) / curvature[h];
      bend -= mixed[h] ** 2 / curvature[h];
    }
    const change = ofDistance / bend;
    distance -= change;
    for (let h = 0; h < 24; h++) hours[h] -= (slope[h] - mixed[h] * change) / curvature[h];
  }
  return { hours, distance };
}

/** The model's logit, in SQL. */
export const logit = ({ hours, distance }: Model): string =>
  `toFloat32([${hours.join(', ')}][hour + 1] + ${distance} * distance / 1000)`;
