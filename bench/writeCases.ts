import { writeFileSync } from 'node:fs';

interface Written {
  readonly environment: unknown;
  readonly cases: readonly unknown[];
  readonly [name: string]: unknown;
}

/** Writes results as JSON with a line for each case, so that differences show which; what else there is comes after them. */
export function writeCases(file: string, { environment, cases, ...more }: Written): void {
  const lines = cases.map((result) => `    ${JSON.stringify(result)}`).join(',\n');
  const members = Object.entries({ environment, ...more }).map(
    ([name, value]) => `  "${name}": ${JSON.stringify(value)}`,
  );
  members.splice(1, 0, `  "cases": [\n${lines}\n  ]`);
  writeFileSync(file, `{\n${members.join(',\n')}\n}\n`);
}
