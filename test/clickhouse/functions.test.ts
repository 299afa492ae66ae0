// simdloss/clickhouse: every function against Node, bit for bit, and what it does with all that columns may be.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { losses } from '../../scripts/generate/clickhouse/functions.ts';
import { install, statements } from '../../src/clickhouse/index.ts';
import { load } from '../../src/index.ts';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import type { Interval } from '../../src/options/interval.ts';
import { fallbacksOf } from '../../src/options/specs.ts';
import { notable, someOptions } from '../intervals.ts';
import { integer, type Random, random } from '../random.ts';
import type { LossName } from '../rows/row.ts';
import { bits, bitsOf, bitsOfArray, isThere, open, tell } from './chdb.ts';

tell('functions of ClickHouse');

describe.skipIf(!isThere)('in ClickHouse', async () => {
  if (!isThere) return;
  const database = open();
  afterAll(() => database.close());
  const { rows, run, folder } = database;
  const F: any = await load();
  const names = await install(run);

  /** A file of rows that `file` reads. */
  function table(
    columns: Readonly<Record<string, readonly [type: string, values: readonly unknown[]]>>,
  ): string {
    const path = join(folder, 'rows.bin');
    const all = Object.values(columns);
    const parts: Buffer[] = [];
    for (let i = 0; i < all[0][1].length; i++)
      for (const [type, values] of all) parts.push(binary(type, values[i]));
    writeFileSync(path, Buffer.concat(parts));
    const structure = Object.entries(columns).map(([name, [type]]) => `${name} ${type}`);
    return `file('${path}', 'RowBinary', '${structure.join(', ')}')`;
  }

  function binary(type: string, value: unknown): Buffer {
    const array = /^Array\((.*)\)$/.exec(type);
    if (array !== null) {
      const list = [...(value as number[])];
      const length: number[] = [];
      let n = list.length;
      for (; n >= 128; n >>>= 7) length.push((n & 127) | 128);
      return Buffer.concat([Buffer.from([...length, n]), ...list.map((one) => binary(array[1], one))]);
    }
    const number = value as number;
    const bytes = Buffer.alloc(type.endsWith('32') ? 4 : 8);
    if (type === 'Float32') bytes.writeFloatLE(number);
    else if (type === 'Int32') bytes.writeInt32LE(number);
    else bytes.writeDoubleLE(number);
    return bytes;
  }

  /** A number of an interval, notable or not. */
  function from(interval: Interval, r: Random): number {
    const { low, high, shown = [low, high] } = interval;
    const all = notable(interval);
    return r() < 0.3 ? all[integer(r, all.length)] : shown[0] + (shown[1] - shown[0]) * r();
  }

  /** Options of a loss that its functions have. */
  function optionsFor(d: Descriptor, classes: number, r: Random): Record<string, unknown> {
    const { axis, mask, ...options } = someOptions(d.name as LossName, r) as Record<string, unknown>;
    for (const [name, { operand, interval }] of Object.entries(d.options)) {
      if (name === 'axis' || r() < 0.5) continue;
      if (operand?.shape === 'classes')
        options[name] = Array.from({ length: classes }, () => from(operand.interval, r));
      else if (operand?.number === 'broadcast' || operand?.number === 'param')
        options[name] = shownOf(operand.interval, r);
      else if (interval?.isInteger)
        options[name] = name === 'ignoreIndex' ? integer(r, classes + 1) - 1 : interval.low + integer(r, 2);
    }
    return options;
  }
  const shownOf = ({ low, high, shown = [low, high] }: Interval, r: Random): number =>
    shown[0] + (shown[1] - shown[0]) * (0.01 + 0.98 * r());

  const json = (options: object): string =>
    JSON.stringify(options, (_, value) =>
      value === Infinity || value === -Infinity ? String(value) : Object.is(value, -0) ? 0 : value,
    );
  const lengths = [0, 1, 3, 64, 1000];

  const ofElements = losses.filter(({ family }) => family.name === 'elementwise');
  it.each(ofElements.map((d) => [d.name, d] as const))('%s', (name, d) => {
    const r = random(name.length * 7919 + name.charCodeAt(0));
    for (let round = 0; round < 12; round++) {
      const options = round < 2 ? {} : optionsFor(d, 0, r);
      const n = lengths[round % lengths.length];
      const domains = d.inputs.map((input) => input.domain({ ...fallbacksOf(d.options), ...options }));
      const columns = domains.map((domain) => Float32Array.from({ length: n }, () => from(domain, r)));
      const source = table(
        Object.fromEntries(columns.map((values, i) => [`c${i}`, ['Float32', [...values]] as const])),
      );
      const given = columns.map((_, i) => `c${i}`).join(', ');
      const more = Object.keys(options).length > 0 || round === 1;
      const call = (kind: string) =>
        more ? `${name}_${kind}_with(${given}, '${json(options)}')` : `${name}_${kind}(${given})`;
      const got = rows(`SELECT ${bits(call('loss'))}, ${bits(call('grad'))} FROM ${source}`);
      const value = F[name](...columns, { ...options, reduction: 'none' });
      const grad = F[name].grad(...columns, { ...options, reduction: 'sum' });
      const said = `${name} ${json(options)} of ${n}`;
      expect(
        got.map(([v]) => v),
        said,
      ).toEqual([...(value.data ?? value)].map(bitsOf));
      expect(
        got.map(([, g]) => g),
        said,
      ).toEqual([...(grad.data ?? grad)].map(bitsOf));
    }
  });

  const ofRows = losses.filter(({ family }) => family.name === 'classes');
  it.each(ofRows.map((d) => [d.name, d] as const))('%s', (name, d) => {
    const r = random(name.length * 104729 + name.charCodeAt(0));
    const counts = [1, 2, 3, 10, 64, 65, 200];
    for (let round = 0; round < 21; round++) {
      const classes = counts[round % counts.length];
      const options: Record<string, any> = round < 2 ? {} : optionsFor(d, classes, r);
      if (options.zLoss && options.weight) delete options.weight;
      const n = [0, 1, 5, 70][round % 4];
      const domain = d.inputs[0].domain({ ...fallbacksOf(d.options), ...options });
      const z = Float32Array.from({ length: n * classes }, () => from(domain, r));
      const ignore = 'ignoreIndex' in d.options ? (options.ignoreIndex ?? -100) : 0;
      const y = Int32Array.from({ length: n }, () => (r() < 0.1 ? ignore : integer(r, classes)));
      const lists = Array.from({ length: n }, (_, i) => z.subarray(i * classes, (i + 1) * classes));
      const source = table({ z: ['Array(Float32)', lists], y: ['Int32', [...y]] });
      const more = Object.keys(options).length > 0 || round === 1;
      const call = (kind: string) =>
        more ? `${name}_${kind}_with(z, y, '${json(options)}')` : `${name}_${kind}(z, y)`;
      const all = ['loss', 'loss_or_nan'].map((kind) => bits(call(kind)));
      const gradients = ['grad', 'grad_or_nan'].map((kind) => bitsOfArray(call(kind)));
      const got = rows(`SELECT ${[...all, ...gradients].join(', ')} FROM ${source}`);
      const x = { data: z, shape: [n, classes] };
      const value = F[name](x, y, { ...options, reduction: 'none' });
      const grad = F[name].grad(x, y, { ...options, reduction: 'sum' });
      const said = `${name} ${json(options)} of ${n} × ${classes}`;
      for (const k of [0, 1]) {
        expect(
          got.map((row) => row[k]),
          said,
        ).toEqual([...(value.data ?? value)].map(bitsOf));
        expect(
          got.flatMap((row) => row[2 + k]),
          said,
        ).toEqual([...(grad.data ?? grad)].map(bitsOf));
      }
    }
  });

  it('names them as the statements do, and only those that are wanted', async () => {
    const known = new Set(
      rows("SELECT name FROM system.functions WHERE origin != 'System'").map(([name]) => name),
    );
    for (const name of names) expect(known).toContain(name);
    expect(names).toContain('crossEntropy_grad_or_nan_with');
    const some = await install(run, { prefix: 'my_', losses: ['mse'] });
    expect(some).toEqual(['my_mse_loss', 'my_mse_loss_with', 'my_mse_grad', 'my_mse_grad_with']);
    expect(statements({ losses: ['mse'] }).length).toBe(1 + 2 * some.length);
    expect(rows('SELECT my_mse_loss(3, 1)')).toEqual([[4]]);
  });

  it('any numbers, and Sparse, constant and LowCardinality columns', () => {
    expect(
      rows(
        "SELECT mse_loss(3, 1.), mse_loss(toInt64(3), toUInt8(1)), mse_loss(3::Decimal(9, 2), 1), mse_loss(toLowCardinality('3')::LowCardinality(String)::Float32, 1)",
      ),
    ).toEqual([[4, 4, 4, 4]]);
    run('SET allow_suspicious_low_cardinality_types = 1');
    run(
      'CREATE TABLE kinds (k UInt32, s Float32, l LowCardinality(Float32), n Nullable(Float64)) ENGINE = MergeTree ORDER BY k SETTINGS ratio_of_defaults_for_sparse_serialization = 0.5',
    );
    run(
      'INSERT INTO kinds SELECT number, number % 100 = 7 ? 5 : 0, number % 3, number % 5 = 0 ? NULL : number % 7 FROM numbers(10000)',
    );
    expect(
      rows(
        "SELECT DISTINCT serialization_kind FROM system.parts_columns WHERE table = 'kinds' AND column = 's'",
      ),
    ).toEqual([['Sparse']]);
    const differ = (x: string, t: string, plain: string) =>
      rows(
        `SELECT countIf(NOT (mse_loss(${x}, ${t}) <=> (${plain}))), countIf(mse_loss(${x}, ${t}) IS NULL) FROM kinds`,
      )[0];
    expect(differ('s', '2', 'toFloat32((s - 2) * (s - 2))')).toEqual([0, 0]);
    expect(differ('l', 's', 'toFloat32((l - s) * (l - s))')).toEqual([0, 0]);
    expect(differ('n', 's', 'toFloat32((n - s) * (n - s))')).toEqual([0, 2000]);
  });

  it('labels of any type, in rows that are constant or not', () => {
    const z = '[toFloat32(number), 1, 2]';
    const wanted = rows(
      `SELECT crossEntropy_loss(${z}, number % 3), crossEntropy_grad(${z}, number % 3) FROM numbers(100)`,
    );
    for (const type of [
      'Int64',
      'Float32',
      'Decimal(9, 2)',
      'LowCardinality(UInt8)',
      'Nullable(Int16)',
      'LowCardinality(Nullable(UInt32))',
    ])
      expect(
        rows(
          `SELECT crossEntropy_loss(${z}, CAST(number % 3, '${type}')), crossEntropy_grad(${z}, CAST(number % 3, '${type}')) FROM numbers(100)`,
        ),
        type,
      ).toEqual(wanted);
    expect(
      rows(
        `SELECT crossEntropy_loss(CAST([3, 1, 2], 'Array(UInt8)'), materialize(1)) = crossEntropy_loss([3., 1, 2], 1)`,
      ),
    ).toEqual([[1]]);
    expect(
      rows(`SELECT uniqExact(x) FROM (SELECT crossEntropy_loss([1, 2], number % 2) AS x FROM numbers(1000))`),
    ).toEqual([[2]]);
  });

  it('windows and MATERIALIZED columns', () => {
    run(
      'CREATE TABLE kept (z Float32, t Float32, loss Float32 MATERIALIZED mse_loss(z, t)) ENGINE = MergeTree ORDER BY tuple()',
    );
    run('INSERT INTO kept (z, t) SELECT number, 1 FROM numbers(4)');
    expect(rows('SELECT loss, sum(mse_loss(z, t)) OVER (ORDER BY z) FROM kept ORDER BY z')).toEqual([
      [1, 1],
      [0, 1],
      [1, 2],
      [4, 6],
    ]);
  });

  it('NULL is NULL, and what lies under it is not looked at', () => {
    expect(rows('SELECT mse_loss(NULL, 1), crossEntropy_loss([1, 2], NULL)')).toEqual([[null, null]]);
    const z = "CAST([1, 2, 3], 'Array(Float32)')";
    const all = rows(
      `SELECT crossEntropy_loss(${z}, nullIf(number, 7)) IS NULL, crossEntropy_grad(${z}, nullIf(number, 7)) FROM (SELECT arrayJoin([0, 7, 2]) AS number)`,
    );
    expect(all.map(([isNull, grad]) => [isNull, grad.length])).toEqual([
      [0, 3],
      [1, 0],
      [0, 3],
    ]);
    expect(all[2][1]).toEqual(rows(`SELECT crossEntropy_grad(${z}, 2)`)[0][0]);
    expect(
      rows(
        'SELECT crossEntropy_loss(arrayResize([1., 2., 3.], number = 1 ? 0 : 3), nullIf(number, 1)) FROM numbers(3)',
      ).map(([x]) => x === null),
    ).toEqual([false, true, false]);
  });

  it('no rows', () => {
    expect(
      rows(
        'SELECT mse_loss(number, 1), mse_loss_with(number, 1, \'{"weight": 2}\'), crossEntropy_loss([number], 0), crossEntropy_grad([number], 0) FROM numbers(0)',
      ),
    ).toEqual([]);
    expect(rows('SELECT count(mse_loss(number, 1)) FROM numbers(10) WHERE number > 20')).toEqual([[0]]);
  });

  it('_or_nan is for what is hidden, and for rows of any length', () => {
    const y = 'toInt32(number) - 1';
    const shown = (kind: string) =>
      `SELECT avgIf(crossEntropy_${kind}([1, 2], ${y}), number BETWEEN 1 AND 2) FROM numbers(5)`;
    expect(() => rows(shown('loss'))).toThrow(/ERR_LABEL/);
    const [[mean]] = rows(shown('loss_or_nan'));
    expect(mean).toBeCloseTo((Math.log(1 + Math.E) + Math.log(1 + 1 / Math.E)) / 2, 6);
    expect(
      rows(
        'SELECT crossEntropy_loss_or_nan(range(number), 1), length(crossEntropy_grad_or_nan(range(number), 1)) FROM numbers(4)',
      ).map(([v, n]) => [v === null, n]),
    ).toEqual([
      [true, 0],
      [true, 1],
      [false, 2],
      [false, 3],
    ]);
  });

  it.each([
    [
      'SELECT crossEntropy_loss([1, 2], number = 777 ? 9 : 1) FROM numbers(1000)',
      /ERR_LABEL: "target" expected class indices in \[0, 2\) or ignoreIndex -100, got 9 in row 777 of its block/,
    ],
    ['SELECT crossEntropy_loss([1, 2], 0.5)', /got 0\.5 in row 0/],
    ['SELECT crossEntropy_loss([1, 2], toInt64(4294967296))', /got 4294967296 in row 0/],
    ['SELECT multiMargin_loss([1, 2], -1)', /class indices in \[0, 2\), got -1/],
    [
      'SELECT crossEntropy_loss(range(number + 2), 0) FROM numbers(3)',
      /ERR_SHAPE: "input" expected arrays of one length, 2 as in the rows before, got 3 in row 1 of its block/,
    ],
    ['SELECT crossEntropy_loss([1, NULL], 0)', /NULL/],
    [
      'SELECT huber_loss_with(1, 2, \'{"delta": -1}\')',
      /ERR_OPTION: "delta" expected a number greater than 0, got -1/,
    ],
    ['SELECT huber_loss_with(1, 2, \'{"delta": "much"}\')', /"delta" expected a number/],
    ['SELECT huber_loss_with(1, 2, \'{"beta": 1}\')', /options of huber: known are delta, weight/],
    ["SELECT huber_loss_with(1, 2, '[]')", /expected an object as JSON/],
    [
      "SELECT huber_loss_with(1, 2, concat('{\"delta\": ', toString(number + 1), '}')) FROM numbers(3)",
      /ERR_OPTION: "delta" expected the same in all rows, got another in row 1 of its block/,
    ],
    ['SELECT bce_loss_with(0.5, 1, \'{"epsMode": "cut"}\')', /"epsMode" expected "clip" or "add"/],
    [
      'SELECT crossEntropy_loss_with([1, 2], 1, \'{"fromLogits": 1}\')',
      /"fromLogits" expected true or false/,
    ],
    [
      'SELECT crossEntropy_loss_with([1, 2], 1, \'{"fromLogits": false, "zLoss": 1}\')',
      /"fromLogits" expected true with temperature/,
    ],
    [
      'SELECT crossEntropy_loss_with([1, 2], 1, \'{"weight": [1]}\')',
      /ERR_SHAPE: "weight" expected 2 numbers, one for each class, got 1/,
    ],
    [
      'SELECT sum(crossEntropy_loss(arrayWithConstant(1000, number), 0)) FROM numbers(60000) SETTINGS max_block_size = 65536',
      /webassembly_udf_max_memory/,
    ],
  ])('%s says what is wrong', (sql, says) => {
    expect(() => rows(sql)).toThrow(says);
    // and the functions live on
    expect(rows('SELECT mse_loss(3, 1), length(crossEntropy_grad([1, 2], 1))')).toEqual([[4, 2]]);
  });

  it('a memory that is large enough takes the block', () => {
    const sql =
      'SELECT count(crossEntropy_loss(arrayWithConstant(1000, number), 0)) FROM numbers(60000) SETTINGS max_block_size = 65536';
    expect(rows(`${sql}, webassembly_udf_max_memory = 1073741824`)).toEqual([[60000]]);
    expect(rows(`${sql}, webassembly_udf_max_input_block_size = 4096`)).toEqual([[60000]]);
  });
});

