// Parquet and queries by DuckDB, where it is installed: npm ci --prefix test/duckdb.
import { existsSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/index.ts';
import { load } from '../../src/index.ts';
import { folder, remove, results, running, simdloss, write } from '../cli/command.ts';
import { missing } from '../missing.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const modules = join(here, 'node_modules/@duckdb');
const isThere = existsSync(modules);
if (!isThere)
  missing({
    what: 'simdloss eval of Parquet',
    why: '@duckdb/node-api is not installed',
    install: 'npm ci --prefix test/duckdb',
  });
afterAll(remove);

describe('without DuckDB', () => {
  it('says how it is installed, and reads what it can itself', () => {
    write('x.csv', 'x,t\n1,2\n');
    const flags = ['--loss', 'mse', '--pred', 'x', '--target', 't'];
    expect(results('eval', 'x.csv', ...flags).loss).toBe(1);
    const { status, stderr } = simdloss('eval', 'x.parquet', ...flags);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'x.parquet is read by DuckDB, which is not installed: npm install @duckdb/node-api',
    );
  });
});

const ROWS = 300_000;

describe.skipIf(!isThere)('with DuckDB', async () => {
  const F = await load();
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

  beforeAll(async () => {
    symlinkSync(modules, join(folder, 'node_modules/@duckdb'));
    const { DuckDBInstance } = createRequire(join(here, 'package.json'))('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const copy = (select: string, file: string) =>
      connection.run(`COPY (${select}) TO '${join(folder, file)}'`);
    // numbers that are the same in any engine
    const h = (k: number) => `((range * ${k} + 12345) % 1009) / 1009.0`;
    await copy(
      `SELECT (${h(7919)})::FLOAT AS p, (${h(104729)})::DOUBLE AS d, (${h(31)} < 0.5)::INT AS t, (range % 4)::DECIMAL(6, 2) AS m,
        (range % 3)::BIGINT AS k, 'group ' || (range % 5) AS g, CASE WHEN range % 7 = 0 THEN NULL ELSE 'x' END AS n
       FROM range(${ROWS})`,
      'flat.parquet',
    );
    await copy(
      `SELECT [(${h(3)})::FLOAT, (${h(5)})::FLOAT, (${h(11)})::FLOAT] AS z, [${h(3)}, ${h(5)}, ${h(11)}]::DOUBLE[3] AS a, (range % 3)::INT AS y,
        ${h(3)} AS z_0, ${h(5)} AS z_1, ${h(11)} AS z_2
       FROM range(5000)`,
      'lists.parquet',
    );
    const wide = (k: number, rows: number, bad: string) =>
      copy(
        `SELECT list_transform(range(1000), j -> CASE WHEN ${bad} THEN NULL ELSE (((n * 1000 + j) * ${k} + 12345) % 1009) / 1009.0 END::FLOAT) AS z,
          (n % 1000)::INT AS y, (n % 4)::FLOAT AS w, n % 7 AS k FROM range(${rows}) t(n)`,
        bad === 'false' ? 'wide.parquet' : 'hole.parquet',
      );
    await wide(7919, 5000, 'false');
    await wide(7919, 3000, 'n = 2500 AND j = 17');
    // row groups of 80 MB
    const list = (k: number) =>
      `list_transform(range(1000), j -> (((n * 1000 + j) * ${k}) % 1009 / 1009.0)::FLOAT)`;
    await connection.run(
      `COPY (SELECT ${list(31)} AS z, ${list(7919)} AS t FROM range(20480) r(n))
        TO '${join(folder, 'pairs.parquet')}' (ROW_GROUP_SIZE 10240)`,
    );
    await copy(
      'SELECT CASE WHEN range = 2222 THEN NULL ELSE range END AS x FROM range(4000)',
      'null.parquet',
    );
    await copy(
      'SELECT CASE WHEN range = 3333 THEN [1.0] ELSE [1.0, 2.0] END AS z, 0 AS y FROM range(4000)',
      'uneven.parquet',
    );
    connection.closeSync();
  });

  const h = (k: number) => Float64Array.from({ length: ROWS }, (_, i) => ((i * k + 12345) % 1009) / 1009);
  const p = Float32Array.from(h(7919));
  const t = Array.from(h(31), (x) => Number(x < 0.5));

  it('columns of numbers, weights and groups of texts', () => {
    const e = evaluate(F, { loss: 'bce', figures: ['accuracy', 'brier'] });
    const group = Array.from(p, (_, i) => `group ${i % 5}`);
    e.add(p, Float32Array.from(t), { sampleWeight: Float32Array.from(p, (_, i) => i % 4), group });
    const flags = [
      '--pred',
      'p',
      '--target',
      't',
      '--weight',
      'm',
      '--by',
      'g',
      '--figures',
      'accuracy,brier',
    ];
    expect(results('eval', 'flat.parquet', '--loss', 'bce', ...flags)).toEqual(plain(e.result()));
  });

  it('groups that are integers, and none', () => {
    const of = (by: string) =>
      results('eval', 'flat.parquet', '--loss', 'mse', '--pred', 'd', '--target', 'p', '--by', by);
    expect(of('k').groups.map(({ key, count }: any) => [key, count])).toEqual(
      [0, 1, 2].map((k) => [k, ROWS / 3]),
    );
    const none = Math.ceil(ROWS / 7);
    expect(of('n').groups.map(({ key, count }: any) => [key, count])).toEqual([
      ['', none],
      ['x', ROWS - none],
    ]);
  });

  it('lists, arrays, and several columns', () => {
    const numbers = [3, 5, 11].map((k) => h(k));
    const data = Float64Array.from({ length: 15_000 }, (_, i) => numbers[i % 3][Math.floor(i / 3)]);
    const y = Int32Array.from({ length: 5000 }, (_, i) => i % 3);
    const want = (data: Float32Array | Float64Array) =>
      plain(
        evaluate(F, { loss: 'crossEntropy', topK: [2] })
          .add({ data, shape: [5000, 3] }, y)
          .result(),
      );
    const got = (pred: string) =>
      results(
        'eval',
        'lists.parquet',
        '--loss',
        'crossEntropy',
        '--pred',
        pred,
        '--target',
        'y',
        '--topK',
        '2',
      );
    expect(got('z')).toEqual(want(Float32Array.from(data)));
    expect(got('a')).toEqual(want(data));
    expect(got('z_*')).toEqual(want(data));
  });

  it('lists so wide that a chunk of them is several batches', () => {
    const data = Float32Array.from({ length: 5_000_000 }, (_, i) => ((i * 7919 + 12345) % 1009) / 1009);
    const of = (k: number) => Float32Array.from({ length: 5000 }, (_, i) => i % k);
    const e = evaluate(F, { loss: 'crossEntropy', figures: ['accuracy'] });
    const options = { sampleWeight: of(4), group: Array.from(of(7)) };
    e.add({ data, shape: [5000, 1000] }, Int32Array.from(of(1000)), options);
    const flags = '--loss crossEntropy --pred z --target y --weight w --by k --figures accuracy'.split(' ');
    for (const threads of ['1', '3'])
      expect(results('eval', 'wide.parquet', ...flags, '--threads', threads)).toEqual(plain(e.result()));
    const { status, stderr } = simdloss('eval', 'wide.parquet', 'hole.parquet', ...flags);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'hole.parquet, row 2500, column z: null is no number\n',
    });
  });

  it('takes 250 MB at most, however wide rows are', async () => {
    // not resourceUsage().maxRSS, which has what the process was forked from in it
    const told = `import { readFileSync } from 'node:fs';
process.once('exit', () => console.error(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status'))[1]));`;
    for (const flags of [
      'flat.parquet --loss bce --pred p --target d --by g',
      'pairs.parquet --loss mse --pred z --target t',
    ]) {
      const node = ['--import', `data:text/javascript,${encodeURIComponent(told)}`];
      const { status, stderr } = await running(['eval', ...flags.split(' ')], node).ended;
      expect(status, stderr).toBe(0);
      expect(Number(stderr), flags).toBeLessThan(250_000);
    }
  });

  it('a query', () => {
    const sql = "SELECT p * 2 AS x, t FROM 'flat.parquet' WHERE k = 1";
    const { count } = results(
      'eval',
      '--sql',
      sql,
      '--loss',
      'bceWithLogits',
      '--pred',
      'x',
      '--target',
      't',
    );
    expect(count).toBe(ROWS / 3);
  });

  it.each([
    'TINYINT',
    'UBIGINT',
    'HUGEINT',
    'UHUGEINT',
    'DECIMAL(38, 3)',
    'DECIMAL(4, 1)',
    'FLOAT',
    'DOUBLE',
  ])('numbers of type %s', (type) => {
    const sql = `SELECT (range % 3)::${type} AS x, (range % 2)::${type} AS t FROM range(6000)`;
    const { sum, count } = results('eval', '--sql', sql, '--loss', 'l1', '--pred', 'x', '--target', 't');
    expect({ sum, count }).toEqual({ sum: 5000, count: 6000 });
  });

  it('lists and arrays of decimals, as doubles', () => {
    const rows = '(range % 1009) / 1009.0 AS x, (range % 89) / 89.0 AS y FROM range(5000)';
    const of = (type: string, list: string) => {
      const sql = `SELECT [x, y]::${type}${list} AS p, [y, x]::${type}${list} AS t FROM (SELECT round(x, 4) AS x, round(y, 4) AS y FROM (SELECT ${rows}))`;
      return results('eval', '--sql', sql, '--loss', 'mse', '--pred', 'p', '--target', 't');
    };
    const expected = of('DOUBLE', '[]');
    expect(expected).toMatchObject({ count: 10000 });
    for (const list of ['[]', '[2]']) expect(of('DECIMAL(9, 4)', list)).toEqual(expected);
  });

  it('no rows at all', () => {
    const sql = 'SELECT 1.5 AS x, 2.5 AS t FROM range(3) WHERE range > 5';
    const { sum, count } = results('eval', '--sql', sql, '--loss', 'mse', '--pred', 'x', '--target', 't');
    expect({ sum, count }).toEqual({ sum: 0, count: 0 });
  });

  it('^C ends a query with 130, and with what was seen', async () => {
    const sql = 'SELECT (range % 5)::FLOAT AS x, (range % 3)::FLOAT AS t FROM range(1000000000000)';
    const { child, ended } = running([
      'eval',
      '--sql',
      sql,
      '--loss',
      'mse',
      '--pred',
      'x',
      '--target',
      't',
      '--json',
    ]);
    await Promise.race([ended, new Promise((resolve) => child.stderr!.once('data', resolve))]);
    child.kill('SIGINT');
    const { status, stdout } = await ended;
    expect(status).toBe(130);
    expect(JSON.parse(stdout).count).toBeGreaterThan(0);
  });

  it.each([
    {
      args: ['null.parquet', '--loss', 'mse', '--pred', 'x', '--target', 'x'],
      says: 'null.parquet, row 2222, column x: null is no number',
    },
    {
      args: ['flat.parquet', '--loss', 'mse', '--pred', 'g', '--target', 'p'],
      says: 'flat.parquet, row 0, column g: group 0 is no number',
    },
    {
      args: ['uneven.parquet', '--loss', 'crossEntropy', '--pred', 'z', '--target', 'y'],
      says: 'uneven.parquet, row 3333, column z: a list of 1',
    },
    { args: ['none.parquet', '--loss', 'mse', '--pred', 'x', '--target', 'x'], says: 'none.parquet: ' },
    { args: ['--sql', 'SELECT nothing', '--loss', 'mse', '--pred', 'x', '--target', 'x'], says: '--sql: ' },
    {
      args: [
        '--sql',
        'SELECT 5 AS x, 3 AS y FROM range(3)',
        '--loss',
        'crossEntropy',
        '--pred',
        'x',
        '--target',
        'y',
      ],
      says: '--sql, row 0, column y: expected class indices',
    },
  ])('says where it is: $says', ({ args, says }) => {
    const { status, stdout, stderr } = simdloss('eval', ...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(says);
  });
});
