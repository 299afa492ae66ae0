import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { callerOf, cases, forms, idOf, rowOf } from '../../bench/dependence/forms.ts';
import { kinds, lay } from '../../bench/dependence/kinds.ts';
import { markdown } from '../../bench/dependence/markdown.ts';
import { committedFile, committedResults, readmeFile } from '../../bench/dependence/results.ts';
import { load } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { rowNames } from '../rows/names.ts';

const measured = rowNames.filter((name) => registry[name].family.name !== 'projection');
test.each(measured)('%s is measured in each operation', (name) => {
  const seen = new Set(cases.filter(({ what }) => what === name).map(({ operation }) => operation));
  expect(seen).toEqual(new Set(['value', 'grad', 'valueAndGrad']));
});

test.each(['f32', 'f64'] as const)('%s: every case can be called', async (dtype) => {
  const F = await load();
  for (const which of cases) {
    for (const isOrdinary of [true, false]) {
      const caller = callerOf(F as never, which, dtype, isOrdinary);
      expect(caller.call, idOf(which)).not.toThrow();
      caller.dispose();
    }
  }
});

test('no two cases have the same name, every domain is used', () => {
  expect(new Set(cases.map(idOf)).size).toBe(cases.length);
  expect(new Set(forms.map(({ domain }) => domain))).toEqual(new Set(Object.keys(kinds)));
});

describe.each(['f32', 'f64'] as const)('%s: the data is of the kind that it is named after', (dtype) => {
  const Floats = dtype === 'f32' ? Float32Array : Float64Array;
  const normal = dtype === 'f32' ? 2 ** -126 : 2 ** -1022;
  const of = (domain: Parameters<typeof lay>[0], kind: string) => {
    const operands = { input: new Floats(4096).fill(1), target: new Floats(4096).fill(1), shape: [64, 64] };
    lay(domain, kind, operands, dtype);
    return operands;
  };
  const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < normal;
  const exponentials = (domain: Parameters<typeof lay>[0], kind: string) =>
    of(domain, kind).input.filter((x) => x !== 0 && x !== 1);

  test.each(Object.entries(kinds).flatMap(([domain, of]) => Object.keys(of).map((kind) => [domain, kind])))(
    '%s, %s',
    (name, kind) => {
      const domain = name as keyof typeof kinds;
      const { input, target } = of(domain, kind);
      const changed = [...input, ...target].filter((x) => x !== 0 && x !== 1);
      if (kind === '−inf') expect(changed.filter((x) => x === -Infinity).length).toBeGreaterThan(1000);
      else if (kind === 'zero') expect([...input].filter((x) => x === 0).length).toBeGreaterThan(1000);
      else expect(changed.length).toBeGreaterThan(4000);
      if (kind === 'subnormal') expect(changed.every(isSubnormal)).toBe(true);
      if (kind === 'tiny')
        expect(changed.every((x) => !isSubnormal(x) && isSubnormal(x * x) !== (x * x === 0))).toBe(true);
    },
  );

  test.each(['subnormal exponentials', 'exponentials at the edge'])('%s', (kind) => {
    // e^x itself, in f64 from its logarithm to the base 2 where it would be 0
    for (const x of exponentials('logits of classes', kind)) {
      expect(x).toBeLessThanOrEqual(Math.log(normal) * (1 - 1e-7));
      expect(x).toBeGreaterThan(Math.log(normal) - (kind.endsWith('edge') ? 0.35 : 37));
    }
  });
});

const committed = committedResults();

test('there are results', () => {
  expect(committed.size).toBeGreaterThan(0);
});

describe.each([...committed])('%s', (name, { environment, cases: results }) => {
  test('has one entry for each case, but for losses that are not measured yet', () => {
    const ids = new Set(results.map(({ id }) => id));
    expect(ids.size).toBe(results.length);
    const measured = new Set(cases.filter((of) => ids.has(idOf(of))).map(({ what }) => what));
    const wanted = cases.filter(({ what }) => measured.has(what));
    const entries = (all: { id: string; row: string }[]) => all.map(({ id, row }) => `${id}: ${row}`).sort();
    expect(entries([...results])).toEqual(entries(wanted.map((of) => ({ id: idOf(of), row: rowOf(of) }))));
  });

  test('holds numbers that make sense, and its control is 1', () => {
    for (const { id, kind, ordinary, ratio, p10, p90, pairs } of results) {
      for (const x of [ordinary, ratio, pairs]) expect(x, id).toBeGreaterThan(0);
      expect(p10, id).toBeLessThanOrEqual(ratio);
      expect(p90, id).toBeGreaterThanOrEqual(ratio);
      if (kind === 'control') expect(Math.abs(ratio - 1), id).toBeLessThan(0.15);
    }
  });

  test('is named after its environment', () => {
    expect(committedFile(environment).endsWith(`/${name}`)).toBe(true);
  });
});

test('the page shows them', () => {
  expect(readFileSync(readmeFile, 'utf8')).toBe(markdown(committed));
});
