// What the benches of sets, pairs and sequences write: bench/results/<name>.json, least times of many calls.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Machine, machine } from './machine.ts';
import { othersShare } from './peers/busy.ts';
import { median, rounded } from './statistics.ts';
import { writeCases } from './writeCases.ts';

export interface RecordedCase {
  readonly backend: 'wasm' | 'js';
  readonly threads: number;
  readonly shape: readonly number[];
  readonly call: string;
  /** Least wall and CPU time of a call, ms: neither knows of what else the machine does. */
  readonly wall: number;
  readonly cpu: number;
}

export interface Records {
  readonly environment: Machine & {
    /** The share of the cores that other processes used, median over the shapes. */
    readonly others: number;
  };
  readonly cases: readonly RecordedCase[];
}

export type RecordName = 'sets' | 'pairs' | 'sequences';

const fileOf = (name: RecordName): string =>
  fileURLToPath(new URL(`./results/${name}.json`, import.meta.url));

export const readRecords = (name: RecordName): Records =>
  JSON.parse(readFileSync(fileOf(name), 'utf8')) as Records;

/** Cases of one bench, which are printed as they come. */
export class Recorder {
  readonly #name: RecordName;
  readonly #cases: RecordedCase[] = [];
  readonly #shares: number[] = [];

  constructor(name: RecordName) {
    this.#name = name;
  }

  /** Measures calls on one instance, each `rounds` times, until that has taken two seconds. */
  async measure(
    of: Pick<RecordedCase, 'backend' | 'threads' | 'shape'>,
    calls: Readonly<Record<string, () => unknown>>,
    rounds: number,
  ): Promise<void> {
    this.#shares.push(await othersShare());
    for (const [call, run] of Object.entries(calls)) {
      const result = { ...of, call, ...least(run, rounds) };
      this.#cases.push(result);
      const { backend, threads, shape, wall, cpu } = result;
      console.log(`${backend}, ${threads} threads, [${shape}], ${call}: ${wall} ms, ${cpu} ms of CPU`);
    }
  }

  write(): void {
    const environment = { ...machine(), others: rounded(median(this.#shares)) };
    writeCases(fileOf(this.#name), { environment, cases: this.#cases });
    console.log(`written to bench/results/${this.#name}.json`);
  }
}

function least(run: () => unknown, rounds: number): { wall: number; cpu: number } {
  let [wall, cpu, all] = [Infinity, Infinity, 0];
  for (let i = 0; i < rounds && (i < 5 || all < 2000); i++) {
    const before = process.cpuUsage();
    const start = performance.now();
    run();
    const time = performance.now() - start;
    all += time;
    wall = Math.min(wall, time);
    const { user, system } = process.cpuUsage(before);
    cpu = Math.min(cpu, (user + system) / 1000);
  }
  return { wall: rounded(wall), cpu: rounded(cpu) };
}
