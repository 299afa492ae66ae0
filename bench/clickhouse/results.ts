// What npm run bench:clickhouse writes: bench/results/clickhouse.json, which docs/sql.md has its figures from.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../machine.ts';
import { writeCases } from '../writeCases.ts';

export const resultsFile = fileURLToPath(new URL('../results/clickhouse.json', import.meta.url));

export interface ClickHouseCase {
  readonly name: string;
  /** What it is divided by. */
  readonly per: 'row' | 'logit';
  /** ns of CPU time, the least of the rounds. */
  readonly ours: number;
  /** Of the formula in SQL, where there is one; its name, where it is not the usual one. */
  readonly sql?: number;
  readonly formula?: string;
  /** The median of the rounds' ratios. */
  readonly ratio?: number;
}

export interface ClusterResult {
  readonly rows: number;
  /** Seconds of CPU time of both processes, the least of the rounds: of one that has all rows, and of two that share them. */
  readonly one: number;
  readonly two: number;
}

export interface ClickHouseResults {
  readonly environment: Machine & {
    readonly clickhouse: string;
    /** The share of the cores that other processes used, median over the rounds. */
    readonly others: number;
  };
  readonly cases: readonly ClickHouseCase[];
  readonly cluster: ClusterResult;
}

export function writeResults({ environment, cases, cluster }: ClickHouseResults): void {
  writeCases(resultsFile, { environment, cases, cluster });
}

export const readResults = (): ClickHouseResults =>
  JSON.parse(readFileSync(resultsFile, 'utf8')) as ClickHouseResults;
