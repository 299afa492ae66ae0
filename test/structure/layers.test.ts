// Imports go down only.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** From the bottom to the top; a file may import from its own layer and from those before it. */
const layers = {
  src: [
    [
      'dtypes.ts',
      'dispose.ts',
      'errors.ts',
      'abi.ts',
      'given.ts',
      'half.ts',
      'globals.ts',
      'options/interval.ts',
      'wasm/inflate.ts',
      'wasm/base64.ts',
      'wasm/generated/',
    ],
    ['memory/'],
    ['call.ts', 'labels.ts', 'options/'],
    ['threads/'],
    ['wasm/', 'js/'],
    ['families/'],
    ['losses/', 'helpers/specs.ts'],
    ['plan/'],
    ['helpers/'],
    ['functions.ts', 'everything.ts'],
    ['load/'],
    ['parts/', 'cut/'],
    ['index.ts'],
    ['evaluate/', 'tfjs/', 'duckdb/'],
    ['clickhouse/'],
    ['cli/'],
  ],
  assembly: [
    ['generated/abi.ts', 'simd/'],
    ['call.ts', 'gradScale.ts', 'params.ts'],
    ['math/', 'reduce/'],
    ['loops/'],
    ['kernels/'],
    ['generated/exports.ts', 'clickhouse/', 'exactSums.ts'],
    ['generated/clickhouse.ts'],
  ],
};

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return /\.[jt]s$/.test(path) ? [path] : [];
  });
}

function importsOf(path: string): { target: string; typeOnly: boolean }[] {
  const source = readFileSync(path, 'utf8');
  return [...source.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']*)'/gms)].map((m) => ({
    typeOnly: m[1] !== undefined,
    target: normalize(join(dirname(path), m[2])).replace(/(\.[jt]s)?$/, (ending) => ending || '.ts'),
  }));
}

describe.each(Object.entries(layers))('%s', (folder, order) => {
  const layerOf = (path: string): number => {
    const name = relative(join(root, folder), path);
    const exact = order.findIndex((layer) => layer.includes(name));
    return exact >= 0
      ? exact
      : order.findIndex((layer) => layer.some((l) => l.endsWith('/') && name.startsWith(l)));
  };
  const files = filesBelow(join(root, folder)).filter((path) => !path.endsWith('.d.ts'));

  it('every file belongs to a layer', () => {
    expect(files.filter((path) => layerOf(path) < 0).map((path) => relative(root, path))).toEqual([]);
  });

  it('imports go down only', () => {
    const up: string[] = [];
    let seen = 0;
    for (const path of files) {
      for (const { target } of importsOf(path)) {
        seen++;
        const edge = `${relative(root, path)} → ${relative(root, target)}`;
        if (layerOf(target) > layerOf(path)) up.push(edge);
      }
    }
    expect(seen).toBeGreaterThan(20);
    expect(up).toEqual([]);
  });

  it('no imports go in a circle', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) {
        circles.push([...way.slice(way.indexOf(path)), path].map((p) => relative(root, p)).join(' → '));
        return;
      }
      if (done.has(path)) return;
      for (const { target } of importsOf(path)) if (files.includes(target)) visit(target, [...way, path]);
      done.add(path);
    };
    for (const path of files) visit(path, []);
    expect(circles).toEqual([]);
  });

  it('the two backends do not know each other', () => {
    const across = files.flatMap((path) =>
      importsOf(path)
        .filter(({ target, typeOnly }) => {
          const [from, to] = [path, target].map((p) => relative(join(root, folder), p).split('/')[0]);
          return !typeOnly && ((from === 'wasm' && to === 'js') || (from === 'js' && to === 'wasm'));
        })
        .map(({ target }) => `${relative(root, path)} → ${relative(root, target)}`),
    );
    expect(across).toEqual([]);
  });
});
