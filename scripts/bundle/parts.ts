// How the module of a part gets into the code: as text, or under the conditions of edge runtimes by an import of the file.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';
import { deflated } from '../generate/inline.ts';

const folder = 'src/parts/generated';

/** Conditions of package.json, and what they append to the import of a module. */
const conditions: Readonly<Record<string, string>> = { workerd: '', 'edge-light': '?module' };

/** The entries of each part, in dist/parts: crossEntropy.js, crossEntropy.f64.js, crossEntropy.workerd.js … */
export function partEntries(root: string): Record<string, string> {
  const names = readdirSync(join(root, folder)).flatMap((file) =>
    file.endsWith('.ts') ? file.slice(0, -3) : [],
  );
  return Object.fromEntries(
    names.flatMap((name) => [
      [`parts/${name}`, join(root, folder, `${name}.ts`)],
      ...Object.keys(conditions).map((condition) => [
        `parts/${name}.${condition}`,
        join(root, folder, `${name}.ts?${condition}`),
      ]),
    ]),
  );
}

const isEntry = (path: string): boolean => dirname(path).endsWith(folder);
export const isPart = (path: string): boolean => isEntry(path) && path.endsWith('.wasm');

/** An entry is read once more for each condition: with the condition behind its name. */
export const parts: Plugin = {
  name: 'parts',
  resolveId(source, importer) {
    if (importer === undefined) return isEntry(source) ? source : undefined;
    const [from, condition] = importer.split('?');
    if (!isEntry(from)) return undefined;
    const path = join(dirname(from), source);
    if (condition === undefined) return isPart(path) ? path : undefined;
    if (isPart(path)) return { id: `./${basename(path)}${conditions[condition]}`, external: true };
    if (isEntry(path)) return `${path}?${condition}`;
    return source === '../load.ts' ? join(dirname(from), '../edge.ts') : undefined;
  },
  load(id) {
    const [path, condition] = id.split('?');
    if (isPart(path)) return textOf(path);
    return condition !== undefined && isEntry(path)
      ? { code: readFileSync(path, 'utf8'), moduleType: 'ts' }
      : undefined;
  },
};

/** A module that has the bytes of a file as text, as src/parts/part.ts says. */
export const textOf = (path: string): string => {
  const wasm = readFileSync(path);
  return `export default { text: '${deflated(basename(path), wasm)}', size: ${wasm.length} };`;
};
