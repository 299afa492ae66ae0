// The losses that are functions of ClickHouse, and their adapter: each elementwise one, and those of rows of classes with labels.
import { FLAGS, GRAD0, LANEWISE_CLASSES, VALUE, WEIGHT } from '../../../src/abi.ts';
import { KernelCall } from '../../../src/call.ts';
import type { Loops } from '../../../src/families/family.ts';
import { type Descriptor, dtypesOf } from '../../../src/losses/descriptor.ts';
import { descriptors } from '../../../src/losses/registry.ts';
import { showInterval } from '../../../src/options/interval.ts';
import type { OptionSpec } from '../../../src/options/specs.ts';
import { LOOPS } from '../../../src/wasm/loops.ts';
import { Imports } from '../imports.ts';
import { known, literal, optionsOf, run, textOf, type Value } from './translate.ts';

const isOfClasses = ({ family }: Descriptor): boolean => family.name === 'classes';

/** Losses that have functions, in the order of the registry. */
export const losses: readonly Descriptor[] = descriptors.filter(
  (d) => d.family.name === 'elementwise' || isOfClasses(d),
);

/** An option that is a constant argument. */
export interface ConstantOption {
  readonly name: string;
  readonly kind: 'number' | 'boolean' | 'word' | 'classWeights';
  /** Of a number NaN where none is given and none is meant; of a word its index from 1 on. */
  readonly fallback: number;
  readonly choices?: readonly string[];
  readonly spec: OptionSpec;
}

function constantOf(name: string, spec: OptionSpec): ConstantOption[] {
  const { operand, choices, fallback } = spec;
  if (operand !== undefined) {
    if (operand.shape === 'classes') return [{ name, kind: 'classWeights', fallback: Number.NaN, spec }];
    const isNumber = operand.number === 'broadcast' || operand.number === 'param';
    return isNumber ? [{ name, kind: 'number', fallback: Number.NaN, spec }] : [];
  }
  if (choices !== undefined)
    return [{ name, kind: 'word', fallback: choices.indexOf(fallback as string) + 1, choices, spec }];
  if (typeof fallback === 'boolean') return [{ name, kind: 'boolean', fallback: Number(fallback), spec }];
  return [{ name, kind: 'number', fallback: fallback as number, spec }];
}

/** Of arrays there is no other axis than theirs. */
export const constantsOf = ({ options }: Descriptor): ConstantOption[] =>
  Object.entries(options).flatMap(([name, spec]) => (name === 'axis' ? [] : constantOf(name, spec)));

