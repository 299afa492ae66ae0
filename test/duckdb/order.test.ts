// Parquet is read by several threads, in any order: what comes out is what one thread says, where it fails, too.
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder, remove, running, simdloss } from '../cli/command.ts';
import { missing } from '../missing.ts';
import { integer, random } from '../random.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const modules = join(here, 'node_modules/@duckdb');
const isThere = existsSync(modules);
if (!isThere)
  missing({
    what: 'the order of rows of Parquet',
    why: '@duckdb/node-api is not installed',
    install: 'npm ci --prefix test/duckdb',
  });
afterAll(remove);

const ROWS = 200_000;
const r = random(Number(process.env.SEED ?? 19));

describe.skipIf(!isThere)('Parquet by several threads', () => {
  let copy: (select: string, file: string) => Promise<unknown>;
  let close: () => void;

  beforeAll(async () => {
    symlinkSync(modules, join(folder, 'node_modules/@duckdb'));
    const { DuckDBInstance } = createRequire(join(here, 'package.json'))('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    // many small pieces, which threads take as they come
    copy = (select, file) =>
      connection.run(`COPY (${select}) TO '${join(folder, file)}' (ROW_GROUP_SIZE 4096)`);
    close = () => connection.closeSync();
    const h = (k: number) => `((range * ${k} + 12345) % 10007) / 10007.0`;
    await copy(
      `SELECT (${h(7919)})::FLOAT AS p, pow(2, (range * 31) % 2001 - 1000) AS wide, (${h(31)} < 0.5)::INT AS t, (range % 5)::FLOAT AS w,
        (range * 7919) % 300 AS k, CASE WHEN range % 11 = 0 THEN NULL ELSE 'group ' || (range * 31) % 53 END AS g, (range * 31 % 7)::TINYINT AS b,
        [${h(3)}, ${h(5)}, ${h(11)}] AS z, (range % 3)::INT AS y
       FROM range(${ROWS})`,
      'good.parquet',
    );
  });
  afterAll(() => close?.());

  const THREADS = [[], ['--threads', '2'], ['--threads', '3']];

  it.each([
    '--loss bce --pred p --target t --figures accuracy,auc,brier,ece',
    '--loss bce --pred p --target t --weight w --by g',
    '--loss l1 --pred wide --target p --by k --figures mae,rmse,r2',
    '--loss mse --pred wide --target wide --by b',
    '--loss crossEntropy --pred z --target y --by g --topK 2 --figures perplexityBySequence,perClass,confusion',
  ])('%s: the same report and state', (flags) => {
    const all = [['--threads', '1'], ...THREADS].map((threads, i) => {
      const files = ['good.parquet', 'good.parquet'];
      const done = simdloss('eval', ...files, ...flags.split(' '), '--state', `${i}.json`, ...threads);
      return { ...done, state: readFileSync(join(folder, `${i}.json`), 'utf8') };
    });
    expect(all[0].status).toBe(0);
    expect(all[0].state).toContain(flags.includes('--by g') ? '"key":"group 7"' : '"groups"');
    for (const one of all.slice(1)) expect(one).toEqual(all[0]);
  });

  it.each([
    ['NULL', 'CASE WHEN bad THEN NULL ELSE p END', 't', 'p', 'null is no number'],
    ['a label out of range', 'z', 'CASE WHEN bad THEN 3 ELSE y END', 'y', 'class indices'],
    ['a list that is longer', 'CASE WHEN bad THEN [1.0, 2.0] ELSE z END', 'y', 'z', ''],
  ])('%s: the file, row and column of the first one', async (_, p, t, name, says) => {
    for (let k = 0; k < 4; k++) {
      const rows = Array.from({ length: 1 + integer(r, 4) }, () => integer(r, ROWS));
      if (k === 0) rows.push([0, ROWS - 1][integer(r, 2)]);
      const file = `bad${k}${name}.parquet`;
      const bad = `SELECT *, range IN (${rows}) AS bad FROM (SELECT *, row_number() OVER () - 1 AS range FROM '${join(folder, 'good.parquet')}')`;
      const [pred, target] = name === 'p' ? ['p', 't'] : ['z', 'y'];
      await copy(`SELECT ${p} AS ${pred}, ${t} AS ${target} FROM (${bad}) ORDER BY range`, file);
      const loss = name === 'p' ? 'bce' : 'crossEntropy';
      const flags = ['--loss', loss, '--pred', pred, '--target', target];
      const call = (...more: string[]) =>
        simdloss('eval', 'good.parquet', file, 'good.parquet', ...flags, ...more);
      const want = call('--threads', '1');
      expect(want.status).toBe(1);
      expect(want.stderr).toContain(says);
      const first = Math.min(...rows);
      // a list of another length is told with the chunk's first row where all of the chunk have it
      expect(want.stderr, `${rows}`).toContain(`${file}, row ${first}, column ${name}`);
      for (const threads of THREADS) expect(call(...threads), `${rows}`).toEqual(want);
    }
  });

  it('^C ends it with 130, and with what was seen', async () => {
    const files = Array<string>(2000).fill('good.parquet');
    const { child, ended } = running([
      'eval',
      ...files,
      ...'--loss bce --pred p --target t --by g --json'.split(' '),
    ]);
    await Promise.race([ended, new Promise((resolve) => child.stderr!.once('data', resolve))]);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(130);
    const { count, groups } = JSON.parse(stdout);
    expect(stderr).toContain(`interrupted after ${count.toLocaleString('en-US')} rows`);
    expect(groups.reduce((sum: number, group: { count: number }) => sum + group.count, 0)).toBe(count);
  });
});
