// Writes the tables and the plot of docs/accuracy.md: tsx scripts/accuracy/main.ts (after a build).
import { writeFileSync } from 'node:fs';
import { documentFiles } from './document.ts';

const files = await documentFiles();
for (const [path, text] of Object.entries(files)) {
  writeFileSync(new URL(`../../${path}`, import.meta.url), text);
  console.log(`wrote ${path}`);
}
