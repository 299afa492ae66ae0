// Exact sums against BigInt: of numbers of all sizes and signs, infinities and NaN, in any order, cut and merged in any way.
import { expect, it } from 'vitest';
import { ExactSums } from '../../src/evaluate/exact.ts';
import {
  type Dyadic,
  hexOf,
  minus,
  parsedHex,
  quotient,
  rounded,
  times,
} from '../../src/evaluate/rational.ts';
import { dtypes } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';

const bits = new BigUint64Array(1);
const number = new Float64Array(bits.buffer);

/** A finite f64 as n · 2⁻¹⁰⁷⁴, told from its bits. */
function exact(x: number): bigint {
  number[0] = x;
  const biased = Number((bits[0] >> 52n) & 2047n);
  const fraction = bits[0] & ((1n << 52n) - 1n);
  const magnitude = biased === 0 ? fraction : (fraction | (1n << 52n)) << BigInt(biased - 1);
  return x < 0 ? -magnitude : magnitude;
}

/** Any number of the dtype, by its bits, so that every exponent is as likely as another; seldom one that is not finite. */
function anyNumber(r: Random, dtype: 'f32' | 'f64', onlyFinite = false): number {
  const word = (): number => Math.floor(r() * 2 ** 32);
  const x =
    dtype === 'f32'
      ? new Float32Array(Uint32Array.of(word()).buffer)[0]
      : new Float64Array(Uint32Array.of(word(), word()).buffer)[0];
  return !onlyFinite || Number.isFinite(x) ? x : 0;
}

const kinds: Record<string, (r: Random, dtype: 'f32' | 'f64') => number> = {
  'of all exponents': anyNumber,
  'finite, of all exponents': (r, dtype) => anyNumber(r, dtype, true),
  'of one exponent': (r) => Math.fround(1 + r()),
  'that cancel': (r) => (r() < 0.5 ? 1 : -1) * Math.fround(1e30 * (1 + integer(r, 4))),
  subnormal: (r, dtype) => (integer(r, 2000) - 1000) * (dtype === 'f32' ? 2 ** -149 : 2 ** -1074),
  'the greatest': (r, dtype) =>
    (r() < 0.4 ? -1 : 1) * (dtype === 'f32' ? 3.4028234663852886e38 : Number.MAX_VALUE),
  zeros: (r) => (r() < 0.5 ? 0 : -0),
};

const all = (length: number) => ({ length, groups: 0, counted: undefined });

/** What the sum is, as it stands in a state. */
const told = (sums: ExactSums, i = 0): string => `${hexOf(sums.exact(i))} ${Object.values(sums.specials(i))}`;

it.each(dtypes.flatMap((dtype) => Object.keys(kinds).map((kind) => ({ dtype, kind }))))(
  '$dtype $kind: in any order, by bits or one by one, the sum of BigInt',
  ({ dtype, kind }) => {
    const r = random(kind.length * 7 + dtype.length);
    for (let k = 0; k < 40; k++) {
      const n = k === 0 ? 20_000 : k === 1 ? 2500 : integer(r, 300);
      const numbers = Array.from({ length: n }, () => kinds[kind](r, dtype));
      const finite = numbers.filter(Number.isFinite);
      const want = finite.reduce((sum, x) => sum + exact(x), 0n);
      const counts = [Number.isNaN, (x: number) => x === Infinity, (x: number) => x === -Infinity];
      const specials = counts.map((is) => numbers.filter(is).length);
      const ways = [
        (sums: ExactSums) => numbers.forEach((x) => void sums.add(0, x)),
        (sums: ExactSums) => sums.addEach(Float64Array.from(numbers), all(n), 0, 1),
        (sums: ExactSums) => [...numbers].reverse().forEach((x) => void sums.add(0, x)),
        ...(dtype === 'f32'
          ? [(sums: ExactSums) => sums.addEach(Float32Array.from(numbers), all(n), 0, 1)]
          : []),
      ];
      for (const way of ways) {
        const sums = new ExactSums(dtype, 1);
        way(sums);
        expect(told(sums)).toBe(`${hexOf({ mantissa: want, exponent: -1074 })} ${specials}`);
      }
    }
  },
);

