// npm run build:site [-- --out <folder>]: the page as static files in site/dist. They work below any path, isolated or not.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireInstalled } from './installed.ts';

requireInstalled();
const { build } = await import('vite');
const { values } = parseArgs({ options: { out: { type: 'string' } } });
await build({
  configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)),
  ...(values.out === undefined ? {} : { build: { outDir: resolve(values.out) } }),
});
