import { readdirSync, readFileSync } from 'node:fs';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { domainText } from './domains.ts';

const root = new URL('../../', import.meta.url);
const sources = ['src/losses/', 'src/families/']
  .map((path) => new URL(path, root))
  .flatMap((folder) => readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8')))
  .join('\n');

/** A doc comment as one line. */
const plain = (comment: string): string => comment.replaceAll(/\s*\n\s*\* ?/g, ' ').trim();

/** What stands between `/**` and the end of the comment, right before `declaration`. */
function commentOf(text: string, declaration: string): string {
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:readonly )?${declaration}`).exec(text);
  return found ? plain(found[1]) : '';
}

/** The first sentence of a loss's doc comment. */
export const summaryOf = (name: string): string =>
  /^.*?[.](?= |$)/.exec(commentOf(sources, `${name}: Loss<`))?.[0].replaceAll('`', '') ?? name;

/** The doc comment of an option: of the loss's own record of options, or of one that it extends. */
function meaning(record: string, option: string): string {
  const found = new RegExp(`interface ${record}(?: extends (\\w+))? \\{([^]*?)\\n\\}`).exec(sources);
  if (!found) return '';
  const [, parent, body] = found;
  return commentOf(body, `${option}\\?:`) || (parent ? meaning(parent, option) : '');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${text}\``;
const heading = ({ name }: Descriptor): string => `[${code(name)}](#${name.toLowerCase()})`;

/** Where a loss may be under another name. */
export const ELSEWHERE = { torch: 'PyTorch', keras: 'Keras', optax: 'optax', sklearn: 'sklearn' } as const;

function overview(): string {
  const rows = descriptors.map(
    (d) => `| ${heading(d)} | ${cell(d.formula)} | ${cell(domainText(d, d.inputs[0].name))} |`,
  );
  return ['| loss | of one term | input |', '|---|---|---|', ...rows].join('\n');
}

function facts(descriptor: Descriptor): string {
  const { name, formula, inputs, like, options, batchmean } = descriptor;
  const doc = commentOf(sources, `${name}<I extends`);
  const gradient = / gradient (.*?)[;.] /.exec(doc)?.[1] ?? '';
  const record = new RegExp(`readonly ${name}: Forms<(\\w+)`).exec(sources)?.[1] ?? '';
  const optionRows = Object.entries(options).map(
    ([option, { values }]) => `| ${code(option)} | ${cell(meaning(record, option))} | ${cell(values)} |`,
  );
  return [
    '```text',
    `value      ${formula}`,
    `gradient   ${gradient}`,
    ...inputs
      .filter(({ holds }) => holds === 'numbers')
      .map((input) => `${input.name.padEnd(10)} ${domainText(descriptor, input.name)}`),
    `reduction  mean, sum, none${batchmean ? ', batchmean' : ''}`,
    ...Object.entries(ELSEWHERE).flatMap(([key, library]) => {
      const there = like[key as keyof typeof like];
      return there === undefined ? [] : [`${library.padEnd(10)} ${there}`];
    }),
    '```',
    '',
    `![Value and gradient of ${name} over the prediction](plots/${name}.svg)`,
    '',
    '| option | meaning | values |',
    '|---|---|---|',
    ...optionRows,
  ].join('\n');
}

/** docs/losses.md with what follows from the registry brought up to date; a test tells of a section that is missing. */
export function lossesSource(): string {
  const parts: Record<string, string> = { overview: overview() };
  for (const descriptor of descriptors) parts[descriptor.name] = facts(descriptor);
  const text = readFileSync(new URL('docs/losses.md', root), 'utf8');
  return text.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- \/\1 -->/g, (whole, name: string) =>
    parts[name] ? `<!-- ${name} -->\n${parts[name]}\n<!-- /${name} -->` : whole,
  );
}
