// simdloss/duckdb: losses as functions of SQL, on a real connection.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { folder, remove, write } from '../cli/command.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const modules = join(here, 'node_modules/@duckdb');
// that it is missing duckdb.test.ts says
const isThere = existsSync(modules);
afterAll(remove);

describe.skipIf(!isThere)('register', async () => {
  if (!isThere) return;
  symlinkSync(modules, join(folder, 'node_modules/@duckdb'));
  const { DuckDBInstance } = createRequire(join(folder, 'package.json'))('@duckdb/node-api');
  const entry = pathToFileURL(join(folder, 'node_modules/simdloss/dist/duckdb.js')).href;
  const { register } = (await import(/* @vite-ignore */ entry)) as typeof import('../../src/duckdb/index.ts');
  // any loss by name, over any numbers
  const [F, J]: any[] = await Promise.all([load(), load({ backend: 'js' })]);
  const list = (result: any): number[] => [...(result.data ?? result)];
  const open = async () => (await DuckDBInstance.create(':memory:')).connect();
  const connection = await open();
  const names = register(connection, F, {
    options: { huber: { delta: 2 }, crossEntropy: { labelSmoothing: 0.1 } },
  });
  const rows = async (sql: string, on = connection): Promise<any[][]> =>
    (await on.runAndReadAll(sql)).getRows();

  it('has every loss of two inputs that are elements or rows of classes, as loss and gradient', () => {
    const two = descriptors.filter(
      ({ inputs, family }) => inputs.length === 2 && ['elementwise', 'classes'].includes(family.name),
    );
    for (const { name } of two)
      for (const kind of ['loss', 'grad']) expect(names).toContain(`${name}_${kind}`);
    expect(names.length).toBe(2 * two.length);
  });

  // more than one chunk, and not a whole number of them
  const N = 5000;
  const h = (k: number) => `(((range * ${k} + 17) % 1009) / 1009.0)`;
  const numbers = (k: number) => Array.from({ length: N }, (_, i) => ((i * k + 17) % 1009) / 1009);

  it.each([
    ['FLOAT', Float32Array],
    ['DOUBLE', Float64Array],
  ])('%s: the bits of F, whatever the loss', async (type, Numbers: any) => {
    const x = Numbers.from(numbers(31), (v: number) => 0.02 + 0.96 * v);
    const t = Numbers.from(numbers(57), (v: number) => Math.round(v));
    await connection.run(
      `CREATE OR REPLACE TABLE flat AS SELECT (0.02 + 0.96 * ${h(31)})::${type} AS x, round(${h(57)})::${type} AS t FROM range(${N})`,
    );
    for (const { name } of descriptors.filter(
      ({ family, inputs }) => family.name === 'elementwise' && inputs.length === 2,
    )) {
      const loss = F[name];
      const own = name === 'huber' ? { delta: 2 } : {};
      const got = await rows(`SELECT ${name}_loss(x, t), ${name}_grad(x, t) FROM flat`);
      expect(
        got.map(([value]) => value),
        name,
      ).toEqual(list(loss(x, t, { ...own, reduction: 'none' })));
      expect(
        got.map(([, g]) => g),
        name,
      ).toEqual(list(loss.grad(x, t, { ...own, reduction: 'sum' })));
    }
  });

  it.each(['FLOAT[]', 'DOUBLE[]', 'FLOAT[3]'])('rows of classes: %s', async (type) => {
    const Numbers: any = type.startsWith('FLOAT') ? Float32Array : Float64Array;
    const all = [3, 5, 7].map(numbers);
    const data = Numbers.from({ length: 3 * N }, (_: unknown, i: number) => all[i % 3][Math.floor(i / 3)]);
    const y = Int32Array.from({ length: N }, (_, i) => i % 3);
    const got = await rows(
      `SELECT crossEntropy_loss(z, y), nll_loss(z, y), crossEntropy_grad(z, y) FROM (SELECT [${h(3)}, ${h(5)}, ${h(7)}]::${type} AS z, (range % 3)::INT AS y FROM range(${N}))`,
    );
    const x = { data, shape: [N, 3] };
    expect(got.map(([value]) => value)).toEqual(
      list(F.crossEntropy(x, y, { labelSmoothing: 0.1, reduction: 'none' })),
    );
    expect(got.map(([, value]) => value)).toEqual(list(F.nll(x, y, { reduction: 'none' })));
    const gradient = F.crossEntropy.grad(x, y, { labelSmoothing: 0.1, reduction: 'sum' });
    expect(got.flatMap(([, , { items }]) => [...items])).toEqual(list(gradient));
  });

  it('lists of several lengths, and NULL for NULL', async () => {
    const got = await rows(
      `SELECT crossEntropy_loss(z, y), crossEntropy_grad(z, y), mse_loss(w, 1::DOUBLE) FROM (VALUES
        ([1, 2]::DOUBLE[], 1, 3::DOUBLE), (NULL, 1, 4), ([1, 2, 3]::DOUBLE[], NULL, NULL), ([3, 2, 1]::DOUBLE[], 2, 0)) AS t(z, y, w)`,
    );
    const of = (data: number[], label: number) =>
      F.crossEntropy({ data: Float64Array.from(data), shape: [1, data.length] }, Int32Array.of(label), {
        labelSmoothing: 0.1,
      });
    expect(got.map(([value]) => value)).toEqual([of([1, 2], 1), null, null, of([3, 2, 1], 2)]);
    expect(got.map(([, list]) => list?.items.length ?? null)).toEqual([2, null, null, 3]);
    expect(got.map(([, , value]) => value)).toEqual([4, 9, null, 1]);
  });

  it('an error names function and row', async () => {
    const bad = `SELECT crossEntropy_loss([1, 2]::FLOAT[], CASE WHEN range = 77 THEN 9 ELSE 1 END) FROM range(100)`;
    await expect(rows(bad)).rejects.toThrow(
      /crossEntropy_loss: "target" expected class indices in \[0, 2\).*got 9 at row 77 of the chunk/,
    );
    await expect(rows('SELECT crossEntropy_loss([1, NULL]::FLOAT[], 0)')).rejects.toThrow(
      /NULL is no logit \(row 0 of the chunk\)/,
    );
    // and the connection lives on
    expect(await rows('SELECT mse_loss(3::FLOAT, 1::FLOAT)')).toEqual([[4]]);
  });

  it('docs/command-line.md has it right', () => {
    const text = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8');
    const [, code] = /```js\n([\s\S]*?)```/.exec(text)!;
    const [, said] = /console\.log\(.*\); \/\/ (.*)$/m.exec(code)!;
    const path = write('example.mjs', code.replace('reader.getRows()', 'JSON.stringify(reader.getRows())'));
    expect(execFileSync(process.execPath, [path], { encoding: 'utf8' }).trim()).toBe(
      said.replaceAll(', ', ','),
    );
  });

  it('a prefix, and the js backend', async () => {
    const other = await open();
    expect(register(other, J, { prefix: 'js_' })).toContain('js_mse_loss');
    expect(await rows('SELECT js_mse_loss(3::FLOAT, 1::FLOAT)', other)).toEqual([[4]]);
  });

  it.each([
    [[null, F], 'ERR_TYPE'],
    [[{}, F], 'ERR_TYPE'],
    [[connection, null], 'ERR_TYPE'],
    [[connection, F, 3], 'ERR_TYPE'],
    [[connection, F, { prefix: 3 }], 'ERR_OPTION'],
    [[connection, F, { prefix: "x'; DROP" }], 'ERR_OPTION'],
    [[connection, F, { suffix: 'x' }], 'ERR_OPTION'],
    [[connection, F, { options: { nothing: {} } }], 'ERR_OPTION'],
    [[connection, F, { options: { huber: { delta: -1 } } }], 'ERR_OPTION'],
    [[connection, F, { options: { huber: { reduction: 'sum' } } }], 'ERR_OPTION'],
    [[connection, F, { options: { huber: 3 } }], 'ERR_TYPE'],
  ])('refuses %# with %s', (given, code) => {
    expect(() => (register as (...all: unknown[]) => unknown)(...(given as unknown[]))).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