/** What a descriptor's functions see of an option. */
function seen({ name, kind, choices, spec }: ConstantOption): Value {
  if (kind === 'classWeights') return known(undefined);
  if (kind === 'boolean') return { is: 'truth', text: `(${name} != 0)` };
  if (kind === 'word') return { is: 'word', text: name, choices: choices! };
  return { is: 'number', text: name, ...(spec.operand !== undefined && { mayLack: true }) };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

/** Statements that read an option from its column and check it. */
function reading({ name, kind, choices, spec, fallback }: ConstantOption, column: number): string[] {
  if (kind === 'classWeights')
    return [`if (more) classWeights(${column}, '${name}');`, 'else noClassWeights();'];
  const checks = (wrongIf: string, wanted: string): string[] => [
    `let ${name}: f64 = ${literal(fallback)};`,
    'if (more) {',
    `  ${name} = option(${column}, '${name}');`,
    `  if (${wrongIf}) refuseNumber('${name}', ${quoted(wanted)}, ${name});`,
    '}',
  ];
  if (kind === 'boolean') return checks(`${name} != 0 && ${name} != 1`, 'a boolean');
  if (kind === 'word') {
    const wanted = choices!.map((word) => `"${word}"`).join(' or ');
    return [
      `let ${name}: f64 = ${literal(fallback)};`,
      'if (more) {',
      `  ${name} = option(${column}, '${name}');`,
      `  if (!(${name} >= 1 && ${name} <= ${choices!.length})) {`,
      `    refuse('${name}', ${quoted(wanted)});`,
      '    raise();',
      '  }',
      '}',
    ];
  }
  const interval = spec.interval ?? spec.operand!.interval;
  const { low, high, isLowOpen, isHighOpen, isInteger } = interval;
  const within = [
    `${name} ${isLowOpen ? '>' : '>='} ${literal(low)}`,
    `${name} ${isHighOpen ? '<' : '<='} ${literal(high)}`,
    ...(isInteger ? [`trunc<f64>(${name}) == ${name}`] : []),
  ].join(' && ');
  const lacks = Number.isNaN(fallback) ? `!isNaN<f64>(${name}) && ` : '';
  return checks(`${lacks}!(${within})`, `${isInteger ? 'an integer' : 'a number'} ${showInterval(interval)}`);
}

/** Lines, further in. */
const within = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function decision(test: string, yes: readonly string[], no: readonly string[]): string[] {
  if (yes.join('\n') === no.join('\n')) return [...yes];
  return [`if (${test}) {`, ...within(yes), '} else {', ...within(no), '}'];
}

/** The statements of one way or the other of a value. */
function ways(value: Value, of: (value: Value) => readonly string[]): string[] {
  if (value.is === 'either') return decision(value.test, ways(value.yes, of), ways(value.no, of));
  if (value.is === 'error') return [`refuseAll(${quoted(value.message)});`];
  return [...of(value)];
}

/** The loops that a descriptor's choice leaves, as plan/dispatch has it. */
function loopsOf({ kernels }: Descriptor, kernel: string, isGeneral: boolean): Loops {
  const { loops } = kernels.find(({ name }) => name === kernel)!;
  return Object.fromEntries(
    LOOPS.map((loop) => {
      const isForThis =
        loops.includes(loop) && (loop === 'any' || !(isGeneral || !dtypesOf(loop).includes('f32')));
      return [loop, isForThis ? `${kernel}_${loop}` : undefined];
    }),
  ) as unknown as Loops;
}

const CALL = '../clickhouse/call';

function adapter(d: Descriptor, imports: Imports): string {
  const { name, inputs } = d;
  const constants = constantsOf(d);
  const use = (...names: string[]) => names.forEach((one) => void imports.use(CALL, one));
  const isRows = isOfClasses(d);
  const options = optionsOf({
    axis: known(Number.NaN),
    ...Object.fromEntries(constants.map((one) => [one.name, seen(one)])),
  });
  const classes: Value = { is: 'number', text: 'f64(classes)' };
  const ask = (what: 'kernel' | 'params' | 'soft' | 'isGeneral'): Value =>
    d[what] === undefined ? known(false) : run(name, what, [options, known('f32'), classes]);

  // operands that are numbers: a slot each
  let own = inputs.length;
  const operands = Object.entries(d.options).flatMap(([option, { operand }]) => {
    if (operand === undefined) return [];
    const slot = operand.slot === WEIGHT ? 'WEIGHT' : operand.slot === 'own' ? `IN${own++}` : '';
    return operand.number === 'broadcast' ? [{ option, slot }] : [];
  });
  const isPlain = operands.map(({ option }) => `isNaN<f64>(${option})`).join(' && ');

  const call = (loop: string): string[] => {
    imports.use('./exports', `${loop}_f32`);
    const tile = loop.endsWith('_lanes') ? ['needTile();'] : [];
    if (tile.length > 0) use('needTile');
    return [...tile, `${loop}_f32(CALL);`];
  };
  /** The kernel of a call that has these slots. */
  const kernelOf = (of: Partial<KernelCall>, plain: boolean, grad: boolean): string[] =>
    ways(ask('kernel'), (kernel) =>
      ways(ask('isGeneral'), (general) => {
        const pick = (isGeneral: boolean): string[] => {
          const record = Object.assign(new KernelCall(), of);
          record.given = (of.given ?? 0) | (1 << (grad ? GRAD0 : VALUE));
          record.flags = (of.flags ?? 0) | (grad ? 0 : FLAGS.VALUE);
          const loops = loopsOf(d, (kernel as { value: string }).value, isGeneral);
          return call(d.family.loop(loops, record, plain));
        };
        return general.is === 'known'
          ? pick(general.value === true)
          : decision(textOf(general), pick(true), pick(false));
      }),
    );
  const byGrad = (of: (grad: boolean) => string[]): string[] => decision('isGrad', of(true), of(false));

  const params = ways(ask('params'), (list) =>
    (list as { items: readonly Value[] }).items.flatMap((item, i) =>
      item.is === 'known' && item.value === 0
        ? []
        : [`store<f64>(CALL, ${textOf(item)}, ${imports.use('./abi', `CALL_P${i}`)});`],
    ),
  );
  // rows have a column more, which says which of them are NULL
  const read = constants.flatMap((option, i) => reading(option, inputs.length + Number(isRows) + i));
  use('CALL', 'begin');
  if (constants.some(({ kind }) => kind === 'classWeights')) use('classWeights', 'noClassWeights');
  if (constants.some(({ kind }) => kind !== 'classWeights')) use('option');
  if (constants.some(({ kind }) => kind === 'number' || kind === 'boolean')) use('refuseNumber');
  if (constants.some(({ kind }) => kind === 'word')) {
    use('refuse');
    imports.use('../clickhouse/errors', 'raise');
  }
  const text = read.join('\n') + params.join('\n');
  let body: string[];
  if (isRows) {
    use('beginRows', 'classes', 'endRows', 'nextRows');
    const hasWeights = constants.some(({ kind }) => kind === 'classWeights');
    if (hasWeights) use('hasWeights');
    const isEvery = !('ignoreIndex' in d.options);
    const soft = ask('soft');
    const softFlag =
      soft.is === 'known' && !soft.value ? '0' : `${textOf(soft)} ? ${imports.use('./abi', 'FLAG_SOFT')} : 0`;
    // labels whose rows have target probabilities in every class are no business of the loops for labels alone
    const kernels = (isSoft: boolean): string[] => {
      const flags = isSoft ? FLAGS.INDEX | FLAGS.SOFT : FLAGS.INDEX;
      const slotsOf = (weighted: boolean): string[] => {
        const given = weighted ? 1 << WEIGHT : 0;
        const of = (count: number) =>
          byGrad((grad) => kernelOf({ classes: count, given, flags }, true, grad));
        return decision(
          'classes == 2',
          of(2),
          decision(`classes > ${LANEWISE_CLASSES}`, of(LANEWISE_CLASSES + 1), of(LANEWISE_CLASSES)),
        );
      };
      return hasWeights ? decision('hasWeights()', slotsOf(true), slotsOf(false)) : slotsOf(false);
    };
    body = [
      `const out = beginRows(orNan, ${softFlag}, ${isEvery}, ${isEvery ? '-1' : 'ignoreIndex'});`,
      'while (nextRows()) {',
      ...within(params),
      ...within(softFlag === '0' ? kernels(false) : decision(textOf(soft), kernels(true), kernels(false))),
      '}',
      'endRows();',
      'return out;',
    ];
  } else {
    use('elements');
    if (operands.length > 0) use('broadcast');
    const grads = (plain: boolean) => byGrad((grad) => kernelOf({}, plain, grad));
    body = [
      ...params,
      ...operands.map(
        ({ option, slot }, k) =>
          `broadcast(${k}, ${option}, ${imports.use('./abi', `CALL_${slot}`)}, ${imports.use('./abi', `CALL_${slot}_SHAPE`)});`,
      ),
      `const out = elements(${inputs.length});`,
      ...(isPlain === '' ? grads(true) : decision(isPlain, grads(true), grads(false))),
      'return out;',
    ];
  }
  if ((text + body.join('\n')).includes('refuseAll(')) use('refuseAll');
  const lines = [
    'begin(handle, n, isGrad);',
    ...(read.length > 0 ? read.map((line) => line.replace('if (more)', 'if (more && n)')) : []),
    ...body,
  ];
  const forms = formsOf(d).map(
    ({ suffix, isOrNan, isWith, isGrad }) => `export function ${name}${suffix}(handle: usize, n: u32): usize {
  return ${name}(handle, n, ${isGrad}, ${isWith}${isRows ? `, ${isOrNan}` : ''});
}`,
  );
  return `function ${name}(handle: usize, n: u32, isGrad: bool, more: bool${isRows ? ', orNan: bool' : ''}): usize {
${within(lines).join('\n')}
}

${forms.join('\n\n')}`;
}

/** A function of the module. */
export interface Form {
  /** What follows the loss's name. */
  readonly suffix: string;
  readonly isGrad: boolean;
  readonly isOrNan: boolean;
  readonly isWith: boolean;
}

export function formsOf(d: Descriptor): Form[] {
  const rows = isOfClasses(d);
  return [false, true].flatMap((isGrad) =>
    (rows ? [false, true] : [false]).flatMap((isOrNan) =>
      (constantsOf(d).length > 0 ? [false, true] : [false]).map((isWith) => ({
        suffix: `_${isGrad ? 'grad' : 'loss'}${isOrNan ? '_or_nan' : ''}${isWith ? '_with' : ''}`,
        isGrad,
        isOrNan,
        isWith,
      })),
    ),
  );
}

/** assembly/generated/clickhouse.ts: the module's functions, over the kernels of the others. */
export function adapterSource(): string {
  const imports = new Imports();
  const functions = losses.map((d) => adapter(d, imports));
  return `// Generated from the registry by \`npm run generate\`; do not edit.
${imports.sorted()}

export {
  createBuffer as clickhouse_create_buffer,
  destroyBuffer as clickhouse_destroy_buffer,
} from '../clickhouse/buffers';

${functions.join('\n\n')}
`;
}

/** src/clickhouse/generated/functions.ts: what SQL has to know of them. */
export function tableSource(): string {
  const rows = losses.map((d) => ({
    name: d.name,
    inputs: d.inputs.map(({ name }) => name),
    isOfClasses: isOfClasses(d),
    options: constantsOf(d).map(({ name, kind, fallback, choices }) => ({
      name,
      kind,
      // JSON has no NaN
      fallback: Number.isNaN(fallback) ? null : fallback,
      ...(choices && { choices }),
    })),
  }));
  return `// Generated from the registry by \`npm run generate\`; do not edit.
import type { FunctionSpec } from '../spec.ts';

export const specs: readonly FunctionSpec[] = ${JSON.stringify(rows, null, 2)};
`;
}