it.each(dtypes)(
  '%s: one data set cut in 1,000 ways and merged in any order and nesting is one state',
  (dtype) => {
    const r = random(17);
    const numbers = Array.from({ length: 400 }, () => anyNumber(r, dtype));
    const whole = new ExactSums(dtype, 1);
    numbers.forEach((x) => void whole.add(0, x));
    for (let k = 0; k < 1000; k++) {
      const shuffled = [...numbers].sort(() => r() - 0.5);
      const shards = Array.from({ length: 1 + integer(r, 12) }, () => new ExactSums(dtype, 1));
      for (const x of shuffled) shards[integer(r, shards.length)].add(0, x);
      // two of them become one until one is left: any nesting
      while (shards.length > 1) {
        const [one] = shards.splice(integer(r, shards.length), 1);
        shards[integer(r, shards.length)].merge(0, one.exact(0), one.specials(0));
      }
      expect(told(shards[0])).toBe(told(whole));
    }
  },
);

it('rows that do not count add nothing, and each group has its own sum', () => {
  const r = random(3);
  const n = 3000;
  const values = Float64Array.from({ length: n }, () => anyNumber(r, 'f64', true));
  const groups = Int32Array.from({ length: n }, () => integer(r, 5));
  const counted = Uint8Array.from({ length: n }, () => integer(r, 2));
  const sums = new ExactSums('f64', 11);
  sums.addEach(values, { length: n, groups, counted }, 1, 2);
  for (let group = 0; group < 5; group++) {
    const own = values.filter((_, i) => groups[i] === group && counted[i] === 1);
    const want = own.reduce((sum, x) => sum + exact(x), 0n);
    expect(hexOf(sums.exact(1 + 2 * group))).toBe(hexOf({ mantissa: want, exponent: -1074 }));
    expect(hexOf(sums.exact(2 * group))).toBe('0x0p+0');
  }
});

it('products are added without an error', () => {
  const r = random(9);
  for (let k = 0; k < 2000; k++) {
    const [a, b] = [0, 1].map(() => (r() - 0.5) * 2 ** (integer(r, 600) - 300));
    const sums = new ExactSums('f64', 1);
    sums.addProduct(0, a, b);
    expect(hexOf(sums.exact(0))).toBe(hexOf({ mantissa: exact(a) * exact(b), exponent: -2148 }));
  }
});

it('is rounded once, to the nearest f64, ties to even', () => {
  const r = random(5);
  const dyadic = (x: number): Dyadic => ({ mantissa: exact(x), exponent: -1074 });
  for (let k = 0; k < 20_000; k++) {
    const [a, b] = [anyNumber(r, 'f64', true), anyNumber(r, 'f64', true)];
    expect(rounded(dyadic(a))).toBe(a === 0 ? 0 : a);
    // the engine's own arithmetic rounds once
    expect(rounded(minus(dyadic(a), dyadic(b)))).toBe(a - b === 0 ? 0 : a - b);
    if (b !== 0) expect(quotient(dyadic(a), dyadic(b)) + 0).toBe(a / b + 0);
    expect(rounded(times(dyadic(a), dyadic(b))) + 0).toBe(a * b + 0);
  }
  expect([
    quotient(dyadic(0), dyadic(0)),
    quotient(dyadic(1), dyadic(0)),
    quotient(dyadic(-1), dyadic(0)),
  ]).toEqual([NaN, Infinity, -Infinity]);
});

it('a state has at most 100 characters a sum in f32, 600 in f64', () => {
  for (const [dtype, most] of [
    ['f32', 100],
    ['f64', 600],
  ] as const) {
    const r = random(1);
    const sums = new ExactSums(dtype, 1);
    for (let k = 0; k < 200_000; k++) sums.add(0, anyNumber(r, dtype, true));
    sums.add(0, dtype === 'f32' ? 3.4028234663852886e38 : Number.MAX_VALUE);
    sums.add(0, dtype === 'f32' ? 2 ** -149 : 2 ** -1074);
    expect(hexOf(sums.exact(0)).length).toBeLessThanOrEqual(most);
  }
});

it('reads what it wrote, and nothing else', () => {
  for (const text of ['0x1fp-149', '-0x1p+0', '0x0p+0', `0x${'f'.repeat(500)}p+3`])
    expect(parsedHex(text) && hexOf(parsedHex(text)!)).toBe(text);
  for (const text of [
    '',
    '0x2p+0',
    '0x0p+1',
    '-0x0p+0',
    '1p+0',
    '0x1p0',
    '0x1P+0',
    '0x01p+0',
    ' 0x1p+0',
    '0x1p+0\n',
  ])
    expect(parsedHex(text)).toBeUndefined();
});
