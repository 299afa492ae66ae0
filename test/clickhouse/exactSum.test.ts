// Exact sums in SQL: of all bits that a Float32 may have, and what rows of them make.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exactSum, type ToStateOptions, toState } from '../../src/clickhouse/index.ts';
import { ExactSums } from '../../src/evaluate/exact.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { hexOf } from '../../src/evaluate/rational.ts';
import { load } from '../../src/index.ts';
import { random } from '../random.ts';
import { isThere, namedSums, open, tell } from './chdb.ts';

tell('exact sums in ClickHouse');

describe.skipIf(!isThere)('in ClickHouse', () => {
  if (!isThere) return;
  const { rows, run, folder, close } = open();
  afterAll(close);

  /** The state of the numbers' sum, if they were terms. */
  function stateOf(numbers: Float32Array, settings = ''): string {
    const path = join(folder, 'numbers.bin');
    writeFileSync(path, new Uint8Array(numbers.buffer));
    const [row] = rows(
      `SELECT tuple(${exactSum('x').replaceAll(/ AS \w+/g, '')}) FROM file('${path}', 'RowBinary', 'x Float32') ${settings}`,
    )[0];
    return toState(namedSums(row), { loss: 'mse' }).groups[0].sums.loss[0];
  }

  function wanted(numbers: Float32Array): string {
    const sums = new ExactSums('f32', 1);
    for (const x of numbers) sums.add(0, x);
    const { nan, infinity, minusInfinity } = sums.specials(0);
    const specials = nan + infinity + minusInfinity > 0 ? ` ${nan} ${infinity} ${minusInfinity}` : '';
    return hexOf(sums.exact(0)) + specials;
  }

  it('all kinds of numbers: any bits, subnormal ones, zeros, the largest, both windows', () => {
    const r = random(1);
    const kinds: ((i: number) => number)[] = [
      () => Math.floor(r() * 2 ** 32),
      () => Math.floor(r() * 2 ** 23) + (r() < 0.5 ? 2 ** 31 : 0),
      () => 0x7f7fffff,
      () => 0xff7fffff,
      () => (r() < 0.5 ? 0 : 0x80000000),
      (i) => ((126 + (i % 4)) << 23) + Math.floor(r() * 2 ** 23),
      () => 0x3f800000 + Math.floor(r() * 2 ** 23),
    ];
    for (const kind of kinds) {
      const bits = Uint32Array.from({ length: 5000 }, (_, i) => kind(i));
      const numbers = new Float32Array(bits.buffer);
      expect(stateOf(numbers)).toBe(wanted(numbers));
      expect(stateOf(numbers, 'SETTINGS max_threads = 2, max_block_size = 77')).toBe(wanted(numbers));
    }
  });

  it('other types are rounded, and NULL is no row', () => {
    run('CREATE VIEW some AS SELECT number = 2 ? NULL : number / 3 AS x FROM numbers(5)');
    const [row] = JSON.parse(
      `[${rows(`SELECT tuple(${exactSum('x').replaceAll(/ AS \w+/g, '')}) FROM some`).map((r) => JSON.stringify(r[0]))}]`,
    );
    expect(row[2]).toBe('4');
  });

  it('nothing is an empty state', async () => {
    const F = await load();
    const row = rows(`SELECT ${exactSum('toFloat32(number)')} FROM numbers(0)`)[0];
    const state = toState(namedSums(row), { loss: 'mse' });
    expect(state).toEqual(evaluate(F, { loss: 'mse' }).state());
    F.dispose();
  });
});

const row = (more: object = {}) => ({
  ...{
    loss_low: '3',
    loss_high: '0',
    loss_count: '2',
    loss_nan: 0,
    loss_infinity: 0,
    loss_minus_infinity: 0n,
  },
  ...more,
});

describe('toState', () => {
  it('is a state that evaluations merge', async () => {
    const F = await load();
    const terms = Float32Array.of(1.5, 2 ** -149, 2 ** 100);
    const zeros = new Float32Array(3);
    const here = evaluate(F, { loss: 'l1', weight: 1 }).add(terms, zeros, { group: 'b' });
    const low = (3n << 149n) + 2n;
    const rows = [row({ loss_low: low, loss_high: 1n << (100n + 150n - 128n), loss_count: 3, g: 'b' })];
    const state = toState(rows, { loss: 'l1', key: 'g', options: { weight: 1 } });
    expect(state).toEqual(here.state());
    expect(evaluate.from(F, state).merge(here.state()).result().count).toBe(6);
    F.dispose();
  });

  it('has options as evaluations have them', async () => {
    const F = await load();
    const options = { weight: 2, delta: Infinity };
    const here = evaluate(F, { loss: 'huber', ...options }).state();
    const state = toState(row({ loss_count: 0, loss_low: 0 }), {
      loss: 'huber',
      options: { ...options, weight: 2 },
    });
    expect(JSON.stringify(state)).toBe(JSON.stringify(here));
    expect(
      evaluate(F, { loss: 'huber', ...options })
        .merge(state)
        .result().count,
    ).toBe(0);
    F.dispose();
  });

  it('has its groups in order, and none that are empty', () => {
    const all = [
      row({ k: 'b' }),
      row({ k: 10 }),
      row({ k: 9n }),
      row({ k: 'a' }),
      row({ k: 'none', loss_count: 0, loss_low: 0 }),
    ];
    expect(toState(all, { loss: 'mse', key: 'k' }).groups.map(({ key }) => key)).toEqual([9, 10, 'a', 'b']);
  });

  it.each<[unknown, ToStateOptions, string]>([
    [row({ loss_low: 2 ** 60 }), { loss: 'mse' }, 'ERR_TYPE'],
    [row({ loss_low: '1.5' }), { loss: 'mse' }, 'ERR_TYPE'],
    [row({ loss_low: undefined }), { loss: 'mse' }, 'ERR_TYPE'],
    [null, { loss: 'mse' }, 'ERR_TYPE'],
    [row(), { loss: 'mse', key: 'g' }, 'ERR_TYPE'],
    [[row({ g: 1 }), row({ g: 1 })], { loss: 'mse', key: 'g' }, 'ERR_OPTION'],
    [row(), { loss: 'nothing' }, 'ERR_OPTION'],
    [row(), { loss: 'mse', as: "'" }, 'ERR_OPTION'],
    [row(), { loss: 'huber', options: { beta: 2 } }, 'ERR_OPTION'],
    [row(), { loss: 'crossEntropy', classes: 2, options: { weight: [1, 2] } }, 'ERR_OPTION'],
    [row(), { loss: 'crossEntropy', classes: -1 }, 'ERR_OPTION'],
    [row(), null as never, 'ERR_TYPE'],
    [row(), { loss: 'mse', lost: 1 } as never, 'ERR_OPTION'],
  ])('refuses %#', (rows, options, code) => {
    expect(() => toState(rows, options)).toThrow(expect.objectContaining({ code }));
  });

  it.each([[''], [3], [null]])('exactSum refuses %j', (expression) => {
    expect(() => exactSum(expression as never)).toThrow(expect.objectContaining({ code: 'ERR_TYPE' }));
    expect(() => exactSum('x', '"')).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
  });
});
