import { readFileSync } from 'node:fs';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { domainText } from './domains.ts';
import { ELSEWHERE } from './elsewhere.ts';
import { type Named, type Sources, withSources } from './types.ts';

const root = new URL('../../', import.meta.url);

/** Where losses are declared. */
const PUBLIC = 'src/load/complete.ts';

interface Said {
  /** The options that it holds with; the first holds without any. */
  readonly when: string;
  readonly value: string;
  readonly gradient: string;
}

/** The formulas of a doc comment: `value …; gradient ….`, each but the first after "With `option`:". */
function formulasOf(doc: string): Said[] {
  const text = doc.replaceAll(/\s+/g, ' ');
  const found = text.matchAll(
    /(?:With ((?:`[^`]+`(?: and )?)+): )?value (.*?); gradient (.*?)(?=[;.](?: |$))/g,
  );
  return [...found].map(([, when = '', value, gradient]) => ({
    when: when.replaceAll('`', ''),
    value,
    gradient,
  }));
}

export const cell = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
const code = (text: string): string => `\`${text}\``;
const heading = ({ name }: Descriptor): string => `[${code(name)}](#${name.toLowerCase()})`;

function overview(): string {
  const rows = descriptors.map(
    (d) => `| ${heading(d)} | ${cell(d.formula)} | ${cell(domainText(d, d.inputs[0].name))} |`,
  );
  return ['| loss | of one term | input |', '|---|---|---|', ...rows].join('\n');
}

function facts(descriptor: Descriptor, member: Named, sources: Sources): string {
  const { name, formula, inputs, like, options, batchmean } = descriptor;
  const [first, ...others] = formulasOf(sources.doc(member));
  const docs = sources.allOptionDocs(member);
  const optionRows = Object.entries(options).map(
    ([option, { values }]) => `| ${code(option)} | ${cell(docs.get(option) ?? '')} | ${cell(values)} |`,
  );
  return [
    '```text',
    `value      ${formula.includes(';') ? first.value : formula}`,
    `gradient   ${first.gradient}`,
    ...others.flatMap(({ when, value, gradient }) => [
      `with ${when}`,
      `  value    ${value}`,
      `  gradient ${gradient}`,
    ]),
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

const membersOf = (sources: Sources): Map<string, Named> =>
  new Map(sources.members(sources.exportsOf(PUBLIC).get('Losses')!).map((member) => [member.name, member]));

let summaries: ReadonlyMap<string, string> | undefined;

const firstSentence = (doc: string): string =>
  /^.*?[.](?= |$)/.exec(doc.replaceAll(/\s+/g, ' '))?.[0].replaceAll('`', '') ?? '';

/** The first sentence of a loss's doc comment. The compiler, which reads them, is started once for all. */
export function summaryOf(name: string): string {
  summaries ??= withSources(
    (sources) =>
      new Map(
        [...membersOf(sources)].map(([loss, member]) => [loss, firstSentence(sources.doc(member))] as const),
      ),
  );
  return summaries.get(name) || name;
}

/** docs/losses.md with what follows from the registry brought up to date; a test tells of a section that is missing. */
export function lossesSource(sources: Sources): string {
  const members = membersOf(sources);
  const parts: Record<string, string> = { overview: overview() };
  for (const descriptor of descriptors) {
    parts[descriptor.name] = facts(descriptor, members.get(descriptor.name)!, sources);
  }
  const text = readFileSync(new URL('docs/losses.md', root), 'utf8');
  return text.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- \/\1 -->/g, (whole, name: string) =>
    parts[name] ? `<!-- ${name} -->\n${parts[name]}\n<!-- /${name} -->` : whole,
  );
}
