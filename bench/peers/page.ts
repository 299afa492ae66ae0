// tsx bench/peers/page.ts: draws bench/results/peers.md and its charts anew from peers.json, without measuring.
import { writeFileSync } from 'node:fs';
import { charts } from './charts.ts';
import { markdown } from './markdown.ts';
import { chartFile, committedFile, pageFile, readResults } from './results.ts';

const results = readResults(committedFile);
const drawn = charts(results);
for (const { name, svg } of drawn) writeFileSync(chartFile(name), svg);
writeFileSync(pageFile, markdown(results, drawn));
