// What README and docs show compiles against the packed package, with the types of the libraries that it goes with.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { linkPackages } from '../interop/blocks.ts';
import { missing } from '../missing.ts';
import { blocksOf, documents } from './blocks.ts';
import { errorsOf, isThere, project } from './installed.ts';

/** Documents that go with other libraries, and the folders whose packages these are. */
const others = {
  // before test/interop, which has another package in ONNX Runtime's place
  'docs/training.md': ['examples/perplexity/runtimes', 'test/tfjs', 'test/interop'],
  'docs/interop.md': ['test/interop'],
};
const modulesOf = (folder: string): string =>
  fileURLToPath(new URL(`../../${folder}/node_modules`, import.meta.url));
const absent = Object.entries(others).flatMap(([document, folders]) => {
  const needed = folders.filter((folder) => !existsSync(modulesOf(folder)));
  for (const folder of needed) {
    const install = `npm ci --prefix ${folder}`;
    missing({ what: `types of ${document}`, why: 'its libraries are not installed', install });
  }
  return needed.length === 0 ? [] : [document];
});

/** Of libraries without types of their own: anything, which says nothing of how they are used. */
const UNTYPED = ['ndarray', 'ndarray-ops'].map((name) => `declare module '${name}';`).join('\n');

const blocks = documents
  .flatMap(blocksOf)
  .filter(({ document }) => !absent.includes(document))
  .map((block) => ({ ...block, file: `${block.document.replaceAll(/\W/g, '-')}-${block.line}.ts` }));

describe.skipIf(!isThere).each(['5.9', '7.0'])('TypeScript %s', (version) => {
  const made = isThere ? project() : undefined!;
  afterAll(() => made?.remove());
  const folders = isThere ? new Set(Object.values(others).flat().map(modulesOf).filter(existsSync)) : [];
  for (const folder of folders) linkPackages(folder, made);
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
