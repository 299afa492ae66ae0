// docs/api.md: every export, option and error code, from the types, their doc comments and the tables that check options.
import { cuttable } from '../../src/cut/exports.ts';
import { helpers, rowFigures } from '../../src/helpers/specs.ts';
import { descriptors } from '../../src/losses/registry.ts';
import type { OptionTable } from '../../src/options/specs.ts';
import { optionTables } from '../../src/plan/options.ts';
import { domainText } from './domains.ts';
import { cell } from './losses.ts';
import type { Named, Sources } from './types.ts';

/** Where an entry's exports are declared. */
const entries: Readonly<Record<string, string>> = {
  simdloss: 'src/load/complete.ts',
  'simdloss/url': 'src/load/url.ts',
  'simdloss/core': 'src/load/core.ts',
  'simdloss/losses': 'src/parts/generated/index.ts',
};

/** That of 'simdloss/evaluate', which has nothing of the others. */
const EVALUATE = 'src/evaluate/index.ts';
/** Those that are handed what they work with. */
const TRAINING = 'src/tfjs/index.ts';
const TABLES = 'src/duckdb/index.ts';
const SERVERS = 'src/clickhouse/index.ts';

/** What inputs hold that are no numbers of a domain. */
const INTEGERS: Readonly<Record<string, string>> = { indices: 'class indices', lengths: 'lengths' };

const code = (text: string): string => `\`${text}\``;

function optionRows(table: OptionTable, docs: ReadonlyMap<string, string>, names: readonly string[]): string {
  const fallback = (value: unknown): string =>
    value === undefined || Number.isNaN(value)
      ? ''
      : typeof value === 'string'
        ? code(`'${value}'`)
        : code(String(value));
  const rows = names.map(
    (name) =>
      `| ${code(name)} | ${cell(docs.get(name) ?? table[name].values)} | ${cell(table[name].values)} | ${fallback(table[name].fallback)} |`,
  );
  return ['| option | meaning | values | default |', '|---|---|---|---|', ...rows].join('\n');
}

function entriesSection(sources: Sources): string {
  const common = new Set(sources.exportsOf(entries.simdloss).keys());
  const rows = Object.entries(entries).map(([entry, path]) => {
    const names = [...sources.exportsOf(path).keys()];
    const missing = [...common].filter((name) => !names.includes(name));
    if (missing.length > 0) throw new Error(`${entry} lacks ${missing}`);
    const own = names.filter((name) => !common.has(name)).map(code);
    const what =
      entry === 'simdloss'
        ? `${['load', 'loadSync', 'Tensor'].map(code).join(', ')}, and the types below`
        : ['the same', ...own].join(', ');
    return `| ${code(entry)} | ${what} |`;
  });
  const evaluation = [...sources.exportsOf(EVALUATE).keys()].map(code).join(', ');
  rows.push(`| ${code('simdloss/evaluate')} | ${evaluation} |`);
  const apart = Object.keys(cuttable)
    .filter((name) => name.includes('/'))
    .flatMap((name) => [`simdloss/losses/${name}`, `simdloss/losses/${name}/f64`]);
  return [
    '## Entries',
    '',
    '`simdloss/complete` is `simdloss`, `simdloss/losses/<name>` and `simdloss/losses/<name>/f64` have one of the parts of',
    `\`simdloss/losses\`; ${apart.map(code).join(' and ')} add what that part leaves out.`,
    '`simdloss/worker` exports nothing: it is what a worker runs. `simdloss/simdloss.wasm` and `simdloss/simdloss.relaxed.wasm` are',
    'the modules, and `simdloss/simdloss.clickhouse.wasm` is that of [ClickHouse](sql.md).',
    '',
    '| entry | exports |',
    '|---|---|',
    ...rows,
    `| \`simdloss/tfjs\` | [\`lossFor\`](#simdlosstfjs) |`,
    `| \`simdloss/duckdb\` | [\`register\`](#simdlossduckdb) |`,
    `| \`simdloss/clickhouse\` | ${valuesOf(sources, SERVERS).map(code).join(', ')}: [below](#simdlossclickhouse) |`,
  ].join('\n');
}

