// The figure of an elementwise loss that has none of its own: what follows from its descriptor.
import type { LossFunctions } from '../../src/index.ts';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { contains, shownOf } from '../../src/options/interval.ts';
import { fallbacksOf } from '../../src/options/specs.ts';
import { summaryOf } from '../generate/losses.ts';
import { against, type Evaluate, each, type Figure, RESIDUAL, valueAndGradient } from './figure.ts';

/** Half, all and twice of a number that is an option: what bends the curve. */
function variants({ options }: Descriptor): { name: string; given: object }[] {
  for (const [option, { fallback, interval }] of Object.entries(options)) {
    if (interval === undefined || interval.isInteger || fallback === 0) continue;
    return [0.5, 1, 2]
      .map((factor) => factor * (fallback as number))
      .filter((value) => contains(interval, value))
      .map((value) => ({ name: `${option} ${value}`, given: { [option]: value } }));
  }
  return [];
}

/** From the least to the greatest of some numbers, with a little room. */
function around(numbers: readonly number[]): [number, number] {
  const finite = numbers.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const room = 0.08 * (high - low || 1);
  return [low, high].map((y, i) => Number((y + (i ? room : -room)).toPrecision(2))) as [number, number];
}

export function elementwiseFigure(F: LossFunctions, descriptor: Descriptor): Figure {
  const { name, inputs, options } = descriptor;
  const [input, target, ...others] = inputs.map(({ domain }) => domain(fallbacksOf(options)));
  const [from, to] = shownOf(input);
  const valueAndGrad = F[name as 'mse'].valueAndGrad as (
    ...given: unknown[]
  ) => ReturnType<Parameters<typeof against>[1]>;
  /** An input after the second is the greatest number that is shown of it. */
  const more = (xs: Float64Array) => others.map((interval) => xs.map(() => shownOf(interval)[1]));
  const evaluate = (t: number, given: object): Evaluate =>
    against(t, (xs, ts) => valueAndGrad(xs, ts, ...more(xs), { ...each, ...given }));
  const isDifference = target === input && input.low === -Infinity;
  const own = variants(descriptor);
  const curves = isDifference
    ? (own.length > 0 ? own : [{ name, given: {} }]).map((one) => ({
        name: one.name,
        evaluate: evaluate(0, one.given),
      }))
    : shownOf(target).map((t) => ({ name: `target ${t}`, evaluate: evaluate(t, {}) }));
  // not the ends: there may be poles
  const xs = Float64Array.from({ length: 99 }, (_, i) => from + ((to - from) * (i + 1)) / 100);
  const drawn = curves.map((curve) => curve.evaluate(xs));
  return valueAndGradient({
    title: summaryOf(name),
    x: isDifference ? RESIDUAL : `prediction${input.what === undefined ? '' : ` (${input.what})`}`,
    value: 'loss of one term',
    grad: 'gradient',
    span: { from, to },
    valueDomain: around(drawn.flatMap(({ value }) => Array.from(value))),
    gradDomain: around(drawn.flatMap(({ grad }) => Array.from(grad))),
    curves,
  });
}
