// Runs a function over many inputs and compares each result with the reference.
import { random } from '../random.ts';
import type { Bound } from './bounds.ts';
import { Kernel, type Lanes } from './module.ts';
import { exponentOf, rounded, ulpsFrom } from './oracle.ts';
import { REFERENCES } from './reference.ts';

/** Inputs of one call. */
export const BLOCK = 2 ** 14;

export interface Wrong {
  x: number;
  got: number;
  want: number;
}

export interface Found {
  /** Largest error under each bound, and the input that shows it. */
  worst: { ulps: number; at: number }[];
  tested: number;
  misrounded: number;
  /** Results of the wrong kind: NaN, infinite or zero where another kind is due, or a zero of the wrong sign. */
  wrong: number;
  examples: Wrong[];
}

export const nothing = (bounds: readonly Bound[]): Found => ({
  worst: bounds.map(() => ({ ulps: 0, at: Number.NaN })),
  tested: 0,
  misrounded: 0,
  wrong: 0,
  examples: [],
});

export function merge(a: Found, b: Found): Found {
  return {
    worst: a.worst.map((one, i) => (one.ulps >= b.worst[i].ulps ? one : b.worst[i])),
    tested: a.tested + b.tested,
    misrounded: a.misrounded + b.misrounded,
    wrong: a.wrong + b.wrong,
    examples: [...a.examples, ...b.examples].slice(0, 8),
  };
}

/** What breaks the bounds, in words; nothing where they are kept. */
export function broken(bounds: readonly Bound[], { worst, wrong, examples }: Found): string[] {
  const over = bounds.flatMap(({ name, limit }, i) =>
    worst[i].ulps > limit ? [`${name}(${worst[i].at}) is off by ${worst[i].ulps} ULP, over ${limit}`] : [],
  );
  const kinds = examples.map(({ x, got, want }) => `${bounds[0].name}(${x}) is ${got}, not ${want}`);
  return wrong > kinds.length ? [...over, ...kinds, `${wrong} such in all`] : [...over, ...kinds];
}

/** Units of the last place of an f32 near a value. */
const LAST_32 = Float64Array.from({ length: 256 }, (_, i) => 2 ** (Math.max(i - 127, -126) - 23));

/**
 * Sweeps one function under its bounds, which lie side by side, in ascending order.
 */
export class Sweep {
  readonly kernel: Kernel;
  readonly #bounds: readonly Bound[];
  readonly found: Found;

  constructor(module: WebAssembly.Module, bounds: readonly Bound[]) {
    this.kernel = new Kernel(module, bounds[0].name, bounds[0].dtype, BLOCK);
    this.#bounds = bounds;
    this.found = nothing(bounds);
  }

  /** Runs the kernel over kernel.x as it stands and compares. */
  block(): void {
    this.kernel.run();
    if (this.kernel.dtype === 'f32') this.#compareSingle();
    else this.#compareDouble();
  }

  #compareSingle(): void {
    const { double, flushBelow } = REFERENCES[this.kernel.name];
    const { x, y } = this.kernel;
    const found = this.found;
    const least = flushBelow?.f32 ?? Number.NEGATIVE_INFINITY;
    const low = this.#bounds[0].low;
    const high = this.#bounds[this.#bounds.length - 1].high;
    for (let i = 0; i < BLOCK; i++) {
      const input = x[i];
      const got = y[i];
      if (input < low || input > high) continue;
      found.tested++;
      const value = input < least ? 0 : double(input);
      const want = Math.fround(value);
      if (got === want) {
        if (want === 0 && !Object.is(got, want)) this.#wrong(input, got, want);
        continue;
      }
      if (Number.isFinite(got) && Number.isFinite(want)) {
        const exponent = Math.max(exponentOf(value), -127);
        this.#note(input, Math.abs(got - value) / LAST_32[exponent + 127]);
      } else if (!(Number.isNaN(got) && Number.isNaN(want))) this.#wrong(input, got, want);
    }
  }

  #compareDouble(): void {
    const { wide, flushBelow } = REFERENCES[this.kernel.name];
    const { x, y } = this.kernel;
    const found = this.found;
    const least = flushBelow?.f64 ?? Number.NEGATIVE_INFINITY;
    const low = this.#bounds[0].low;
    const high = this.#bounds[this.#bounds.length - 1].high;
    for (let i = 0; i < BLOCK; i++) {
      const input = x[i];
      const got = y[i];
      if (input < low || input > high) continue;
      found.tested++;
      const value = wide(input);
      const want = input < least ? 0 : rounded(value);
      if (got === want) {
        if (want === 0 && !Object.is(got, want)) this.#wrong(input, got, want);
        continue;
      }
      if (Number.isFinite(got) && Number.isFinite(want)) this.#note(input, ulpsFrom(got, value));
      else if (!(Number.isNaN(got) && Number.isNaN(want))) this.#wrong(input, got, want);
    }
  }

  #note(input: number, ulps: number): void {
    this.found.misrounded++;
    let slot = 0;
    while (input > this.#bounds[slot].high) slot++;
    const worst = this.found.worst[slot];
    if (ulps > worst.ulps) {
      worst.ulps = ulps;
      worst.at = input;
    }
  }

  #wrong(x: number, got: number, want: number): void {
    this.found.wrong++;
    if (this.found.examples.length < 8) this.found.examples.push({ x, got, want });
  }
}

/** Fills f32 inputs with the bit patterns from `first` on. */
export function consecutive(x: Lanes, first: number): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, BLOCK);
  for (let i = 0; i < BLOCK; i++) bits[i] = first + i;
}

/** Fills f32 inputs with one bit pattern of every 256, starting with the 256·first-th: all floats are near one of them. */
export function stratified(x: Lanes, first: number): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, BLOCK);
  for (let i = 0; i < BLOCK; i++) {
    const stratum = first + i;
    bits[i] = stratum * 256 + (Math.imul(stratum ^ (stratum >>> 15), 0x2c1b3c6d) >>> 24);
  }
}

/** A filler of f64 inputs: a quarter random bit patterns, the rest drawn evenly from the reference's intervals. */
export function sampler(name: string, seed: number): (x: Lanes) => void {
  const next = random(seed);
  const { intervals } = REFERENCES[name];
  // Two draws: one has 32 bits.
  const unit = () => (Math.floor(next() * 2 ** 21) * 2 ** 32 + next() * 2 ** 32) / 2 ** 53;
  let turn = 0;
  return (x) => {
    const interval = intervals[turn++ % 4];
    if (interval) for (let i = 0; i < BLOCK; i++) x[i] = interval[0] + (interval[1] - interval[0]) * unit();
    else {
      const bits = new Uint32Array(x.buffer, x.byteOffset, 2 * BLOCK);
      for (let i = 0; i < 2 * BLOCK; i++) bits[i] = next() * 2 ** 32;
    }
  };
}
