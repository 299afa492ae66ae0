// tsx bench/peers/page.ts: draws bench/results/peers.md and its charts anew from the JSON, without measuring.
import { writeFileSync } from 'node:fs';
import { charts } from './charts.ts';
import { markdown } from './markdown.ts';
import { chartFile, pageFile, shownResults } from './results.ts';

const { name, results } = shownResults();
const drawn = charts(results);
for (const chart of drawn) writeFileSync(chartFile(chart.name), chart.svg);
writeFileSync(pageFile, markdown(name, results, drawn));
console.log(`bench/results/peers.md shows ${name}`);
