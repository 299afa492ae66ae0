// Code of a document, section by section, run with the packed package and the libraries that it imports.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect } from 'vitest';
import type { Installed } from '../engines/packed.ts';

const root = new URL('../../', import.meta.url);

/** By heading, the code under it. */
export const blocksOf = (document: string): Map<string, string> =>
  new Map(
    [
      ...readFileSync(new URL(document, root), 'utf8').matchAll(/^## (.*)\n([\s\S]*?)(?=^## |(?![\s\S]))/gm),
    ].flatMap(([, heading, section]) => {
      const code = /^```ts\n([\s\S]*?)^```/m.exec(section);
      return code === null ? [] : [[heading, code[1]] as const];
    }),
  );

/** Gives the project all packages of a folder of them, but those that it has. */
export function linkPackages(modules: string, { folder }: Installed): void {
  for (const name of packagesIn(modules)) {
    const there = join(folder, 'node_modules', name);
    if (existsSync(there)) continue;
    mkdirSync(dirname(there), { recursive: true });
    symlinkSync(join(modules, name), there);
  }
}

/** Names of packages in a folder of them. */
export const packagesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    if (name.startsWith('@')) return readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`);
    return name.startsWith('.') ? [] : [name];
  });

/** Runs a block in the project; it must print the numbers that its comments say. */
export function prints(installed: Installed, heading: string, code: string): void {
  const file = installed.write(
    `${heading.replace(/\W/g, '')}.mjs`,
    transformSync(code, { loader: 'ts', target: 'es2022' }).code,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    cwd: installed.folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(status, stderr).toBe(0);
  const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  const wanted = said.flatMap(numbersIn);
  expect(wanted.length).toBeGreaterThanOrEqual(2);
  const printed = numbersIn(stdout);
  expect(printed).toHaveLength(wanted.length);
  expect(printed.map((number, i) => Number(number).toFixed(decimals(wanted[i])))).toEqual(wanted);
  expect(stdout.includes('true')).toBe(code.includes('; // true'));
  expect(stdout).not.toContain('false');
}

const numbersIn = (line: string): string[] => line.match(/-?\d+\.\d+(e-?\d+)?/g) ?? [];
const decimals = (number: string): number => number.split('.')[1].length;
