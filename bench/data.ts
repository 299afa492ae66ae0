// Inputs in each loss's domain. Seeded, so that every run and both backends see the same numbers.
import type { FloatDType, LossFunctions, Tensor } from 'simdloss';
import type { Descriptor } from '../src/losses/descriptor.ts';
import { registry } from '../src/losses/registry.ts';
import type { Interval } from '../src/options/interval.ts';
import { fallbacksOf } from '../src/options/specs.ts';
import { PROJECTION_CLASSES } from './cases.ts';

type LossName = keyof typeof registry;
type Draw = () => number;
type Floats = Float32Array | Float64Array;

/** Random numbers are drawn once for so many elements and then repeated: too many to be learned by a branch predictor. */
const PERIOD = 1_000_003;

/** Uniform in (0, 1): a 32-bit multiplicative hash of a counter. */
function uniform(seed: number): Draw {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let z = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (((z ^ (z >>> 15)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** Normal with the given deviation. */
const normal =
  (u: Draw, deviation: number): Draw =>
  () =>
    deviation * Math.sqrt(-2 * Math.log(u())) * Math.cos(2 * Math.PI * u());

/** An interval's usual numbers. */
function usual({ low, high }: Interval, u: Draw): Draw {
  if (low === -Infinity) return high === Infinity ? normal(u, 2) : () => high + Math.log(u());
  // above a least number that has no greatest: up to 1 more
  return () => low + (high === Infinity ? 1 : high - low) * u();
}

const labels =
  (u: Draw): Draw =>
  () =>
    u() < 0.5 ? 0 : 1;

const domainOf = (loss: LossName, at: number): Interval => {
  const { inputs, options } = registry[loss] as Descriptor;
  return inputs[at].domain(fallbacksOf(options));
};

export const fillInput = (loss: LossName, data: Floats): void =>
  fill(data, usual(domainOf(loss, 0), uniform(1)));

/** Of elementwise losses; a probability is a label. */
export function fillTarget(loss: LossName, data: Floats): void {
  const domain = domainOf(loss, 1);
  const u = uniform(2);
  fill(data, domain.low === 0 && domain.high === 1 ? labels(u) : usual(domain, u));
}

/** Whether its logits are a product with weights, which come before the target. */
export const isProjection = (loss: LossName): boolean => registry[loss].family.name === 'projection';

/** The inputs of a loss after the second, in the first's shape; a label of ±1 for each row of features. */
export function moreInputs(
  F: LossFunctions,
  loss: LossName,
  shape: readonly number[],
  dtype: FloatDType,
  classes = PROJECTION_CLASSES,
): Tensor<FloatDType>[] {
  if (isProjection(loss)) {
    const weights = F.zeros([classes, shape[1]], dtype) as Tensor<FloatDType>;
    fill(weights.data, normal(uniform(5), 0.1));
    return [weights];
  }
  return (registry[loss] as Descriptor).inputs.slice(2).map(({ shape: shapeOf }, i) => {
    const isOfRow = shapeOf === 'terms';
    const tensor = F.zeros(isOfRow ? shape.slice(0, -1) : shape, dtype) as Tensor<FloatDType>;
    const u = uniform(5 + i);
    fill(tensor.data, isOfRow ? () => (u() < 0.5 ? -1 : 1) : usual(domainOf(loss, 2 + i), u));
    return tensor;
  });
}

export function fillIndices(data: Int32Array, classes: number): void {
  const u = uniform(3);
  fill(data, () => Math.floor(u() * classes));
}

/** Three labels for each row, or as many as there are classes, and then −1. */
export function fillSets(data: Int32Array, classes: number): void {
  const u = uniform(3);
  for (let i = 0; i < data.length; i++) data[i] = i % classes < 3 ? Math.floor(u() * classes) : -1;
}

/** A distribution over the classes for each row of [outer, classes, inner]. */
export function fillDistributions(data: Floats, [outer, classes, ...rest]: readonly number[]): void {
  fill(data, uniform(4));
  const inner = rest.reduce((n, size) => n * size, 1);
  for (let row = 0; row < outer * inner; row++) {
    const start = Math.floor(row / inner) * classes * inner + (row % inner);
    const end = start + classes * inner;
    let sum = 0;
    for (let j = start; j < end; j += inner) sum += data[j];
    for (let j = start; j < end; j += inner) data[j] /= sum;
  }
}

function fill(data: Floats | Int32Array, draw: Draw): void {
  const drawn = Math.min(data.length, PERIOD);
  for (let i = 0; i < drawn; i++) data[i] = draw();
  for (let filled = drawn; filled < data.length; filled += drawn) {
    data.copyWithin(filled, 0, Math.min(drawn, data.length - filled));
  }
}
