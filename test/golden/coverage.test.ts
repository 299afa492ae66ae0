import { describe, expect, it } from 'vitest';
import { divergentIds } from './divergences.ts';
import { isPlan, mapCase } from './map.ts';
import { haveGoldens, readSuites } from './suites.ts';

describe.each(readSuites())('$name', ({ cases }) => {
  it('maps every case to a call or to a reason', () => {
    for (const c of cases) {
      const mapped = mapCase(c);
      if (isPlan(mapped)) continue;
      expect(mapped.notApplicable, c.id).toMatch(/^(loss not in this version|semantics): \S/);
    }
  });

  it('compares every gradient that is recorded', () => {
    for (const c of cases) {
      const mapped = mapCase(c);
      if (isPlan(mapped))
        expect(Object.keys(mapped.grads).sort(), c.id).toEqual(Object.keys(c.expected.grads).sort());
    }
  });
});

it('has unique ids in every file', () => {
  for (const { name, cases } of readSuites())
    expect(new Set(cases.map((c) => c.id)).size, name).toBe(cases.length);
});

it.runIf(haveGoldens)('has no divergence without a case', () => {
  const ids = new Set(readSuites().flatMap(({ cases }) => cases.map((c) => c.id)));
  expect(divergentIds.filter((id) => !ids.has(id))).toEqual([]);
});
