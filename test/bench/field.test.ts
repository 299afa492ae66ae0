// bench/results/field.md is what the committed results give, and those are of the cases that there are.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cases } from '../../bench/field/cases.ts';
import { nameOf, page, pageFile, readResults } from '../../bench/field/results.ts';
import { agree } from '../../bench/peers/agreement.ts';

describe('bench:field', () => {
  const results = readResults();

  it('its page is drawn from its results', () => {
    expect(readFileSync(pageFile, 'utf8')).toBe(page(results));
  });

  it('measured what are cases, and what agreed', () => {
    const names = cases.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, peers } of results.cases) {
      expect(names).toContain(name);
      expect(Object.keys(peers)).toEqual(expect.arrayContaining(['simdloss', 'simdloss js', 'PyTorch']));
      for (const result of Object.values(peers)) {
        if ('time' in result) expect(agree(result.difference), name).toBe(true);
      }
    }
  });
});
