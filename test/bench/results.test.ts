import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cases, idOf } from '../../bench/cases.ts';
import { markdown } from '../../bench/markdown.ts';
import { committedFile, committedResults, readmeFile } from '../../bench/results.ts';

// `npm run bench` (and with `-- --dtype f64`) writes them anew
const committed = committedResults();

test('there are results', () => {
  expect(committed.size).toBeGreaterThan(0);
});

describe.each([...committed])('%s', (name, { environment, cases: results }) => {
  test('has one entry for each case, but for losses that are not measured yet', () => {
    const measured = new Set(results.map(({ loss }) => loss));
    expect(results.map(idOf)).toEqual(cases.filter(({ loss }) => measured.has(loss)).map(idOf));
  });

  test('holds numbers that make sense', () => {
    for (const { wasm, js, ratio, p10, p90, rounds, ...which } of results) {
      const id = idOf(which);
      for (const x of [wasm, js, ratio, rounds]) expect(x, id).toBeGreaterThan(0);
      expect(p10, id).toBeLessThanOrEqual(ratio);
      expect(p90, id).toBeGreaterThanOrEqual(ratio);
    }
  });

  test('is named after its environment', () => {
    expect(committedFile(environment).endsWith(`/${name}`)).toBe(true);
  });
});

test('the page shows them', () => {
  expect(readFileSync(readmeFile, 'utf8')).toBe(markdown(committed));
});
