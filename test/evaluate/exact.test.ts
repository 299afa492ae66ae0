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
      for (const way of ways)
        for (const hasKernel of [true, false]) {
          const sums = new ExactSums(dtype, 1, hasKernel);
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

/** Where the kernel goes from one way to another: its blocks, what it takes at once, the exponents that its levels reach. */
const LENGTHS = [95, 96, 97, 1023, 1024, 1025, 4096, 4097, 8191, 8193, 20_001];
const SPREADS = [0, 18, 19, 20, 32, 34, 62, 63, 64, 77, 78, 106, 107, 108, 160, 250];

it.each(dtypes)('%s: exponents that lie near or far from each other, anywhere, of any digits', (dtype) => {
  const r = random(23);
  const [least, most, places] = dtype === 'f32' ? [-149, 127, 24] : [-1074, 1023, 53];
  const Numbers = dtype === 'f32' ? Float32Array : Float64Array;
  for (let k = 0; k < 300; k++) {
    const spread = SPREADS[integer(r, SPREADS.length)];
    const n = k % 10 === 0 ? LENGTHS[integer(r, LENGTHS.length)] : 96 + integer(r, 200);
    const low = least + integer(r, most - least - spread + 1);
    const digits = [1, 8, places][integer(r, 3)];
    const isPositive = r() < 0.5;
    const one = (): number => {
      if (r() < 0.1) return 0;
      const exponent = low + (r() < 0.1 ? [0, spread][integer(r, 2)] : integer(r, spread + 1));
      // a power of 2, below 2 times which all digits are; rounded to nothing that is not finite
      const significand = 1 + Math.floor(r() * 2 ** (digits - 1)) / 2 ** (digits - 1);
      return (isPositive || r() < 0.5 ? 1 : -1) * significand * 2 ** exponent;
    };
    const values = new Numbers(Array.from({ length: n }, one));
    const sums = new ExactSums(dtype, 1);
    sums.addEach(values, all(n), 0, 1);
    let want = 0n;
    for (const x of values) want += exact(x);
    expect(told(sums), `spread ${spread} from ${low}, ${n}`).toBe(
      `${hexOf({ mantissa: want, exponent: -1074 })} 0,0,0`,
    );
  }
});

it.each(dtypes)('%s: blocks whose sums have as many digits as there is room for, or one more', (dtype) => {
  const r = random(41);
  const [places, Numbers] = dtype === 'f32' ? [24, Float32Array] : [53, Float64Array];
  for (let k = 0; k < 600; k++) {
    const level = integer(r, 3);
    // f32s of a level reach 19 exponents below its first, doubles as many as their digits leave
    const reach = 44 * level + (dtype === 'f32' ? 19 : 34 + integer(r, 11) - 55);
    const spread = Math.max(0, reach + integer(r, 5) - 2);
    const top = integer(r, 20);
    const most = 2 ** (top - 44 * level);
    const near = (): number =>
      most * (2 - integer(r, 2 ** 8) * 2 ** (integer(r, 8) + 1 - places) - 2 ** (1 - places));
    const values = new Numbers(Array.from({ length: 1024 }, near));
    if (level > 0) values[integer(r, 1024)] = 2 ** top;
    values[integer(r, 1024)] = (1 + 2 ** (1 - places)) * 2 ** (top - spread);
    const sums = new ExactSums(dtype, 1);
    sums.addEach(values, all(1024), 0, 1);
    let want = 0n;
    for (const x of values) want += exact(x);
    expect(told(sums), `level ${level}, spread ${spread}`).toBe(
      `${hexOf({ mantissa: want, exponent: -1074 })} 0,0,0`,
    );
  }
});

it.each(dtypes.flatMap((dtype) => [true, false].map((hasKernel) => ({ dtype, hasKernel }))))(
  '$dtype, kernel $hasKernel: rows that do not count add nothing, and each group has its own sum',
  ({ dtype, hasKernel }) => {
    const r = random(3);
    const Numbers = dtype === 'f32' ? Float32Array : Float64Array;
    for (let k = 0; k < 40; k++) {
      const count = [1, 2, 5, 40, 4096][integer(r, 5)];
      const [first, step, low] = [integer(r, 3), 1 + integer(r, 3), integer(r, 3)];
      const n = k === 0 ? 20_000 : [50, 120, 3000][integer(r, 3)];
      const values = new Numbers(Array.from({ length: n }, () => anyNumber(r, dtype)));
      const keyOf = (group: number): number => group - low - 7;
      const groups = Int32Array.from({ length: n }, () => low + integer(r, count));
      const of = Int32Array.from({ length: count }, (_, i) => low + i);
      const counted = r() < 0.3 ? undefined : Uint8Array.from({ length: n }, () => integer(r, 2));
      const sums = new ExactSums(dtype, first + (low + count) * step, hasKernel);
      // what was there stays
      sums.add(first + low * step, 1);
      const rows = { length: n, groups: { keys: groups.map(keyOf), low: keyOf(low), of }, counted };
      sums.addEach(values, rows, first, step);
      const expectedOf = (group: number): string => {
        const own = [...values].filter((_, i) => groups[i] === group && counted?.[i] !== 0);
        if (group === low) own.push(1);
        const finite = own.filter(Number.isFinite).reduce((sum, x) => sum + exact(x), 0n);
        const specials = [NaN, Infinity, -Infinity].map((x) => own.filter((y) => Object.is(x, y)).length);
        return `${hexOf({ mantissa: finite, exponent: -1074 })} ${specials}`;
      };
      for (let m = 0; m < Math.min(count, 12); m++) {
        const group = low + (m < 6 ? m : count - 1 - (m - 6));
        if (group < low || group >= low + count) continue;
        expect(told(sums, first + group * step)).toBe(expectedOf(group));
      }
      if (step > 1 && first === 0) expect(told(sums, 1)).toBe('0x0p+0 0,0,0');
    }
  },
);

it('more numbers than bins have room for at once', () => {
  const n = 2 ** 21 + 2 ** 20 + 5;
  const values = new Float64Array(n).fill(-Number.MAX_VALUE);
  const groups = {
    keys: Int32Array.from(values, (_, i) => Number(i === n - 1)),
    low: 0,
    of: Int32Array.of(0, 1),
  };
  const sums = new ExactSums('f64', 2);
  sums.addEach(values, { length: n, groups, counted: undefined }, 0, 1);
  const want = BigInt(n - 1) * exact(-Number.MAX_VALUE);
  expect(told(sums)).toBe(`${hexOf({ mantissa: want, exponent: -1074 })} 0,0,0`);
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
