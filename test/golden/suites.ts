import { existsSync } from 'node:fs';
import { type Case, readCases } from './case.ts';

/** The golden files that stand outside this repository, in the order of the printed table. */
export const goldenSuites = ['torch', 'optax', 'keras', 'tfjs', 'sklearn', 'xgboost', 'liger'] as const;

/** The case files that every clone has. */
export const fixtureSuites = ['torch', 'sklearn'] as const;

const goldens = new URL('../../../shared/goldens/', import.meta.url);
const fixtures = new URL('../fixtures/', import.meta.url);

export const haveGoldens = existsSync(goldens);

export interface Suite {
  name: string;
  cases: Case[];
}

/** Every suite that is at hand: the fixtures, and the goldens where their folder is. */
export function readSuites(): Suite[] {
  const read = (name: string, file: URL): Suite => ({ name, cases: readCases(file) });
  return [
    ...fixtureSuites.map((name) => read(`fixtures/${name}`, new URL(`${name}.json`, fixtures))),
    ...(haveGoldens ? goldenSuites.map((name) => read(name, new URL(`${name}.json`, goldens))) : []),
  ];
}
