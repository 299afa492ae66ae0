// A result against the reference, to the bounds that the library promises.
import { registry } from '../../src/losses/registry.ts';
import { ulp } from '../accuracy/worst.ts';
import { roundoff } from '../instances.ts';
import { isClassLoss } from '../losses/inputs.ts';
import { isProjection } from '../losses/roles.ts';
import { type Outcome, reference } from '../reference/index.ts';
import { magnitude } from '../reference/magnitude.ts';
import { rows } from '../rows/index.ts';
import type { Case } from './case.ts';
import type { Got } from './run.ts';

/** Values and gradients of these are bounded relative to their terms; all others by 4 ULP of them. */
const isRelative = ({ loss, dtype, options }: Case): boolean =>
  rows[loss].isRelative?.({ ...options, dtype }) === true;
const relativeBound = { f32: 4e-6, f64: 1e-13 };
const ulps = 4;
/** Each of these multiplies the result once more, which rounds by up to half an ULP. */
const factors = ['weight', 'sampleWeight', 'gradOutput'] as const;
/** Of Σ|terms|. */
const summation = { f32: 2e-7, f64: 1e-15 };
/** Results below the smallest normal number may be flushed to 0. */
const least = { f32: 2 ** -126, f64: 2 ** -1022 };

export interface Expected {
  readonly want: Outcome;
  readonly size: Outcome;
}

export const expectedOf = ({ loss, dtype, input, target, options }: Case): Expected => ({
  want: reference(loss, { input, target }, { ...options, dtype }),
  size: magnitude(loss, { input, target }, { ...options, dtype }),
});

/** From half an ULP below it on a number may be rounded to Infinity; a few more are the result's own error. */
const most = { f32: 2 ** 128 - 2 ** 107, f64: Number.MAX_VALUE };

const hasInfinite = ({ options: { gradOutput = 1 } }: Case): boolean =>
  (typeof gradOutput === 'number' ? [gradOutput] : Array.from(gradOutput.data)).some(
    (g) => Math.abs(g) === Number.POSITIVE_INFINITY,
  );

const list = (x: number | { data: ArrayLike<number> }): ArrayLike<number> =>
  typeof x === 'number' ? [x] : x.data;

/** How far each part of a result is from the reference, in bounds; the first part that is beyond 1, as text. */
export function compare(c: Case, got: Got, { want, size }: Expected): { worst: number; failure: string } {
  let worst = 0;
  let failure = '';
  const part = (
    name: string,
    a: ArrayLike<number>,
    b: ArrayLike<number>,
    m: ArrayLike<number>,
    sums: boolean,
  ) => {
    if (a.length !== b.length) failure ||= `${name}: ${a.length} elements, not ${b.length}`;
    for (let i = 0; i < b.length; i++) {
      if (Object.is(a[i], b[i]) || a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
      // what is 0 and what is all but 0 differ in nothing but what an infinite number makes of them
      if (hasInfinite(c) && !Number.isFinite(a[i]) && !Number.isFinite(b[i])) continue;
      // a result beyond the dtype
      if (Math.abs(b[i]) >= most[c.dtype] && a[i] === Math.sign(b[i]) * Number.POSITIVE_INFINITY) continue;
      const bound = boundOf(c, m[i], want.divisor, sums);
      const error = Math.abs(a[i] - b[i]) / bound;
      if (!(error <= worst)) worst = error;
      if (!(error <= 1)) failure ||= `${name}[${i}]: ${a[i]}, not ${b[i]} (${error.toFixed(3)} of the bound)`;
    }
  };
  const none = c.reduction === 'none';
  // a row's value is a sum too, where more than its label counts
  const hasTerms = c.labels === undefined || Number(c.options.labelSmoothing ?? 0) > 0;
  const sums = !none || (isClassLoss(rows[c.loss]) && hasTerms && !isRelative(c));
  if (got.value) part('value', got.value, list(want.value), list(size.value), sums);
  if (got.input) part('gradient', got.input, want.grads.input.data, size.grads.input.data, false);
  for (const name of ['target', 'third', 'linearBias', 'logitScale'] as const) {
    const grad = got[name];
    if (grad === undefined) continue;
    const isSum = name !== 'target' && grad.length < c.input.data.length;
    part(`gradient of ${name}`, grad, want.grads[name]!.data, size.grads[name]!.data, isSum);
  }
  return { worst, failure };
}

const isOfProducts = ({ loss }: Case): boolean =>
  isProjection(loss) || registry[loss].family.name === 'pairs';

function boundOf(c: Case, size: number, divisor: number, sums: boolean): number {
  const { dtype, options, reduction } = c;
  const rounded = factors.filter((name) => options[name] !== undefined).length + Number(reduction === 'mean');
  const most = ulps + rounded / 2;
  const element = isRelative(c) ? relativeBound[dtype] * size : most * ulp(dtype, size);
  // each row of a sum over rows may lose as much
  const summed = isOfProducts(c) ? c.terms.reduce((a, b) => a * b, 1) : 1;
  const flushed = (summed * least[dtype] * scaleOf(c)) / Math.min(1, Math.abs(divisor) || 1);
  if (!sums) return Math.max(element, flushed);
  const terms = isRelative(c) ? relativeBound[dtype] : 2 * most * roundoff[dtype];
  return Math.max((terms + summation[dtype]) * size, flushed);
}

/** What slopes of similarities are multiplied by at most: what similarities are, what they are of, and one over the least norm. */
function scaleOfPairs({ input, target, labels, options }: Case): number {
  const { logitScale = 1 / 0.07, temperature = 0.07, normalize = true } = options;
  const isOfLabels = labels !== undefined;
  const by = isOfLabels ? 1 / temperature : typeof logitScale === 'number' ? logitScale : logitScale.data[0];
  const all = isOfLabels ? [input] : [input, target];
  const sizes = all.flatMap(({ data, shape: [rows, features] }) =>
    Array.from({ length: rows }, (_, i) =>
      Math.hypot(...Array.from({ length: features }, (_, k) => data[i * features + k])),
    ),
  );
  const norms = sizes.filter((norm) => norm > 0).map((norm) => (normalize ? 1 / norm : norm));
  return Math.max(1, by) * Math.max(1, ...norms);
}

/** How much larger the factors of a call may make what was flushed to 0, or rounded as a subnormal, before. */
function scaleOf(c: Case): number {
  const { loss, options } = c;
  // the gradient of log p multiplies the factors' product, which may be subnormal, by up to 1/eps
  let scale = options.fromLogits === false ? 1 / (options.eps || 1e-20) : 1;
  const { name: family } = registry[loss].family;
  if (family === 'pairs') scale = scaleOfPairs(c);
  // over what overlaps, or is not there but smoothed
  if (family === 'sets')
    scale = Math.max(1, 1 / ((options.smooth ?? 1) + (options.denominatorEps ?? 0) || 1e-6));
  let product = 1 / c.input.data.length;
  for (const name of factors) {
    const factor = options[name];
    if (factor === undefined) continue;
    const values = typeof factor === 'number' ? [factor] : Array.from(factor.data);
    const sizes = values.map(Math.abs).filter(Number.isFinite);
    scale *= Math.max(1, ...sizes);
    product *= Math.min(1, ...sizes.filter((size) => size > 0));
  }
  // slopes by the target are of the input's size, and multiply that product, too
  if (product < least[c.dtype])
    scale *= Math.max(1, ...Array.from(c.input.data, Math.abs).filter(Number.isFinite));
  return scale;
}
