import { readFileSync } from 'node:fs';
import { load } from 'simdloss';
import type { Results } from 'simdloss/evaluate';
import { formatTable } from '../train/table.ts';
import { byCommand, line } from './command.ts';
import { costOf, costs, dearest, type Windows, windowsOf } from './evaluate.ts';
import { type Logits, runtimes } from './runtimes/runtimes.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const text = read('text/held-out.md');
const expected = JSON.parse(read('expected.json'));

const F = await load();
const row = (name: string, { count, loss, perplexity }: Results) => [
  name,
  String(count),
  ...[loss, loss / Math.LN2, perplexity!].map((figure) => figure.toFixed(4)),
];
const rows = [row('PyTorch', expected)];
let last: [Logits, Windows] | undefined;
for (const [name, create] of Object.entries(runtimes)) {
  const runtime = await create();
  const windows = windowsOf(runtime.tokens(text));
  const logits = await runtime.logits(windows.ids, windows.shape);
  rows.push(row(name, costOf(F, logits, windows)));
  last = [logits, windows];
}
console.log(formatTable(['logits of', 'bytes', 'nats', 'bits', 'perplexity'], rows, 1));
console.log(`\n$ ${line}\n${byCommand(...last!)}`);
const words = dearest(text, costs(F, ...last!), 8).map(({ word, nats }) => [word, nats.toFixed(1)]);
console.log(formatTable(['dearest words', 'nats'], words, 1));
F.dispose();
