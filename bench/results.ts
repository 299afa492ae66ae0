// Results as JSON: bench/results/node<major>-<dtype>.json.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FloatDType } from 'simdloss';
import type { Case } from './cases.ts';
import { type Machine, machine } from './machine.ts';
import type { ModuleResult } from './module.ts';

export interface CaseResult extends Case {
  /** ns per element of the input, medians. */
  readonly wasm: number;
  readonly js: number;
  /** js / wasm: the median of the rounds' ratios, and their spread. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
  readonly rounds: number;
}

export interface Environment extends Machine {
  readonly dtype: FloatDType;
}

export interface Results {
  readonly environment: Environment;
  readonly module: ModuleResult;
  readonly cases: readonly CaseResult[];
}

const folder = new URL('./results/', import.meta.url);

export const environmentOf = (dtype: FloatDType): Environment => ({
  ...machine(),
  dtype,
});

export const committedFile = ({ node, dtype }: Environment): string =>
  fileURLToPath(new URL(`node${Number.parseInt(node.slice(1), 10)}-${dtype}.json`, folder));

export const readmeFile = fileURLToPath(new URL('README.md', folder));

/** One line for each case, so that a change can be read. */
export function writeResults(file: string, { environment, module, cases }: Results): void {
  const lines = cases.map((result) => `    ${JSON.stringify(result)}`).join(',\n');
  const head = `  "environment": ${JSON.stringify(environment)},\n  "module": ${JSON.stringify(module)},\n`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `{\n${head}  "cases": [\n${lines}\n  ]\n}\n`);
}

/** The results of `npm run bench`, by file name. */
export function committedResults(): Map<string, Results> {
  const files = readdirSync(folder).filter((name) => /^node.*\.json$/.test(name));
  return new Map(
    files.sort().map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Results]),
  );
}

/** By loss and target, in the order of the cases. */
export function byLoss(cases: readonly CaseResult[]): Map<string, CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of cases) {
    const name = result.target === 'elements' ? result.loss : `${result.loss}, ${result.target}`;
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  return groups;
}
