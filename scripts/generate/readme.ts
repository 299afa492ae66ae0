import { readFileSync } from 'node:fs';
import { descriptors } from '../../src/losses/registry.ts';
import { figures } from './figures.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
export function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the document lacks ${open} … ${close}`);
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`;
}

function lossTable(): string {
  const rows = descriptors.map((d) => {
    const options = Object.keys(d.options).map((o) => `\`${o}\``);
    const torch = d.like.torch?.replace('torch.nn.functional.', '');
    return `| \`${d.name}\` | ${d.formula.replaceAll('|', '\\|')} | ${options.join(', ')} | ${torch ? `\`${torch}\`` : ''} |`;
  });
  return ['| loss | of one term | options of its own | PyTorch |', '|---|---|---|---|', ...rows].join('\n');
}

/** README.md with the table of losses, the example and what was measured brought up to date. */
export function readmeSource(): string {
  const example = ['```ts', read('examples/node/readme.ts').trim(), '```'].join('\n');
  const parts = { losses: lossTable(), example, ...figures() };
  return Object.entries(parts).reduce(
    (text, [name, content]) => between(text, name, content),
    read('README.md'),
  );
}
