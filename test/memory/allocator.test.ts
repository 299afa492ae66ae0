// The allocator against a naive model, which has an owner for every line of 64 bytes.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Allocator } from '../../src/memory/allocator.ts';
import { LinearArena } from '../../src/memory/arena.ts';
import { random } from '../random.ts';

const LINE = 64;
const PAGE = 65536;
const GIB = 2 ** 30;
const lines = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / LINE);

/** Who has which line: 0 nobody, −1 it is not the allocator's, else the number of an allocation. */
class Model {
  readonly owner: number[] = [];
  readonly start: number;
  used = 0;
  high = 0;
  #last = 0;

  constructor(base: number, end: number) {
    this.start = Math.max(1, Math.ceil(base / LINE));
    this.extend(end);
  }
  extend(end: number): void {
    for (let line = this.owner.length; line < Math.floor(end / LINE); line++)
      this.owner.push(line < this.start ? -1 : 0);
  }
  /** Whether there are so many free lines in a row. */
  hasRoom(size: number): boolean {
    let run = 0;
    return this.owner.some((o) => {
      run = o === 0 ? run + 1 : 0;
      return run >= size;
    });
  }
  /** The line before which the region has to end for so many lines at its end to be free. */
  endOf(size: number): number {
    return Math.max(this.start, this.owner.findLastIndex((o) => o !== 0) + 1) + size;
  }
  of(at: number, bytes: number): number[] {
    const owners: number[] = [];
    const last = Math.floor((at + Math.max(bytes, 1) - 1) / LINE);
    for (let line = Math.floor(at / LINE); line <= last; line++) owners.push(this.owner[line] ?? -1);
    return owners;
  }
  take(at: number, bytes: number): void {
    const owners = this.of(at, bytes);
    expect(owners.every((o) => o === 0)).toBe(true);
    const first = Math.floor(at / LINE);
    this.owner.fill(++this.#last, first, first + owners.length);
    this.used += LINE * owners.length;
    this.high = Math.max(this.high, this.used);
  }
  free(at: number): void {
    const owner = this.owner[Math.floor(at / LINE)];
    this.used -= LINE * this.owner.filter((o) => o === owner).length;
    this.owner.forEach((o, line) => {
      if (o === owner) this.owner[line] = 0;
    });
  }
  /** The first line of the allocation that has all of these bytes, as an address. */
  blockOf(at: number, bytes: number): number {
    const owners = new Set(this.of(at, bytes));
    const [owner] = owners;
    return owners.size === 1 && owner > 0 ? LINE * this.owner.indexOf(owner) : -1;
  }
}

interface Case {
  readonly base: number;
  readonly size: number;
  /** Each growth: how much further than asked it goes; −1 refused. */
  readonly growth: readonly number[];
  readonly steps: readonly (readonly [kind: number, a: number, b: number])[];
}

const size = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 700 }) },
  { weight: 2, arbitrary: fc.constantFrom(640, 4096, 4160, 8192, 8256, 8320) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
);
const anyCase: fc.Arbitrary<Case> = fc.record({
  base: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
  size: fc.integer({ min: 0, max: 30_000 }),
  growth: fc.array(fc.oneof(fc.constant(-1), fc.constant(0), fc.integer({ min: 0, max: 9000 })), {
    maxLength: 8,
  }),
  steps: fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), size, fc.integer({ min: 0, max: 60_000 })), {
    minLength: 1,
    maxLength: 120,
  }),
});

