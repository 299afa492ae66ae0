// examples/clickhouse: flights whose losses have the same bits in ClickHouse and in Node, as the program itself says.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isThere, tell } from './chdb.ts';

tell('examples/clickhouse');
const folder = fileURLToPath(new URL('../../examples/clickhouse/', import.meta.url));
const tsx = createRequire(import.meta.url).resolve('tsx/cli');

it.skipIf(!isThere)('flights', () => {
  const text = execFileSync(
    process.execPath,
    [tsx, '--tsconfig', join(folder, 'tsconfig.json'), join(folder, 'main.ts'), '200000'],
    { encoding: 'utf8', timeout: 100_000 },
  );
  const [byAirport, byHour, summary] = text.trim().split('\n\n');
  expect(summary).toBe(
    '200000 flights: the loss of each has the bits that it has in Node; the sums are those of Node, to the bit',
  );
  const lines = (table: string) =>
    table
      .split('\n')
      .slice(2)
      .map((line) => line.split(/ +/));
  expect(lines(byAirport)).toHaveLength(10);
  const hours = lines(byHour);
  expect(hours.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(200_000);
  let gain = 0;
  for (const [, count, clickhouse, node, sql] of hours) {
    expect(clickhouse).toBe(node);
    expect(Math.abs(Number(clickhouse) / Number(sql) - 1)).toBeLessThan(1e-6);
    gain += (Math.log(2) - Number(clickhouse)) * Number(count);
  }
  // it has learned something
  expect(gain / 200_000).toBeGreaterThan(0.1);
});
