import { Bench, type Task } from 'tinybench';
import { clock, now, resolution } from './clock.ts';
import { median, quantile } from './statistics.ts';

/** The same work on both backends. */
export interface Pair {
  readonly wasm: () => unknown;
  readonly js: () => unknown;
}

/** How long to measure; milliseconds. */
export interface Effort {
  /** For each side, twice, before anything counts. */
  readonly warmup: number;
  /** Between the two: compilers work in threads of their own, which a busy machine may keep waiting. */
  readonly pause: number;
  /** For each side in each round. */
  readonly round: number;
  /** For all rounds, as far as `minRounds` allows. */
  readonly budget: number;
  readonly minRounds: number;
  readonly maxRounds: number;
}

export const fullEffort: Effort = {
  warmup: 60,
  pause: 60,
  round: 5,
  budget: 1500,
  minRounds: 5,
  maxRounds: 25,
};
export const quickEffort: Effort = {
  warmup: 15,
  pause: 20,
  round: 2,
  budget: 60,
  minRounds: 3,
  maxRounds: 9,
};

export interface Measurement {
  /** Medians over the rounds, ns per call. */
  readonly wasm: number;
  readonly js: number;
  /** js / wasm, round by round: above 1 wasm is faster. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
  readonly rounds: number;
}

/** A sample takes at least as long as this, so that reading the clock (1 to 6 µs) does not show, nor its steps. */
const SAMPLE_MS = Math.max(0.5, 25 * resolution);

/** Both sides together; a case that takes longer has fewer rounds: its samples are long enough not to need them. */
const LONG_MS = 4000;
const LONG_ROUNDS = 3;

/**
 * Measures both sides in turn, in short rounds.
 *
 * One run of a Bench would measure one task to its end and then the other; a clock that throttles or a neighbour on
 * the machine in between would then count as a difference. So each task runs many times for a few milliseconds, side by
 * side, the order swapped each time, and what is reported is the median of the rounds' own ratios. tinybench runs the
 * tasks and makes each round's statistics.
 */
export function alternate(pair: Pair, effort: Effort): Measurement {
  const bench = new Bench({
    concurrency: null,
    timestampProvider: clock,
    throws: true,
    time: effort.round,
    iterations: 1,
    warmupTime: effort.warmup,
    warmupIterations: 1,
  });
  const wasm = new Side(bench, 'wasm', pair.wasm);
  const js = new Side(bench, 'js', pair.js);
  const start = now();
  for (const side of [wasm, js]) side.warmUp();
  const isLong = now() - start > LONG_MS;
  // what takes so long has been compiled by then
  if (!isLong) {
    sleep(effort.pause);
    for (const side of [wasm, js]) side.warmUp();
  }
  const cost = wasm.prepare(effort.round) + js.prepare(effort.round);
  const least = isLong ? Math.min(effort.minRounds, LONG_ROUNDS) : effort.minRounds;
  const rounds = Math.min(effort.maxRounds, Math.max(least, Math.floor(effort.budget / cost)));

  const times: { wasm: number[]; js: number[] } = { wasm: [], js: [] };
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? [wasm, js] : [js, wasm]) times[side.name].push(side.round());
  }
  const ratios = times.wasm.map((time, round) => times.js[round] / time);
  return {
    wasm: median(times.wasm),
    js: median(times.js),
    ratio: median(ratios),
    p10: quantile(ratios, 0.1),
    p90: quantile(ratios, 0.9),
    rounds,
  };
}

function sleep(ms: number): void {
  if (typeof SharedArrayBuffer === 'function') {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return;
  }
  // a page that is not isolated has nothing to wait on
  const end = performance.now() + ms;
  while (performance.now() < end);
}

class Side {
  readonly name: 'wasm' | 'js';
  readonly #task: Task;
  readonly #run: () => void;
  #calls = 1;

  constructor(bench: Bench, name: 'wasm' | 'js', call: () => unknown) {
    this.name = name;
    this.#run = () => {
      for (let i = this.#calls; i > 0; i--) call();
    };
    // async: false, or tinybench calls it once to find out
    bench.add(name, this.#run, { async: false });
    this.#task = bench.getTask(name)!;
  }

  warmUp(): void {
    this.#task.warmupSync();
  }

  /** Finds how many calls make a sample; returns what a round will take, ms. */
  prepare(roundTime: number): number {
    for (;;) {
      // a compiler's thread that ends meanwhile can count for milliseconds at once, hence the better of two
      const time = Math.min(this.#time(), this.#time());
      if (time >= SAMPLE_MS) return Math.max(time, roundTime);
      this.#calls *= 2;
    }
  }

  #time(): number {
    const start = now();
    this.#run();
    return now() - start;
  }

  /** ns per call: the median of one round's samples. */
  round(): number {
    this.#task.reset(false);
    this.#task.runSync();
    const { result } = this.#task;
    if (result.state !== 'completed') throw new Error(`${this.name} ended as ${result.state}`);
    return (result.latency.p50 * 1e6) / this.#calls;
  }
}