/** Runs a case against the model; the addresses that were given. */
function run({ base, size, growth, steps }: Case): number[] {
  const model = new Model(base, base + size);
  let grown = 0;
  let end = base + size;
  let asked = 0;
  const allocator = new Allocator(base, end, (wanted) => {
    expect(wanted).toBe(LINE * model.endOf(asked));
    const further = growth[grown++] ?? -1;
    if (further >= 0) {
      end = wanted + further;
      model.extend(end);
    }
    return end;
  });
  const live: number[] = [];
  const given: number[] = [];
  const check = (): void => {
    expect([allocator.used, allocator.highWater, allocator.end]).toEqual([model.used, model.high, end]);
  };
  for (const [kind, a, b] of steps) {
    if (kind < 5) {
      const before = grown;
      const fits = model.hasRoom(lines(a));
      asked = lines(a);
      const at = allocator.allocate(a);
      given.push(at);
      // small sizes have a class each: what fits is found, and nothing grows
      if (fits && lines(a) < 64) expect(grown).toBe(before);
      expect(at >= 0).toBe(model.hasRoom(lines(a)));
      if (at < 0) continue;
      expect(at % LINE).toBe(0);
      model.take(at, a);
      live.push(at);
    } else if (kind < 8) {
      if (live.length === 0) continue;
      const [at] = live.splice(b % live.length, 1);
      const isInside = model.blockOf(at, 1) === model.blockOf(at + LINE, 1);
      if (isInside) expect(() => allocator.free(at + LINE)).toThrow('not allocated');
      allocator.free(at);
      model.free(at);
      expect(() => allocator.free(at)).toThrow('not allocated');
    } else {
      // any bytes, or those of a line's start
      const at = kind === 8 ? b % (end + 200) : LINE * Math.floor((b % (end + 200)) / LINE);
      const free = model.of(at, a).every((o) => o === 0);
      expect(allocator.isFree(at, a)).toBe(free);
      expect(allocator.blockOf(at, a)).toBe(model.blockOf(at, a));
      expect(allocator.takeAt(at, a)).toBe(free);
      if (!free) continue;
      model.take(at, a);
      live.push(at);
      expect(allocator.blockOf(at, a)).toBe(at - (at % LINE));
    }
    check();
  }
  for (const at of live) {
    expect(allocator.blockOf(at, 1)).toBe(at - (at % LINE));
    allocator.free(at);
    model.free(at);
  }
  check();
  // all of it is one block again
  const start = LINE * model.start;
  const whole = LINE * (Math.floor(end / LINE) - model.start);
  if (whole <= 0) return given;
  expect([allocator.isFree(start, whole), allocator.isFree(start, whole + 1)]).toEqual([true, false]);
  expect(allocator.allocate(whole)).toBe(start);
  return given;
}

it('agrees with the model, and gives the same addresses again', () => {
  fc.assert(
    fc.property(anyCase, (c) => {
      expect(run(c)).toEqual(run(c));
    }),
    { numRuns: 500, seed: 11 },
  );
});

it('agrees with itself over 4 GiB: nothing overlaps, and all of it is joined in the end', () => {
  const r = random(4);
  const end = 4 * GIB;
  const allocator = new Allocator(0, end, () => end);
  const live: { at: number; bytes: number }[] = [];
  const free = () => {
    const i = Math.floor(r() * live.length);
    const [one] = live.splice(i, 1);
    allocator.free(one.at);
  };
  for (let i = 0; i < 20_000; i++) {
    if (live.length > 0 && r() < 0.45) free();
    else {
      // from a line to a GiB
      const bytes = Math.floor(2 ** (30 * r()));
      const at = allocator.allocate(bytes);
      if (at >= 0) live.push({ at, bytes });
      else free();
    }
  }
  expect(live.length).toBeGreaterThan(200);
  expect(Math.max(...live.map(({ at }) => at))).toBeGreaterThan(3 * GIB);
  live.sort((a, b) => a.at - b.at);
  live.forEach(({ at, bytes }, i) => {
    expect(at + LINE * lines(bytes)).toBeLessThanOrEqual(live[i + 1]?.at ?? end);
  });
  expect(allocator.used).toBe(live.reduce((sum, { bytes }) => sum + LINE * lines(bytes), 0));
  while (live.length > 0) free();
  expect([allocator.used, allocator.allocate(end - LINE), allocator.allocate(1)]).toEqual([0, LINE, -1]);
});

