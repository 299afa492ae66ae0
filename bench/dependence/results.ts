// bench/results/dependence: node<major>-<dtype>.json and a page.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../results.ts';
import { writeCases } from '../writeCases.ts';
import { CONTROL } from './kinds.ts';

/** How much longer than ordinary data a kind may take. */
export const LIMIT = 1.3;

export interface CaseResult {
  /** See idOf and rowOf. */
  readonly id: string;
  readonly row: string;
  readonly kind: string;
  readonly domain: string;
  /** ns of ordinary data per element, the median. */
  readonly ordinary: number;
  /** This kind's time / that of ordinary data: the median of the pairs' ratios, and their spread. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
  readonly pairs: number;
}

export interface Results {
  readonly environment: Environment;
  readonly cases: readonly CaseResult[];
}

const folder = new URL('../results/dependence/', import.meta.url);

export const committedFile = ({ node, dtype }: Environment): string =>
  fileURLToPath(new URL(`node${Number.parseInt(node.slice(1), 10)}-${dtype}.json`, folder));

export const readmeFile = fileURLToPath(new URL('README.md', folder));

export function writeResults(file: string, { environment, cases }: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeCases(file, { environment, cases });
}

export function committedResults(): Map<string, Results> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    files.sort().map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Results]),
  );
}

export const isSlow = ({ ratio, kind }: CaseResult): boolean => ratio > LIMIT && kind !== CONTROL;

export const slowOf = (cases: readonly CaseResult[]): CaseResult[] =>
  cases.filter(isSlow).sort((a, b) => b.ratio - a.ratio);

/** By domain, in the order of the cases; each has its own kinds. */
export function byDomain(cases: readonly CaseResult[]): Map<string, CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of cases) groups.set(result.domain, [...(groups.get(result.domain) ?? []), result]);
  return groups;
}

/** One line for each row, one column for each kind. */
export function tableOf(results: readonly CaseResult[]): string[][] {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const rows = [...new Set(results.map(({ row }) => row))];
  const body = rows.map((row) => {
    const of = results.filter((result) => result.row === row);
    const cells = kinds.map((kind) => {
      const result = of.find((one) => one.kind === kind);
      return result === undefined ? '' : `${result.ratio.toFixed(2)}${isSlow(result) ? ' ◂' : ''}`;
    });
    return [row, of[0].ordinary.toPrecision(3), ...cells];
  });
  return [['', 'ordinary, ns', ...kinds], ...body];
}
