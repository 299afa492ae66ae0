// The library of the page is the one that is published: `simdloss` is what the package's exports say for browsers. Of
// the sources only the registry is taken, which says what the losses are, and not how they are computed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, { default: string }>;
};

/** What describes the losses, and what those descriptions import. */
const isMetadata = (path: string): boolean =>
  /^(losses\/\w+|families\/\w+|options\/(interval|specs)|helpers\/specs|memory\/(lists|operand|shape|tensor)|\w+)\.ts$/.test(
    path,
  );

export const published = (): Plugin => ({
  name: 'published',
  enforce: 'pre',
  resolveId: (source) => (source === 'simdloss' ? root + exports['.'].default.slice(2) : null),
  moduleParsed({ id }) {
    if (id.startsWith(`${root}src/`) && !isMetadata(id.slice(root.length + 4)))
      this.error(`${id} is a source of the library: the page takes what is published`);
  },
});
