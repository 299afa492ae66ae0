// bench/results/threads.json, which bench:threads writes.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LossName } from './cases.ts';
import type { Machine } from './machine.ts';

/** µs, or a ratio of these: of the medians, and of the least. */
interface Measured {
  readonly median: number;
  readonly least: number;
}

export interface ThreadsCase {
  readonly loss: LossName;
  readonly shape: readonly number[];
  /** Whether instances of load() cut such a call. */
  readonly isCut: boolean;
  readonly one: Measured;
  readonly many: Measured;
  readonly gain: Measured;
}

export interface ThreadsResults {
  readonly environment: Machine & {
    readonly threads: number;
    /** The share of the cores that other processes used before. */
    readonly others: number;
  };
  readonly cases: readonly ThreadsCase[];
}

export const threadsFile = fileURLToPath(new URL('./results/threads.json', import.meta.url));

export const readThreads = (): ThreadsResults =>
  JSON.parse(readFileSync(threadsFile, 'utf8')) as ThreadsResults;