describe('placement', () => {
  it('what was freed last serves the same size first', () => {
    const allocator = new Allocator(0, GIB, () => GIB);
    for (const bytes of [1, 640, 5000, 70_000, 3_000_001, 20_000_000]) {
      const [first, , second] = [bytes, 64, bytes, 64].map((n) => allocator.allocate(n));
      allocator.free(first);
      allocator.free(second);
      expect([allocator.allocate(bytes), allocator.allocate(bytes)], `${bytes}`).toEqual([second, first]);
    }
  });

  it('small holes serve before large ones are cut', () => {
    const allocator = new Allocator(0, GIB, () => GIB);
    const [large, , small] = [100_000, 64, 1000, 64].map((n) => allocator.allocate(n));
    allocator.free(small);
    allocator.free(large);
    expect([allocator.allocate(900), allocator.allocate(900)]).toEqual([small, large]);
  });

  it('a region that is full to the last line, among holes of its class that are too small', () => {
    const allocator = new Allocator(0, 4 * PAGE, () => 4 * PAGE);
    // 128 to 131 lines are one class
    const fits = allocator.allocate(130 * LINE);
    const small = Array.from({ length: 20 }, () => {
      allocator.allocate(1);
      return allocator.allocate(129 * LINE);
    });
    for (let at = 0; at >= 0; ) at = allocator.allocate(1);
    for (const at of [fits, ...small]) allocator.free(at);
    expect([131, 130, 130].map((n) => allocator.allocate(n * LINE))).toEqual([-1, fits, -1]);
    for (const _ of small) expect(small).toContain(allocator.allocate(129 * LINE));
    expect(allocator.allocate(1)).toBe(-1);
  });

  it('little is lost to holes: tensors of all sizes come and go, half of them at a time', () => {
    const r = random(8);
    const allocator = new Allocator(0, 0, (end) => end);
    const live: { at: number; bytes: number }[] = [];
    for (let i = 0; i < 60_000; i++) {
      if (live.length > 1000 || (live.length > 500 && r() < 0.5)) {
        const [{ at }] = live.splice(Math.floor(r() * live.length), 1);
        allocator.free(at);
      } else {
        const bytes = Math.floor(2 ** (6 + 14 * r()));
        live.push({ at: allocator.allocate(bytes), bytes });
      }
    }
    // grown by just what was needed, it holds the high-water mark and a seventh more
    expect(allocator.end).toBeLessThan(1.15 * allocator.highWater);
  });
});

describe('growth', () => {
  const countOf = (fill: (arena: LinearArena) => void, maximum: number, initial = 2): number => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    const memory = new WebAssembly.Memory({ initial, maximum });
    fill(new LinearArena(memory, 0, memory.buffer.byteLength, maximum));
    const count = grow.mock.results.filter(({ type }) => type === 'return').length;
    grow.mockRestore();
    return count;
  };
  /** Until nothing more fits; how many that were. */
  const fillWith =
    (elements: number, most: number) =>
    (arena: LinearArena): void => {
      let count = 0;
      try {
        for (; ; count++) arena.createUnset('f32', [elements], elements);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_MEMORY' });
      }
      expect(4 * elements * (count + 1)).toBeGreaterThan(most - 4 * elements);
      expect(arena.buffer.byteLength).toBe(most);
    };

  it('is by half until 4 GiB are full, whatever fills them', () => {
    // 1.5 ** 26 is 37,876: from 2 pages to 65,536; 1.5 ** 11 is 86: from 64 MiB
    expect(countOf(fillWith(1 << 16, 4 * GIB), 65_536)).toBeLessThanOrEqual(26);
    expect(countOf(fillWith(1 << 18, 4 * GIB), 65_536, 1024)).toBeLessThanOrEqual(11);
  });

  it('approaches a maximum by halves too', () => {
    expect(countOf(fillWith(1 << 12, 20_000 * PAGE), 20_000)).toBeLessThanOrEqual(35);
    expect(countOf(fillWith(1 << 12, 1023 * PAGE), 1023)).toBeLessThanOrEqual(25);
  });

  it('takes exactly what is needed where no more is to be had', () => {
    const memory = new WebAssembly.Memory({ initial: 10, maximum: 12 });
    const arena = new LinearArena(memory, 0, 10 * PAGE, 12);
    arena.createUnset('u8', [9 * PAGE], 9 * PAGE);
    arena.createUnset('u8', [2 * PAGE], 2 * PAGE);
    expect(arena.buffer.byteLength).toBe(12 * PAGE);
    expect(() => arena.createUnset('u8', [PAGE], PAGE)).toThrow('do not fit');
  });
});
