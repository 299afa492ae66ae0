// What bench/small.ts has committed: bench/results/small.json.
import { readFileSync, writeFileSync } from 'node:fs';
import type { LossName, Operation } from './cases.ts';
import type { Environment } from './results.ts';
import type { SmallResult } from './smallLoss.ts';

export interface SmallRow extends SmallResult {
  readonly loss: LossName;
}
export interface SmallResults {
  readonly environment: Environment;
  readonly operation: Operation;
  readonly rows: readonly SmallRow[];
}

const file = new URL('./results/small.json', import.meta.url);

export const readSmall = (): SmallResults => JSON.parse(readFileSync(file, 'utf8'));

/** One line for each row, so that a change can be read. */
export function writeSmall({ environment, operation, rows }: SmallResults): void {
  const head = `  "environment": ${JSON.stringify(environment)},\n  "operation": "${operation}",\n`;
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  writeFileSync(file, `{\n${head}  "rows": [\n${lines}\n  ]\n}\n`);
}

/** Up to which size js is the faster one; 0 where it never is. */
export const lastLost = (rows: readonly SmallResult[]): number =>
  Math.max(0, ...rows.filter(({ ratio }) => ratio < 1).map(({ size }) => size));
