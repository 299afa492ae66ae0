// The page is made of the files that are published: `simdloss` is what the package's exports say, and what bench/ reads
// of the library's sources comes from dist/, too.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, { default: string }>;
};

export const published = (): Plugin => ({
  name: 'published',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    if (source === 'simdloss') return root + exports['.'].default.slice(2);
    if (!source.startsWith('.') || importer === undefined) return null;
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    if (!found?.id.startsWith(`${root}src/`)) return null;
    return `${root}dist/${found.id.slice(root.length + 4).replace(/\.ts$/, '.js')}`;
  },
});
