// What src/abi.ts works out of its lists, as numbers in the code, which has no use for the lists themselves.
import { readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';
import * as abi from '../../src/abi.ts';

const values: Readonly<Record<string, unknown>> = abi;
const tables = Object.keys(values).filter((name) => typeof values[name] === 'object');
const MEMBER = new RegExp(`\\b(${tables.join('|')})\\.(\\w+)\\b`, 'g');

/** A source with the numbers that it reads of these tables; all else of them stays. */
export const withNumbers = (source: string): string =>
  source.replaceAll(MEMBER, (text, table: string, member: string) => {
    const value = (values[table] as Readonly<Record<string, unknown>>)[member];
    return typeof value === 'number' ? `${value}` : text;
  });

/** The source of a function of src/abi.ts, which may name what the file exports and nothing else of it. */
function functionSource(name: string, value: unknown): string {
  const source = String(value);
  const others = [...source.matchAll(/\b[A-Z][A-Z_\d]+\b|(?<!\.)\b\w+(?=\()/g)].map(([word]) => word);
  const unknown = others.filter((word) => !Object.hasOwn(values, word));
  if (unknown.length > 0) throw new Error(`${name} of src/abi.ts names ${unknown}, which it does not export`);
  return source;
}

/** src/abi.ts, worked out. */
export const abiSource = (): string =>
  Object.entries(values)
    .map(
      ([name, value]) =>
        `export const ${name} = ${typeof value === 'function' ? functionSource(name, value) : JSON.stringify(value)};\n`,
    )
    .join('');

export const constants: Plugin = {
  name: 'constants',
  load(id) {
    if (/src.abi\.ts$/.test(id)) return { code: abiSource(), moduleType: 'js' };
    if (!/src.(?!parts.generated)[\w./\\]+\.ts$/.test(id)) return undefined;
    const source = readFileSync(id, 'utf8');
    const code = withNumbers(source);
    return code === source ? undefined : { code, moduleType: 'ts' };
  },
};
