// The seeded work whose results must be the same bits on every engine, and its digests.
import type { Input } from '../../src/families/family.ts';
import type { LossFunctions } from '../../src/index.ts';
import type { Interval } from '../../src/options/interval.ts';
import { ownCall } from '../draws/call.ts';
import { drawOf } from '../draws/index.ts';
import { descriptorOf, domainsOf, ofLogits, operandsOf, someOptions } from '../intervals.ts';
import { setsOf } from '../losses/inputs.ts';
import { integer, type Random, random } from '../random.ts';
import type { Options } from '../reference/options.ts';
import { lossNames } from '../rows/names.ts';
import type { LossName } from '../rows/row.ts';
import { Digest } from './digest.ts';

type Any = any;
const arrays = { f32: Float32Array, f64: Float64Array };
const dtypes = ['f32', 'f64'] as const;
const losses = lossNames;

const SPECIAL = [0, -0, 1, Infinity, -Infinity, NaN, 1e-30, 3e38];

/** Numbers of an interval, of very different sizes; now and then a special one, which may lie outside. */
function draw({ low, high, what }: Interval, r: Random): number {
  const kind = r();
  if (kind < 0.02) return SPECIAL[integer(r, SPECIAL.length)];
  if (what === 'labels') return kind < 0.5 ? low : high;
  if (low > -Infinity && high < Infinity) return low + (high - low) * r();
  const x = Math.fround((r() - 0.5) * (kind < 0.2 ? 200 : 16));
  return low > -Infinity ? low + Math.abs(x) : high < Infinity ? high - Math.abs(x) : x;
}

/** Digest of `calls` calls of every loss, with all kinds of options, through ordinary arrays. */
export function lossDigest(F: LossFunctions, calls: number, seed = 1): string {
  const r = random(seed);
  const digest = new Digest();
  const keep = (result: Any): void => {
    if (typeof result === 'number') digest.number(result);
    else digest.numbers(result.data);
  };
  for (let i = 0; i < calls; i++) {
    const { name, args } = callOf(losses[integer(r, losses.length)], r);
    const of = (F as Any)[name];
    const { value, grad } = of.valueAndGrad(...args);
    keep(value);
    keep(grad);
    if (of.gradAndHess === undefined || r() < 0.7) continue;
    const { wrt, ...options } = args.at(-1);
    keep(of.gradAndHess(...args.slice(0, -1), options).hess);
  }
  return digest.toString();
}

/** A legal call of a loss whose inputs its family draws. */
function ownCallOf(loss: LossName, r: Random): { name: LossName; args: Any[] } {
  const array = arrays[dtypes[integer(r, 2)]];
  const given: Options = r() < 0.4 ? someOptions(loss, r) : {};
  const { inputs, options, terms, wrt } = ownCall({
    ...{ loss, r, array, draw },
    factor: () => r() + 0.1,
    options: given,
  });
  options.reduction = ['mean', 'sum', 'none'][integer(r, 3)];
  if (r() < 0.2) {
    const length = terms.reduce((a, b) => a * b, 1);
    options.sampleWeight = {
      data: (array as Any).from({ length }, () => integer(r, 3)),
      shape: terms,
    };
  }
  if (r() < 0.3) options.wrt = wrt[integer(r, wrt.length)];
  return { name: loss, args: [...inputs, options] };
}

/** A legal call of a loss. */
function callOf(name: LossName, r: Random): { name: LossName; args: Any[] } {
  if (drawOf(name)) return ownCallOf(name, r);
  const { family, inputs } = descriptorOf(name);
  const A = arrays[dtypes[integer(r, 2)]] as Float32ArrayConstructor;
  const array = (shape: readonly number[], one: (r: Random) => number) => ({
    data: A.from({ length: shape.reduce((a, b) => a * b, 1) }, () => one(r)),
    shape,
  });
  const row = 1 + integer(r, r() < 0.1 ? 200 : 12);
  const [outer, inner] = [1 + integer(r, 6), r() < 0.3 ? 1 + integer(r, 20) : 1];
  const shape =
    family.name === 'elementwise'
      ? [integer(r, r() < 0.05 ? 3000 : 60)]
      : family.name === 'classes'
        ? [outer, row, ...(inner > 1 ? [inner] : [])]
        : [outer, row];
  const isProjection = family.name === 'projection';
  // of a projection the row has features, and the weights as many classes as there are
  const classes = isProjection ? 1 + integer(r, 12) : row;
  const terms = family.name === 'elementwise' ? shape : shape.filter((_, axis) => axis !== 1);

  const own: Options = r() < 0.4 ? someOptions(name, r) : {};
  const options: Any = { ...own, reduction: ['mean', 'sum', 'none'][integer(r, 3)] };
  for (const { name: factor, shape: wanted, interval } of operandsOf(name)) {
    if (r() < 0.8) continue;
    const isDrawn = interval.high < Infinity;
    const one = (x: Random) => (factor === 'mask' ? integer(x, 3) : isDrawn ? draw(interval, x) : x() + 0.1);
    options[factor] = array(wanted === 'classes' ? [classes] : shape, one);
  }
  if (r() < 0.2) options.sampleWeight = array(terms, (x) => integer(x, 3));
  if (family.name === 'classes' && 'ignoreIndex' in descriptorOf(name).options && r() < 0.2)
    options.ignoreIndex = integer(r, row);

  const domains = domainsOf(name, own);
  const isIndexed = inputs.some(({ holds }) => holds === 'indices' || (holds === 'either' && r() < 0.7));
  const dimsOf = ({ shape: wanted, holds }: Input): readonly number[] => {
    if (wanted === 'weights') return [classes, row];
    if (wanted !== 'terms' || isIndexed) return shape;
    return isProjection ? [...terms, classes] : holds === 'numbers' ? terms : shape;
  };
  const given = inputs.map((input, k) =>
    input.holds === 'indices' && input.shape === 'first'
      ? setsOf(r, shape)
      : input.holds !== 'numbers' && isIndexed
        ? { data: Int32Array.from(array(terms, (x) => integer(x, classes)).data), shape: terms }
        : array(dimsOf(input), (x) => draw(domains[k], x)),
  );
  const differentiable = inputs.filter(
    ({ gradient, holds }) => gradient && (holds === 'numbers' || !isIndexed),
  );
  if (r() < 0.3) options.wrt = differentiable[integer(r, differentiable.length)].name;
  return { name, args: [...given, ofLogits(options)] };
}

const functions = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'softplus', 'sigmoid'] as const;

/** Digest of the vector math over `inputs` f32 bit patterns spread over all of them, in f32 and widened to f64. */
export function mathDigest(F: LossFunctions, inputs: number): string {
  const digest = new Digest();
  const each = Math.ceil(inputs / (2 * functions.length));
  const chunk = 1 << 16;
  for (const name of functions) {
    for (let from = 0; from < each; from += chunk) {
      const bits = new Uint32Array(Math.min(chunk, each - from));
      for (let i = 0; i < bits.length; i++) bits[i] = Math.imul(from + i, 0x9e3779b1) >>> 0;
      const x = new Float32Array(bits.buffer);
      digest.numbers(F[name](x).data);
      digest.numbers(F[name](Float64Array.from(x)).data);
    }
  }
  return digest.toString();
}
