// The same functions without WebAssembly: Node processes over pipes, as the built package starts them.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { bits, bitsOf, isThere, open, tell } from './chdb.ts';

tell('executable functions of ClickHouse');
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const { executable } = (await import(
  pathToFileURL(join(dist, 'clickhouse.js')).href
)) as typeof import('../../src/clickhouse/index.ts');

describe.skipIf(!isThere)('a server without WebAssembly', async () => {
  if (!isThere) return;
  const { config, statements } = executable({ losses: ['mse', 'huber', 'crossEntropy'] });
  const database = open(`<clickhouse>
    <user_defined_executable_functions_config>*_function.xml</user_defined_executable_functions_config>
  </clickhouse>
`);
  afterAll(() => database.close());
  const { rows, run, folder } = database;
  writeFileSync(join(folder, 'loss_function.xml'), config);
  run('SYSTEM RELOAD FUNCTIONS');
  for (const statement of statements) run(statement);
  const F: any = await load();

  it('has the bits of Node', () => {
    const n = 70_000;
    const x = Float32Array.from({ length: n }, (_, i) => ((i * 7919) % 1009) / 64);
    const t = Float32Array.from({ length: n }, (_, i) => i % 7);
    const select = (call: string) =>
      rows(
        `SELECT ${bits(call)} FROM (SELECT toFloat32((number * 7919 % 1009) / 64) AS x, toFloat32(number % 7) AS t FROM numbers(${n}))`,
      ).map(([v]) => v);
    expect(select('mse_loss(x, t)')).toEqual([...F.mse(x, t, { reduction: 'none' }).data].map(bitsOf));
    expect(select(`huber_grad_with(x, t, '{"delta": 2.5}')`)).toEqual(
      [...F.huber.grad(x, t, { delta: 2.5, reduction: 'sum' }).data].map(bitsOf),
    );
    expect(
      rows(
        'SELECT crossEntropy_loss([1, 2, 3], nullIf(number, 1)) IS NULL, length(crossEntropy_grad([1, 2, 3], nullIf(number, 1))) FROM numbers(3)',
      ),
    ).toEqual([
      [0, 3],
      [1, 0],
      [0, 3],
    ]);
  });

  it('NULL is NULL', () => {
    expect(
      rows('SELECT mse_loss(nullIf(number, 1), 0), mse_grad(3, nullIf(number, 2)) FROM numbers(3)'),
    ).toEqual([
      [0, 6],
      [null, 4],
      [4, null],
    ]);
  });

  it('no rows, and after an error the next query', () => {
    expect(rows('SELECT mse_loss(number, 1) FROM numbers(0)')).toEqual([]);
    expect(() => rows('SELECT crossEntropy_loss([1, 2], number + 5) FROM numbers(3)')).toThrow(
      /ERR_LABEL|exit/,
    );
    expect(rows('SELECT crossEntropy_loss([1, 2], 0) > 1')).toEqual([[1]]);
  });
});

it('the process says what it does not have', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(dist, 'clickhouse/executable.js'), 'nothing'],
    {
      encoding: 'utf8',
    },
  );
  expect(status).toBe(1);
  expect(stderr).toContain('the module has no function nothing');
});

it.each([
  [{ command: '' }, 'ERR_OPTION'],
  [{ poolSize: 0 }, 'ERR_OPTION'],
  [{ hosts: [] }, 'ERR_OPTION'],
])('refuses %j', (options, code) => {
  expect(() => executable(options as never)).toThrow(expect.objectContaining({ code }));
});

it('a command is written as XML', () => {
  const { config } = executable({ losses: ['mse'], command: 'run "a" < b &', prefix: 'p_' });
  expect(config).toContain('<command>run "a" &lt; b &amp; mse_grad</command>');
  expect(config).toContain('<name>p_mse_loss_with_f32</name>');
});
