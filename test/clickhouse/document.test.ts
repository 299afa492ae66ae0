// docs/sql.md: its queries run, and what it says of functions is so.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { specs } from '../../src/clickhouse/generated/functions.ts';
import { exactSum, install, statements, toState } from '../../src/clickhouse/index.ts';
import { isThere, namedSums, open, tell } from './chdb.ts';

tell('docs/sql.md');
const page = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');

it('the statement that stores the module has the size that it says', () => {
  const [, size] = /a statement of (\d+) kB/.exec(page)!;
  expect(Math.round(statements({ losses: ['mse'] })[0].length / 1000)).toBe(Number(size));
});

it('names the losses over classes, and those of three inputs', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const names = (line: string) =>
    [...line.matchAll(/\b([a-z]\w*?)_(?:loss|grad|…)/g)].map(([, name]) => name);
  const [, three, classes] = rows.map(names);
  expect(three).toEqual(specs.filter(({ inputs }) => inputs.length === 3).map(({ name }) => name));
  expect(classes.sort()).toEqual(
    specs
      .filter(({ isOfClasses }) => isOfClasses)
      .map(({ name }) => name)
      .sort(),
  );
});

describe.skipIf(!isThere)('in ClickHouse', async () => {
  if (!isThere) return;
  const database = open();
  afterAll(() => database.close());
  const { rows, run } = database;
  await install(run);
  run(`CREATE TABLE predictions (time DateTime, country String, z Float32, y UInt8, x Float32, t Float32, v Float32, a Float32, b Float32, logits Array(Float32), label UInt8)
    ENGINE = MergeTree ORDER BY time`);
  run(`INSERT INTO predictions SELECT toDateTime('2026-11-20 00:00:00') + number * 3600, ['fr', 'de'][1 + number % 2], number % 7 - 3, number % 2, number, 2, 1, 3, 4, [1, 2, number % 3], number % 3
    FROM numbers(500)`);

  it('what is called in its tables is a function', () => {
    const calls = [...page.matchAll(/`(\w+_(?:loss|grad)\w*\(.*?\))`/g)].map(([, call]) => call);
    expect(calls.length).toBeGreaterThan(5);
    const columns: Record<string, string> = { crossEntropy_loss_with: 'logits' };
    for (const call of calls) {
      const name = call.slice(0, call.indexOf('('));
      const query = name in columns ? call.replace('(z, y,', '(logits, label,') : call;
      expect(Number(rows(`SELECT count(${query}) FROM predictions`)[0][0]), call).toBe(500);
    }
    const [, query] = /```sql\n([\s\S]*?)```/.exec(page)!;
    expect(rows(query)).toHaveLength(2);
  });

  it('states are stored and read as it says', () => {
    const [, code] = /`exactSum.merge\(\)`:\n\n```js\n([\s\S]*?)```/.exec(page)!;
    const [table, view, read] = [...code.matchAll(/`((?:CREATE|SELECT)[^`]*)`/g)].map(([, text]) =>
      text.replaceAll(/\$\{(exactSum[^}]*)\}/g, (_, call: string) =>
        new Function('exactSum', `return ${call}`)(exactSum),
      ),
    );
    run(table);
    run(view);
    run('INSERT INTO predictions SELECT * REPLACE (time + toIntervalDay(30) AS time) FROM predictions');
    const [row] = rows(`SELECT toJSONString(tuple(*)) FROM (${read})`);
    const sums = JSON.parse(row[0]);
    const [low, high, count] = sums;
    expect(Number(count)).toBeGreaterThan(0);
    const state = toState(namedSums(sums), { loss: 'bceWithLogits' });
    const [found] = rows(
      `SELECT tuple(${exactSum('bceWithLogits_loss(z, y)').replaceAll(/ AS \w+/g, '')}) FROM predictions WHERE time >= '2026-12-20'`,
    )[0];
    expect(state.groups[0].counts.loss[0][1]).toBe(Number(found[2]));
    expect([low, high]).toEqual(found.slice(0, 2));
  });
});
