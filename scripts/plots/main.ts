// npm run plots: writes docs/plots. Needs a build.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { load } from '../../src/index.ts';
import { draw } from './draw.ts';
import { figures } from './figures.ts';

const folder = new URL('../../docs/plots/', import.meta.url);
mkdirSync(folder, { recursive: true });
const F = await load();
const files = new Map<string, string>();
for (const [name, figure] of Object.entries(figures(F))) files.set(`${name}.svg`, draw(figure));
F.dispose();
for (const file of readdirSync(folder)) if (!files.has(file)) rmSync(new URL(file, folder));
for (const [file, svg] of files) {
  writeFileSync(new URL(file, folder), svg);
  console.log(`wrote docs/plots/${file}, ${(svg.length / 1000).toFixed(1)} kB`);
}
