// What npm run bench:tfjs writes: bench/results/tfjs.json, which docs/training.md has its figures from.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../../test/tfjs/tfjs.ts';
import type { Machine } from '../machine.ts';
import { writeCases } from '../writeCases.ts';
import type { Make } from './epoch.ts';

export const resultsFile = fileURLToPath(new URL('../results/tfjs.json', import.meta.url));

export interface TfjsResult {
  readonly backend: Backend;
  readonly classes: number;
  /** How often each was measured. */
  readonly rounds: number;
  /** ms of CPU time for an epoch: the median. */
  readonly epoch: Record<Make, number>;
  /** Over the epoch without a loss: the median of the rounds' ratios. */
  readonly ratio: Record<Make, number>;
}

export interface TfjsResults {
  readonly environment: Machine & {
    readonly tfjs: string;
    /** The share of the cores that other processes used, median over the cases. */
    readonly others: number;
  };
  readonly cases: readonly TfjsResult[];
}

export function writeResults({ environment, cases }: TfjsResults): void {
  writeCases(resultsFile, { environment, cases });
}

export const readResults = (): TfjsResults => JSON.parse(readFileSync(resultsFile, 'utf8')) as TfjsResults;
