// examples/clickhouse: flights whose losses have the same bits in ClickHouse and in Node.
import type { LossFunctions } from 'simdloss';
import { expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { isThere, tell } from './chdb.ts';

tell('examples/clickhouse');

it.skipIf(!isThere)('flights', async () => {
  // its types are those of the built package
  const { flights } = await import('../../examples/clickhouse/flights.ts');
  const F = (await load()) as unknown as LossFunctions;
  const { rows, byHour, byAirport, differing, areSumsEqual } = await flights(F, 200_000);
  expect(rows).toBeGreaterThan(190_000);
  expect({ differing, areSumsEqual }).toEqual({ differing: 0, areSumsEqual: true });
  const count = (lines: readonly { count: number }[]) => lines.reduce((sum, line) => sum + line.count, 0);
  expect([count(byHour), count(byAirport)]).toEqual([rows, rows]);
  let gain = 0;
  for (const { clickhouse, node, sql, count } of byHour) {
    expect(clickhouse).toBe(node);
    expect(Math.abs(clickhouse / sql - 1)).toBeLessThan(1e-6);
    gain += (Math.log(2) - clickhouse) * count;
  }
  // it has learned something
  expect(gain / rows).toBeGreaterThan(0.1);
  F.dispose();
});
