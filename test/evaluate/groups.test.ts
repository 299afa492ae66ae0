// Keys of rows, as whatever array they are given: the same groups, with the kernel and without.
import { expect, it } from 'vitest';
import { groupOf } from '../../src/evaluate/exact.ts';
import { groupsOf, keysOf } from '../../src/evaluate/groups.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { sumKernel } from '../../src/evaluate/kernel.ts';
import { type Key, Table } from '../../src/evaluate/table.ts';
import { load } from '../../src/index.ts';
import { integer, type Random, random } from '../random.ts';

const kernels = { kernel: sumKernel(), 'no kernel': undefined };

/** Ways to give the same keys, where they hold them. */
const arrays: Record<string, (keys: readonly number[]) => ArrayLike<Key | bigint>> = {
  list: (keys) => keys,
  texts: (keys) => keys.map((key) => `${key}`),
  'other texts': (keys) =>
    keys.map((key) => (key % 2 === 0 ? `key ${key}` : ['', '__proto__'][(key >>> 1) & 1])),
  'all kinds': (keys) => keys.map((key) => [key, `${key}`, BigInt(key), `key ${key}`][(key >>> 1) & 3]),
  bigints: (keys) => BigInt64Array.from(keys, BigInt),
  'unsigned bigints': (keys) => BigUint64Array.from(keys, BigInt),
  Float64Array: (keys) => Float64Array.from(keys),
  Int32Array: (keys) => Int32Array.from(keys),
  Uint32Array: (keys) => Uint32Array.from(keys),
  Int16Array: (keys) => Int16Array.from(keys),
  Uint16Array: (keys) => Uint16Array.from(keys),
  Int8Array: (keys) => Int8Array.from(keys),
  Uint8Array: (keys) => Uint8Array.from(keys),
  Uint8ClampedArray: (keys) => Uint8ClampedArray.from(keys),
};

/** What keys may be: the range that a Map is taken for, the ends of 32 bits, and of either sign. */
const draws: Record<string, (r: Random) => number> = {
  few: (r) => 3 + integer(r, 5),
  one: () => 77,
  'of either sign': (r) => integer(r, 100) - 50,
  'of a range that is just near': (r) => [0, 4095][integer(r, 2)],
  'of one that is not': (r) => [0, 4096, 70_000][integer(r, 3)],
  'the least': (r) => -(2 ** 31) + integer(r, 9),
  'the greatest': (r) => 2 ** 31 - 1 - integer(r, 9),
  'of both ends': (r) => [-(2 ** 31), 2 ** 31 - 1][integer(r, 2)],
  'beyond 31 bits': (r) => 2 ** 31 - 5 + integer(r, 10),
  'of 32 bits': (r) => 2 ** 32 - 1 - integer(r, 10),
};

it.each(
  Object.keys(kernels).flatMap((has) =>
    Object.keys(draws).flatMap((draw) => Object.keys(arrays).map((array) => ({ has, draw, array }))),
  ),
)('$has, $draw as $array', ({ has, draw, array }) => {
  const r = random(draw.length * 31 + array.length);
  for (const n of [1, 3, 4, 5, 500, 8192, 8195, 20_001]) {
    const drawn = Array.from({ length: n }, () => draws[draw](r));
    const given = arrays[array](drawn);
    // those that the array has no room for are other keys; above 2⁵³ they are none
    if (given instanceof BigUint64Array && drawn.some((key) => key < 0)) return;
    const keys = Array.from(given, (key): Key => (typeof key === 'bigint' ? Number(key) : key));
    const counted = r() < 0.5 ? undefined : Uint8Array.from(keys, () => integer(r, 2));
    const table = new Table('f32', []);
    const before = keys[0];
    table.groupOf(before);
    const all = keysOf(given, { length: n, counted }, kernels[has as keyof typeof kernels]);
    const { groups, sizes } = groupsOf(all, table, 2 ** 24);
    const want = new Map<Key, number>();
    keys.forEach((key, i) => {
      if (counted?.[i] !== 0) want.set(key, (want.get(key) ?? 0) + 1);
    });
    expect(new Map([...want.keys()].map((key) => [key, sizes.get(table.groupOf(key))]))).toEqual(want);
    expect([...sizes.values()].reduce((a, b) => a + b, 0)).toBe(
      [...want.values()].reduce((a, b) => a + b, 0),
    );
    // no key is made of rows that do not count
    expect(new Set(table.keys)).toEqual(new Set([before, ...want.keys()]));
    for (let i = 0; i < n; i++)
      if (counted?.[i] !== 0 && groupOf(groups, i) !== table.groupOf(keys[i])) expect(keys[i]).toBe(i);
  }
});

it('keys that run code of the caller, which evaluates something else meanwhile', async () => {
  const F = await load();
  const x = Float32Array.of(1, 2, 3, 4);
  const inner = evaluate(F, { loss: 'mse' });
  const keys = ['a', 'b', 'a', 'b'];
  const group = new Proxy(keys, {
    get(of, name) {
      if (name === '1') inner.add(x, x, { group: ['c', 'd', 'd', 'd'] });
      return Reflect.get(of, name);
    },
  });
  const e = evaluate(F, { loss: 'mse' }).add(x, new Float32Array(4), { group });
  expect(e.result().groups!.map(({ key, sum }) => [key, sum])).toEqual([
    ['a', 10],
    ['b', 20],
  ]);
  expect(inner.result().groups!.map(({ key, count }) => [key, count])).toEqual([
    ['c', 1],
    ['d', 3],
  ]);
});

it('a key that another thread changes while it is read spoils no memory', () => {
  const x = new Float32Array(5000).fill(1);
  const group = new Int32Array(5000).map((_, i) => i % 7);
  const numbers = keysOf(group, { length: 5000, counted: undefined });
  const table = new Table('f32', []);
  const { groups } = groupsOf(numbers, table, 2 ** 24);
  group[2500] = 2 ** 31 - 1;
  group[2501] = -1;
  table.sums.addEach(x, { length: 5000, groups, counted: undefined }, 0, table.sumsPerGroup);
  let all = 0;
  for (const group of table.inKeyOrder()) all += table.rounded(table.lossOf(group));
  expect(all).toBe(5000);
});
