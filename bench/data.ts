// Inputs in each loss's domain. Seeded, so that every run and both backends see the same numbers.
import type { LossName } from './cases.ts';

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

const logits = (u: Draw) => normal(u, 2);
const probabilities = (u: Draw) => u;
const logProbabilities =
  (u: Draw): Draw =>
  () =>
    Math.log(u());
const labels =
  (u: Draw): Draw =>
  () =>
    u() < 0.5 ? 0 : 1;

interface Domain {
  readonly input: (u: Draw) => Draw;
  /** Of elementwise losses. */
  readonly target: (u: Draw) => Draw;
}
const anyNumber: Domain = { input: logits, target: logits };
const domains: Partial<Record<LossName, Domain>> = {
  bce: { input: probabilities, target: labels },
  bceWithLogits: { input: logits, target: labels },
  nll: { input: logProbabilities, target: logits },
  klDiv: { input: logProbabilities, target: probabilities },
};

export const fillInput = (loss: LossName, data: Floats): void =>
  fill(data, (domains[loss] ?? anyNumber).input(uniform(1)));

export const fillTarget = (loss: LossName, data: Floats): void =>
  fill(data, (domains[loss] ?? anyNumber).target(uniform(2)));

export function fillIndices(data: Int32Array, classes: number): void {
  const u = uniform(3);
  fill(data, () => Math.floor(u() * classes));
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
