// Products of weights, shares of a target, upstream numbers and 1/p, each over all that f32 has, so that what is multiplied on the way
// may be subnormal or infinite where the gradient is an ordinary number: against the product in f64.
import { describe, expect, it } from 'vitest';
import { power, subnormal } from '../differential/domains.ts';
import { loaded } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';

type Any = any;
const { fround } = Math;
const cases = Number(process.env.SIMDLOSS_CASES ?? 10_000);
const LEAST_NORMAL = 2 ** -126;
const MOST = 2 ** 128 - 2 ** 103;

/** Any number from the least subnormal to the greatest, an ordinary one, or 0. */
const factor = (r: Random): number => {
  const kind = r();
  if (kind < 0.05) return 0;
  if (kind < 0.4) return fround(0.25 + 2 * r());
  return fround(kind < 0.5 ? subnormal(r, 'f32') : power(r, -37.9, 38.4));
};

const probability = (r: Random): number =>
  fround(r() < 0.5 ? r() : r() < 0.1 ? integer(r, 2) : power(r, -44.8, 0));

// of the js backend, which computes f32 in f64; what the kernels multiply in f32 does leave it on the way
describe('js', () => {
  const F = loaded.js as Any;

  /** A few roundings of a normal number; a result that is none may be flushed, or infinite. */
  function check(what: string, got: number, want: number): string {
    if (Object.is(got, want) || got === want || (Number.isNaN(got) && Number.isNaN(want))) return '';
    if (Math.abs(want) >= MOST && Math.abs(got) === Number.POSITIVE_INFINITY) return '';
    const bound = Math.max(8 * 2 ** -24 * Math.abs(want), LEAST_NORMAL);
    return Math.abs(got - want) <= bound ? '' : `${what} is ${got}, not ${want}`;
  }

  it(`cross entropy of probabilities, ${cases} cases`, () => {
    const r = random(31);
    const bad: string[] = [];
    for (let round = 0; round < cases && bad.length < 10; round++) {
      const outer = 1 + integer(r, 6);
      const inner = r() < 0.7 ? 1 : 1 + integer(r, 6);
      const classes = 1 + integer(r, 5);
      const rows = outer * inner;
      const shape = inner === 1 ? [outer, classes] : [outer, classes, inner];
      const terms = inner === 1 ? [outer] : [outer, inner];
      const make = (n: number, draw: (r: Random) => number) =>
        Float32Array.from({ length: n }, () => draw(r));
      const p = make(rows * classes, probability);
      const isSoft = r() < 0.5;
      const soft = make(rows * classes, (r) =>
        r() < 0.2 ? 0 : r() < 0.2 ? fround(power(r, -44.8, 0)) : r(),
      );
      const hard = Int32Array.from({ length: rows }, () => integer(r, classes));
      const labelSmoothing = r() < 0.5 ? 0 : r() < 0.5 ? r() : power(r, -44, 0);
      const eps = r() < 0.7 ? 0 : fround(power(r, -30, -0.4));
      const epsMode = r() < 0.5 ? 'clip' : 'add';
      const weight = r() < 0.5 ? make(classes, factor) : undefined;
      const sampleWeight = r() < 0.5 ? make(rows, factor) : undefined;
      // a mean divides by a sum of products of both weights, each of which is an f32 itself
      const reduction = ['none', 'none', 'sum', weight && sampleWeight ? 'sum' : 'mean'][integer(r, 4)];
      const perRow = reduction === 'none' && r() < 0.5 ? make(rows, factor) : undefined;
      const one = r() < 0.5 ? factor(r) : 1;
      const hessianScale = r() < 0.8 ? 1 : 0.5 + r();
      const minHessian = r() < 0.8 ? 0 : fround(power(r, -30, 10));
      const options: Any = {
        ...{ fromLogits: false, labelSmoothing, eps, epsMode, weight, reduction },
        sampleWeight: sampleWeight && { data: sampleWeight, shape: terms },
        gradOutput: perRow ? { data: perRow, shape: terms } : one,
      };
      const target = isSoft ? { data: soft, shape } : { data: hard, shape: terms };
      let divisor = reduction === 'mean' ? 0 : 1;
      if (reduction === 'mean')
        for (let row = 0; row < rows; row++)
          divisor += (sampleWeight?.[row] ?? 1) * (isSoft ? 1 : (weight?.[hard[row]] ?? 1));
      divisor ||= Number.NaN;
      const wrt = isSoft ? ['input', 'target'] : ['input'];
      const { grad } = F.crossEntropy.valueAndGrad({ data: p, shape }, target, { ...options, wrt });
      const second = F.crossEntropy.gradAndHess({ data: p, shape }, target, {
        ...options,
        hessianScale,
        minHessian,
      });
      for (let i = 0; i < p.length && bad.length < 10; i++) {
        const [row, c] = [
          Math.floor(i / classes / inner) * inner + (i % inner),
          Math.floor(i / inner) % classes,
        ];
        const w = weight?.[c] ?? 1;
        const isActive = sampleWeight?.[row] !== 0;
        const s = isActive ? ((sampleWeight?.[row] ?? 1) * (perRow?.[row] ?? one)) / divisor : 0;
        const t = isSoft ? soft[i] : Number(hard[row] === c);
        const a = ((1 - labelSmoothing) * t + labelSmoothing / classes) * w;
        const isClipped = eps > 0 && epsMode === 'clip' && Math.min(p[i], 1 - p[i]) < eps;
        const x = p[i] + (epsMode === 'add' ? eps : 0);
        const slope = a === 0 || isClipped ? 0 : -a / x;
        const curve = a === 0 || isClipped ? 0 : a / x / x;
        // without smoothing the classes of no target are not touched
        const isUntouched = !isActive || (!isSoft && labelSmoothing === 0 && hard[row] !== c);
        const what = `case ${round} [${i}]: ${JSON.stringify({ p: p[i], t, w, s, labelSmoothing, eps, epsMode, isSoft, reduction })}`;
        const failures = [
          check(`${what}, gradient`, grad.input.data[i], isUntouched ? 0 : slope * s),
          check(`${what}, gradient with hess`, second.grad.data[i], isUntouched ? 0 : slope * s),
          check(
            `${what}, hess`,
            second.hess.data[i],
            isActive ? Math.max(curve * hessianScale, minHessian) * s : 0,
          ),
        ];
        if (isSoft) {
          const q = Math.max(x, eps);
          const cost =
            isClipped && p[i] > 0.5
              ? -Math.log1p(-eps)
              : x > 0.5
                ? -Math.log1p(p[i] - 1 + (epsMode === 'add' ? eps : 0))
                : -Math.log(q);
          const coefficient = (1 - labelSmoothing) * w;
          const want = isActive ? (coefficient === 0 ? 0 : coefficient * cost) * s : 0;
          failures.push(check(`${what}, target’s gradient`, grad.target.data[i], want));
        }
        bad.push(...failures.filter(Boolean));
      }
    }
    expect(bad).toEqual([]);
  });

  it(`nll, ${cases} cases`, () => {
    const r = random(32);
    const bad: string[] = [];
    for (let round = 0; round < cases && bad.length < 10; round++) {
      const rows = 1 + integer(r, 6);
      const classes = 1 + integer(r, 5);
      const draws = (n: number) => Float32Array.from({ length: n }, () => factor(r));
      const labels = Int32Array.from({ length: rows }, () => integer(r, classes));
      const x = { data: new Float32Array(rows * classes).fill(-1), shape: [rows, classes] };
      const weight = r() < 0.7 ? draws(classes) : undefined;
      const sampleWeight = r() < 0.7 ? draws(rows) : undefined;
      const gradOutput = r() < 0.7 ? draws(rows) : undefined;
      const grad = F.nll.grad(x, labels, { weight, sampleWeight, gradOutput, reduction: 'none' });
      for (let row = 0; row < rows; row++) {
        const want = (weight?.[labels[row]] ?? 1) * (sampleWeight?.[row] ?? 1) * (gradOutput?.[row] ?? 1);
        bad.push(
          ...[check(`case ${round}, row ${row}`, grad.data[row * classes + labels[row]], -want)].filter(
            Boolean,
          ),
        );
      }
    }
    expect(bad).toEqual([]);
  });
});