describe('what is refused', () => {
  it.each([
    [3, 'ERR_TYPE'],
    [{ suffix: 'x' }, 'ERR_OPTION'],
    [{ prefix: "x'; DROP" }, 'ERR_OPTION'],
    [{ prefix: 3 }, 'ERR_OPTION'],
    [{ losses: [] }, 'ERR_OPTION'],
    [{ losses: ['mse', 'nothing'] }, 'ERR_OPTION'],
    [{ losses: 'mse' }, 'ERR_OPTION'],
  ])('statements(%j): %s', (options, code) => {
    expect(() => statements(options as never)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [[null], 'ERR_TYPE'],
    [[() => {}, { hosts: 'a' }], 'ERR_OPTION'],
    [[() => {}, { hosts: [3] }], 'ERR_OPTION'],
  ])('install %#: %s', async (given, code) => {
    await expect((install as any)(...given)).rejects.toThrow(expect.objectContaining({ code }));
  });

  it('what exec throws, install throws; each host has every statement', async () => {
    const seen: [string, string | undefined][] = [];
    await install((statement, host) => void seen.push([statement, host]), {
      losses: ['mse'],
      hosts: ['a', 'b'],
    });
    const all = statements({ losses: ['mse'] });
    expect(seen).toEqual(['a', 'b'].flatMap((host) => all.map((statement) => [statement, host])));
    await expect(install(() => Promise.reject(new Error('away')), { losses: ['mse'] })).rejects.toThrow(
      'away',
    );
  });
});
