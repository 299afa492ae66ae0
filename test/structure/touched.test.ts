// What a loss touches: the two that others are written after, as docs/adding-a-loss.md says.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

it.each(['huber', 'smoothL1'])('%s stands in its own files and the registry', (name) => {
  // in code: comments may compare losses
  const word = new RegExp(`\\b${name}`, 'i');
  const code = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const naming = ['src', 'assembly', 'test/rows']
    .flatMap((folder) => filesBelow(join(root, folder)))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))
    .filter(({ path, text }) => !path.includes('/generated/') && (word.test(code(text)) || word.test(path)))
    .map(({ path }) => path);
  expect(naming.sort()).toEqual(
    [
      `assembly/kernels/${name}.ts`,
      `src/js/points/${name}.ts`,
      `src/losses/${name}.ts`,
      'src/losses/registry.ts',
      `test/rows/${name}.ts`,
    ].sort(),
  );
});
