// Golden cases that carry second derivatives, per sample.
import { describe, expect, it } from 'vitest';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { isTensor } from '../reference/tensor.ts';
import { tensorOf } from './case.ts';
import { fitsF32 } from './evaluate.ts';
import { isPlan, mapCase } from './map.ts';
import { isHelper, isSequence } from './plan.ts';
import { haveGoldens, readSuites } from './suites.ts';

type Any = any;

const runs = readSuites().flatMap(({ name, cases }) =>
  cases.flatMap((c) => {
    const plan = mapCase(c);
    const { hess } = c.expected;
    if (hess === undefined || !isPlan(plan) || isHelper(plan.call) || isSequence(plan.call)) return [];
    return [{ name, c, plan, call: plan.call, recorded: Object.values(hess)[0] }];
  }),
);

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const here = runs.filter(({ call }) => dtype === 'f64' || fitsF32(call));

  it.runIf(here.length > 0).each(here)('$c.id', ({ c, plan, call, recorded }) => {
    // minHessian is 0 unless told: a loss that is not convex has no less
    const wanted = tensorOf(recorded).data.map((h) => Math.max(h, 0));
    // the last digit of what is recorded
    const own = recorded.dtype === 'f32' ? 2 ** -24 : 0;
    const typed = ({ data, shape }: Any) => ({ data: arrayOf[dtype].from(data), shape });
    const { input, target } = call.inputs;
    const t = call.labels ? { data: Int32Array.from(target.data), shape: target.shape } : typed(target);
    const options = Object.entries(call.options).map(([key, v]) => [key, isTensor(v) ? typed(v) : v]);
    const loss = (loaded[backend] as Any)[call.loss];
    const { hess } = loss.gradAndHess(typed(input), t, { ...Object.fromEntries(options), ...plan.hessian });
    expect(plan.hessian, 'what the suite means by it').toBeDefined();
    expect(hess.data.length).toBe(wanted.length);
    const { rtol, atol } = dtype === 'f32' ? { rtol: 4e-6, atol: Math.max(c.tol.atol, 1e-30) } : c.tol;
    wanted.forEach((want, i) => {
      expect(Math.abs(hess.data[i] - want), `[${i}] ${hess.data[i]} instead of ${want}`).toBeLessThanOrEqual(
        (rtol + own) * Math.abs(want) + atol,
      );
    });
  });
});

it('all of them that are of these losses', () => {
  // 11 of scikit-learn's, which every clone has, and with the goldens these again and 6 of XGBoost's
  expect(runs.length).toBeGreaterThanOrEqual(haveGoldens ? 28 : 11);
});
