// What npm run bench:evaluate writes: bench/results/evaluate.json, which docs/evaluating.md has its figures from.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../machine.ts';
import { writeCases } from '../writeCases.ts';
import type { Due } from './cases.ts';

export const resultsFile = fileURLToPath(new URL('../results/evaluate.json', import.meta.url));

export interface Compared extends Due {
  /** The median of the rounds: a ratio, or ns of a unit. */
  readonly measured: number;
}

export interface EvaluateCase {
  readonly name: string;
  readonly unit: 'logit' | 'term';
  /** ns of CPU time of a unit: the least of the rounds. */
  readonly ns: Readonly<Record<string, number>>;
  readonly compared: readonly Compared[];
}

/** Of an evaluation batch by batch. */
export interface MemoryResult {
  readonly rows: number;
  readonly classes: number;
  readonly batch: number;
  /** MB of the process after a tenth of it, and the most that it had later. */
  readonly early: number;
  readonly most: number;
}

export interface EvaluateResults {
  readonly environment: Machine & {
    /** The share of the cores that other processes used, median over the cases. */
    readonly others: number;
  };
  readonly cases: readonly EvaluateCase[];
  readonly memory: MemoryResult;
}

export function writeResults({ environment, cases, memory }: EvaluateResults): void {
  writeCases(resultsFile, { environment, cases, memory });
}

export const readResults = (): EvaluateResults =>
  JSON.parse(readFileSync(resultsFile, 'utf8')) as EvaluateResults;
