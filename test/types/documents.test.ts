// What README and docs show compiles against the packed package, with the types of the libraries that it goes with.
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../missing.ts';
import { blocksOf, documents } from './blocks.ts';
import { errorsOf, isThere, project } from './installed.ts';

/** Documents that go with other libraries, and the folder in test/ whose packages these are. */
const others = { 'docs/interop.md': 'interop', 'docs/training.md': 'tfjs' };
const modulesOf = (folder: string): string =>
  fileURLToPath(new URL(`../${folder}/node_modules`, import.meta.url));
const absent = Object.entries(others).flatMap(([document, folder]) => {
  if (existsSync(modulesOf(folder))) return [];
  const install = `npm ci --prefix test/${folder}`;
  missing({ what: `types of ${document}`, why: 'its libraries are not installed', install });
  return [document];
});

/** Of libraries without types of their own: anything, which says nothing of how they are used. */
const UNTYPED = ['ndarray', 'ndarray-ops'].map((name) => `declare module '${name}';`).join('\n');

const blocks = documents
  .flatMap(blocksOf)
  .filter(({ document }) => !absent.includes(document))
  .map((block) => ({ ...block, file: `${block.document.replaceAll(/\W/g, '-')}-${block.line}.ts` }));

/** Names of packages in a folder of them. */
const packagesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : name,
  );

describe.skipIf(!isThere).each(['5.9', '7.0'])('TypeScript %s', (version) => {
  const made = isThere ? project() : undefined!;
  afterAll(() => made?.remove());
  const folders = isThere ? Object.values(others).map(modulesOf).filter(existsSync) : [];
  for (const folder of folders)
    for (const name of packagesIn(folder)) {
      const there = join(made.folder, 'node_modules', name);
      if (name.startsWith('.') || existsSync(there)) continue;
      mkdirSync(dirname(there), { recursive: true });
      symlinkSync(join(folder, name), there);
    }
  const files = ['untyped.d.ts', ...blocks.map(({ file }) => file)];
  const options = { lib: ['es2022', 'dom'], types: ['node'], skipLibCheck: true };
  const check = (name: string, all: readonly string[]) => errorsOf(version, made, name, all, options);
  made?.write('untyped.d.ts', UNTYPED);
  for (const { file, source } of isThere ? blocks : []) made.write(file, source);

  it('finds what does not compile', async () => {
    made.write('wrong.ts', "import { load } from 'simdloss';\n(await load()).mse([1], [1], { delta: 1 });\n");
    expect(await check('wrong', ['wrong.ts'])).toEqual([expect.stringMatching(/^wrong\.ts\(2,\d+\)/)]);
  });

  it('every block', async () => {
    expect(blocks.length).toBeGreaterThan(absent.length === 0 ? 10 : 5);
    // all in one run: most of its time the compiler reads libraries
    const errors = await check('documents', files);
    const named = errors.map((error) => {
      const [, file, line, rest] = /^([\w-]+\.ts)\((\d+)(.*)$/.exec(error) ?? ['', '', '', error];
      const block = blocks.find((one) => one.file === file);
      return block === undefined ? error : `${block.document}:${block.line + Number(line) - 3}${rest}`;
    });
    expect(named).toEqual([]);
  });
});