function loadSection(sources: Sources, exported: ReadonlyMap<string, Named>): string {
  const rows = sources
    .members(exported.get('LoadOptions')!)
    .map(
      (option) =>
        `| ${code(option.name)} | ${cell(sources.doc(option))} | ${cell(code(sources.typeText(option)))} |`,
    );
  return [
    ...['load', 'loadSync'].map(
      (name) => `## \`${name}(options?)\`\n\n${sources.text(exported.get(name)!)}\n`,
    ),
    '### `LoadOptions`',
    '',
    '| option | meaning | type |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

const kinds = (sources: Sources, exported: ReadonlyMap<string, Named>) => {
  const names = (name: string): Set<string> =>
    new Set(sources.members(exported.get(name)!).map((member) => member.name));
  return {
    losses: names('Losses'),
    helpers: new Set([...names('Helpers'), ...names('RowFigures')]),
    maths: names('MathFunctions'),
  };
};

function instanceSection(sources: Sources, exported: ReadonlyMap<string, Named>): string {
  const { losses, helpers: ours, maths } = kinds(sources, exported);
  const rest = sources
    .members(exported.get('LossFunctions')!)
    .filter(({ name }) => !losses.has(name) && !ours.has(name) && !maths.has(name));
  return [
    '## The instance',
    '',
    'What `load` resolves to, `F` below. It has the losses and helpers, each a frozen function, and',
    '',
    '| member | what it is |',
    '|---|---|',
    ...rest.map(
      (member) =>
        `| ${code(`F.${member.name}${sources.call(member) ?? ''}`)} | ${cell(sources.doc(member))} |`,
    ),
  ].join('\n');
}

function lossesSection(sources: Sources, exported: ReadonlyMap<string, Named>): string {
  const members = new Map(
    sources.members(exported.get('Losses')!).map((member) => [member.name, member] as const),
  );
  const first = members.get(descriptors[0].name)!;
  const forms = sources
    .propertiesOf(sources.typeOf(first))
    .filter((form) => sources.call(form) !== undefined);
  const data = sources.propertiesOf(sources.typeOf(first)).filter((form) => sources.call(form) === undefined);
  // a loss with every kind of option, for what is common to all
  const own = new Set(descriptors.flatMap(({ options }) => Object.keys(options)));
  const most = descriptors.find(({ hessian }) => hessian !== undefined)!;
  const { prepared } = optionTables(most);
  const common = Object.keys(prepared).filter((name) => !own.has(name));
  const commonDocs = sources.allOptionDocs(first);
  const lines = [
    '## Losses',
    '',
    'Every loss is called in the same ways:',
    '',
    '| call | what it does |',
    '|---|---|',
    `| ${code(`F.<loss>${sources.call(first)}`)} | The value: a number, or with reduction 'none' an array in the shape of the loss. |`,
    ...forms.map(
      (form) => `| ${code(`F.<loss>.${form.name}${sources.call(form)}`)} | ${cell(sources.doc(form))} |`,
    ),
    ...data.map((member) => `| ${code(`F.<loss>.${member.name}`)} | ${cell(sources.doc(member))} |`),
    '',
    'Results are tensors where the input is one, and `{ data, shape }` otherwise. Options of all of them (`batchmean` is klDiv’s;',
    '`compute` is `.prepare`’s, and `hessian`, `hessianScale` and `minHessian` are those of `.gradAndHess` and of steps that do it,',
    "whose reduction is 'sum' unless another is given):",
    '',
    optionRows(prepared, commonDocs, common),
  ];
  for (const descriptor of descriptors) {
    const member = members.get(descriptor.name)!;
    const docs = sources.allOptionDocs(member);
    const inputs = descriptor.inputs.map(
      (input) => `${code(input.name)}: ${INTEGERS[input.holds] ?? domainText(descriptor, input.name)}`,
    );
    lines.push(
      '',
      `### \`F.${descriptor.name}\``,
      '',
      sources.text(member),
      '',
      `Domains: ${inputs.join('; ')}. [More](losses.md#${descriptor.name.toLowerCase()}).`,
      '',
      optionRows(descriptor.options, docs, Object.keys(descriptor.options)),
    );
  }
  return lines.join('\n');
}

function helpersSection(sources: Sources, exported: ReadonlyMap<string, Named>): string {
  const lines = [
    '## Helpers',
    '',
    `Maps with a backward of their own: ${code('F.<helper>(input, options?)')} and ${code('F.<helper>.grad(saved, gradOutput, options?)')}.`,
    sources.doc(exported.get('Helpers')!),
  ];
  const rows = (name: string): string[] =>
    sources
      .members(exported.get(name)!)
      .map((member) => `| ${code(`F.${member.name}`)} | ${cell(sources.doc(member))} |`);
  const options = ['HelperOptions', 'AxisOptions'].flatMap((name) =>
    sources.members(exported.get(name)!).map((option) => [option.name, sources.doc(option)] as const),
  );
  const axes = helpers
    .filter(({ forward }) => forward.loop === 'classes')
    .map(({ name }) => code(`F.${name}`));
  lines.push('', '| helper | what it is |', '|---|---|', ...rows('Helpers'), '');
  lines.push('| option | meaning |', '|---|---|');
  for (const [name, doc] of new Map(options)) {
    lines.push(`| ${code(name)} | ${cell(doc)}${name === 'axis' ? ` (${axes.join(', ')})` : ''} |`);
  }
  lines.push('', '## Math functions', '', sources.doc(exported.get('MathFunctions')!), '');
  lines.push('| function | what it is |', '|---|---|', ...rows('MathFunctions'));
  return lines.join('\n');
}

function figuresSection(sources: Sources, exported: ReadonlyMap<string, Named>): string {
  const [member] = sources.members(exported.get('RowFigures')!);
  const rows = (name: string, show: (member: string) => string): string[] =>
    sources
      .members(exported.get(name)!)
      .map((one) => `| ${code(show(one.name))} | ${cell(sources.doc(one))} |`);
  return [
    '## Figures of rows',
    '',
    `### \`F.${member.name}${sources.call(member)}\``,
    '',
    sources.text(member),
    '',
    '| result | what it is |',
    '|---|---|',
    ...rows('FiguresOf', (name) => name),
    '',
    '| option | meaning |',
    '|---|---|',
    ...rows('RowFiguresOptions', (name) => name),
  ].join('\n');
}

function evaluationSection(sources: Sources): string {
  const exported = sources.exportsOf(EVALUATE);
  const rows = (name: string): string[] =>
    sources
      .members(exported.get(name)!)
      .map((one) => `| ${code(`${one.name}${sources.call(one) ?? ''}`)} | ${cell(sources.doc(one))} |`);
  return [
    '## Evaluation',
    '',
    "`import { evaluate } from 'simdloss/evaluate'`: [which figure says what](evaluating.md).",
    '',
    '### `evaluate(F, options)`',
    '',
    sources.text(exported.get('evaluate')!),
    '',
    '| option | meaning |',
    '|---|---|',
    ...rows('EvaluationOptions'),
    '',
    '### `Evaluation`',
    '',
    sources.doc(exported.get('Evaluation')!),
    '',
    '| member | what it is |',
    '|---|---|',
    ...rows('Evaluation'),
    '',
    '| option of `add` | meaning |',
    '|---|---|',
    ...rows('AddOptions'),
    '',
    '| result | what it is |',
    '|---|---|',
    ...rows('Results'),
  ].join('\n');
}

function tensorSection(sources: Sources, exported: ReadonlyMap<string, Named>): string {
  const tensor = exported.get('Tensor')!;
  const rows = sources.members(tensor).map((member) => {
    const name = `${member.name}${sources.call(member) ?? ''}`;
    return `| ${code(name.startsWith('__@dispose') ? '[Symbol.dispose]()' : name)} | ${cell(sources.doc(member))} |`;
  });
  return ['## `Tensor`', '', sources.text(tensor), '', '| member | what it is |', '|---|---|', ...rows].join(
    '\n',
  );
}

/** An entry with functions and types of its own. */
const isType = (sources: Sources, symbol: Named): boolean =>
  /^export (type|interface)/.test(sources.declaration(symbol));

/** The names of an entry's exports that are no types. */
const valuesOf = (sources: Sources, path: string): string[] =>
  [...sources.exportsOf(path)].filter(([, symbol]) => !isType(sources, symbol)).map(([name]) => name);

function ownSection(sources: Sources, entry: string, path: string, what: string): string {
  const exported = sources.exportsOf(path);
  const lines = [`## \`${entry}\``, '', what, ''];
  for (const [name, symbol] of exported) {
    if (isType(sources, symbol)) continue;
    lines.push(`### \`${name}${sources.call(symbol) ?? ''}\``, '', sources.text(symbol), '');
  }
  return [...lines, ...declarations(sources, exported)].join('\n').trimEnd();
}

/** Types that have a section of their own. */
const described = [
  ...['load', 'loadSync', 'LoadOptions', 'LossFunctions', 'Losses', 'Loss', 'Helpers', 'MathFunctions'],
  ...['Tensor', 'ErrorCode', 'Evaluation', 'evaluate'],
];

function typesSection(sources: Sources): string {
  const all = new Map([...Object.values(entries), EVALUATE].flatMap((path) => [...sources.exportsOf(path)]));
  const parts = new Set<string>([...descriptors, ...helpers, rowFigures].map(({ name }) => name));
  const types = [...all].filter(([name]) => !described.includes(name) && !parts.has(name));
  const lines = [
    '## Types',
    '',
    '`F` is a `LossFunctions`: `Losses` (each a `Loss`), `Helpers`, `MathFunctions` and what is in [the instance](#the-instance).',
    '',
  ];
  return [...lines, ...declarations(sources, new Map(types))].join('\n').trimEnd();
}

function declarations(sources: Sources, all: ReadonlyMap<string, Named>): string[] {
  const types = [...all].filter(([, symbol]) => isType(sources, symbol));
  const lines: string[] = [];
  for (const [name, symbol] of types.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const doc = sources.doc(symbol);
    lines.push(`### \`${name}\``, '', ...(doc === '' ? [] : [doc, '']));
    lines.push('```typescript', sources.declaration(symbol), '```', '');
  }
  return lines;
}

/** docs/api.md */
export function apiSource(sources: Sources): string {
  const exported = sources.exportsOf(entries.simdloss);
  return `${[
    '# API',
    'Generated from the types and their doc comments by `npm run generate`; do not edit. What each loss is for:\n[losses.md](losses.md).',
    entriesSection(sources),
    loadSection(sources, exported),
    instanceSection(sources, exported),
    lossesSection(sources, exported),
    helpersSection(sources, exported),
    figuresSection(sources, exported),
    tensorSection(sources, exported),
    evaluationSection(sources),
    ownSection(
      sources,
      'simdloss/tfjs',
      TRAINING,
      'Losses for [training](training.md) with TensorFlow.js, whose namespace is handed in.',
    ),
    ownSection(
      sources,
      'simdloss/duckdb',
      TABLES,
      'Losses as [functions of SQL](command-line.md#in-duckdb), on a connection of @duckdb/node-api that is handed in.',
    ),
    ownSection(
      sources,
      'simdloss/clickhouse',
      SERVERS,
      'Losses as [functions of ClickHouse](sql.md), and sums over its shards that are exact.',
    ),
    `## Errors\n\n${sources.doc(exported.get('ErrorCode')!)}`,
    typesSection(sources),
  ].join('\n\n')}\n`;
}
