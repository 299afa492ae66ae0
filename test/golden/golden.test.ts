import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { missing } from '../missing.ts';
import type { Case } from './case.ts';
import { problems } from './compare.ts';
import { divergenceOf } from './divergences.ts';
import { type Dtype, evaluate, fitsF32, type Library } from './evaluate.ts';
import { isPlan, mapCase } from './map.ts';
import type { NotApplicable, Plan } from './plan.ts';
import { haveGoldens, readSuites } from './suites.ts';
import { tableOf, tallyOf } from './table.ts';

const backends = ['wasm', 'js'] as const;
const dtypes: Dtype[] = ['f32', 'f64'];

const suites = readSuites().map(({ name, cases }) => {
  const mapped = cases.map((c) => ({ c, mapped: mapCase(c) }));
  return {
    name,
    runs: mapped.filter((m): m is { c: Case; mapped: Plan } => isPlan(m.mapped)),
    reasons: mapped.map((m) => m.mapped).filter((m): m is NotApplicable => !isPlan(m)),
    failed: new Set<string>(),
  };
});

describe.each(backends)('%s', (backend) => {
  let library: Library;
  let dispose: () => void;
  beforeAll(async () => {
    const functions = await load({ backend });
    library = functions as unknown as Library;
    dispose = () => functions.dispose();
  });
  afterAll(() => dispose());

  describe.each(suites)('$name', ({ runs, failed }) => {
    it.each(dtypes)('%s', (dtype) => {
      const found = runs
        .filter(({ mapped }) => dtype === 'f64' || fitsF32(mapped.call))
        .flatMap(({ c, mapped }) => {
          const wrong = check(library, backend, c, mapped, dtype);
          if (wrong.length) failed.add(c.id);
          return wrong;
        });
      expect(found.join('\n')).toBe('');
    });
  });
});

/** Runs one case; what is wrong, line by line. */
function check(library: Library, backend: string, c: Case, plan: Plan, dtype: Dtype): string[] {
  try {
    const { plain, ...got } = evaluate(library, plan.call, dtype);
    const wrong = problems(c, plan, got, dtype);
    if (backend === 'wasm' && plain.some((v, i) => !Object.is(v, got.value[i])))
      wrong.push(`${c.id}: the value alone is ${plain}, with the gradient ${got.value}`);
    return wrong.concat(
      problems(c, plan, { ...got, value: plain }, dtype).filter((line) => !wrong.includes(line)),
    );
  } catch (error) {
    return [`${c.id}: ${error}`];
  }
}

describe('the folder of golden cases', () => {
  if (!haveGoldens)
    missing({
      what: 'golden cases',
      why: '../shared/goldens is not there, so that only the fixtures of this repository were run',
      install: 'put the folder beside the clone',
    });
  it.skipIf(!haveGoldens && process.env.CI !== 'true')('is there', () => expect(haveGoldens).toBe(true));
});

afterAll(() => {
  const rows = suites.map(({ name, runs, reasons, failed }) => ({
    suite: name,
    cases: runs.length + reasons.length,
    applicable: runs.length,
    'in float32 too': runs.filter(({ mapped }) => fitsF32(mapped.call)).length,
    passed: runs.length - failed.size,
    divergences: runs.filter(({ c }) => divergenceOf(c)).length,
    'not applicable': reasons.length,
  }));
  console.log(`${tableOf(rows)}\n${tallyOf(suites.flatMap(({ reasons }) => reasons))}`);
});
