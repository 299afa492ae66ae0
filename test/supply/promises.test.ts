// What SECURITY.md promises about the sources and the packages, as far as it can be read off them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface Locked {
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
}

/** The sources, and the one dependency that is shipped with them. */
const sources = [
  ...readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith(join('wasm', 'generated', 'inline')))
    .map((path) => join('src', path)),
  'node_modules/@assemblyscript/loader/index.js',
];

const using = (pattern: RegExp): string[] =>
  sources.filter((path) => {
    const code = readFileSync(join(root, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    return pattern.test(code);
  });

it('code is never made from text', () => {
  expect(using(/\beval\s*\(|\bFunction\s*\(|\bsetTimeout\s*\(\s*['"`]/)).toEqual([]);
});

it('the network is asked for a URL that load() was given, and for nothing else', () => {
  expect(using(/\bfetch\s*\(|\bXMLHttpRequest\b|\bWebSocket\b|\bEventSource\b|\bsendBeacon\b/)).toEqual([
    join('src', 'load', 'source.ts'),
  ]);
});

it('one runtime dependency, to the digit, without any of its own', () => {
  const { dependencies } = json('package.json');
  expect(Object.keys(dependencies)).toEqual(['@assemblyscript/loader']);
  expect(dependencies['@assemblyscript/loader']).toMatch(/^\d+\.\d+\.\d+$/);
  const locked: Locked = json('package-lock.json').packages['node_modules/@assemblyscript/loader'];
  expect(locked.dependencies ?? {}).toEqual({});
  expect(locked.hasInstallScript ?? false).toBe(false);
});

it('every locked package has its hash', () => {
  const packages = Object.entries(json('package-lock.json').packages as Record<string, Locked>);
  const without = packages.filter(([path, { integrity, link }]) => path !== '' && !link && !integrity);
  expect(packages.length).toBeGreaterThan(10);
  expect(without.map(([path]) => path)).toEqual([]);
});

// `prepare` is for a clone: package.test.ts installs the package
it('nothing is run when the package is installed', () => {
  const { scripts } = json('package.json');
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
});
