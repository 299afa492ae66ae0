// What a run writes: bench/results/cold.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quantile, rounded } from '../statistics.ts';

export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: rounded(quantile(values, 0.5)),
  p10: rounded(quantile(values, 0.1)),
  p90: rounded(quantile(values, 0.9)),
});

/** By name, in the order in which they are shown. */
export type Spreads = Readonly<Record<string, Spread>>;

/** A difference of two starts in the same round. */
export interface Over extends Spread {
  /** Between the least times of all rounds: what others, who only ever add to a time, disturb least. */
  readonly least: number;
}

/** All in ms. */
export interface Row {
  /** The entry that is imported. */
  readonly entry: string;
  /** What its files are. */
  readonly form: string;
  /** Beyond what the empty program takes in the same round. */
  readonly over: Readonly<Record<string, Over>>;
  /** Where the time goes, in runs of their own. */
  readonly parts?: Spreads;
}

export interface Platform {
  readonly name: string;
  readonly version: string;
  readonly rounds: number;
  readonly empty: Spreads;
  readonly rows: readonly Row[];
}

export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly date: string;
  /** The share of all cores that others used, looked at before each platform: the largest. */
  readonly others: number;
}

export interface Results {
  readonly environment: Environment;
  readonly platforms: readonly Platform[];
}

const folder = new URL('../results/', import.meta.url);
export const committedFile = fileURLToPath(new URL('cold.json', folder));
export const pageFile = fileURLToPath(new URL('cold.md', folder));

export const readResults = (file: string): Results => JSON.parse(readFileSync(file, 'utf8')) as Results;

/** A line for each row, so that a change can be read. */
export function writeResults(file: string, { environment, platforms }: Results): void {
  const platformText = ({ rows, ...platform }: Platform): string => {
    const lines = rows.map((row) => `      ${JSON.stringify(row)}`).join(',\n');
    return `    {${JSON.stringify(platform).slice(1, -1)}, "rows": [\n${lines}\n    ]}`;
  };
  const head = `  "environment": ${JSON.stringify(environment)},\n`;
  writeFileSync(file, `{\n${head}  "platforms": [\n${platforms.map(platformText).join(',\n')}\n  ]\n}\n`);
}
