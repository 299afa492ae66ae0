// What the page is built with is installed by `npm ci --prefix site` (the plotting library is the root's); what it shows is
// built by `npm run build`.
import { existsSync } from 'node:fs';

const needed = [
  { path: 'node_modules/vite/package.json', hint: 'npm ci --prefix site' },
  { path: '../node_modules/@observablehq/plot/package.json', hint: 'npm ci' },
  { path: '../dist/index.js', hint: 'npm run build' },
];

/** What is to be run before the page can be built; undefined where nothing is missing. */
export const missing = (): string | undefined =>
  needed.find(({ path }) => !existsSync(new URL(path, import.meta.url)))?.hint;

export function requireInstalled(): void {
  const hint = missing();
  if (hint === undefined) return;
  console.error(`\n*** The page cannot be built: run \`${hint}\` first. ***\n`);
  process.exit(1);
}
