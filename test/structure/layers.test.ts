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
      'types.ts',
      'errors.ts',
      'abi.ts',
      'wasm/exports.ts',
      'wasm/inflate.ts',
      'wasm/base64.ts',
      'wasm/inline.ts',
    ],
    ['call.ts', 'labels.ts'],
    ['memory/', 'threads/'],
    ['wasm/', 'js/'],
    ['losses/'],
    ['load/'],
    ['index.ts'],
  ],
  assembly: [
    ['abi.ts', 'simd/'],
    ['call.ts', 'gradScale.ts', 'params.ts'],
    ['math/', 'reduce/'],
    ['loops/'],
    ['kernels/'],
    ['exports.ts'],
  ],
};

/** Imports that go up for their types alone, each with its reason. */
const exceptions: Record<string, string> = {
  'src/types.ts → src/memory/tensor.ts': 'the public types name the Tensor class',
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
      for (const { target, typeOnly } of importsOf(path)) {
        seen++;
        const edge = `${relative(root, path)} → ${relative(root, target)}`;
        const kernelType = typeOnly && target.endsWith('wasm/exports.ts');
        if (layerOf(target) > layerOf(path) && !kernelType && !(typeOnly && edge in exceptions))
          up.push(edge);
      }
    }
    expect(seen).toBeGreaterThan(20);
    expect(up).toEqual([]);
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
