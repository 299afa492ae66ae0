// The functions of the module in SQL: how they are declared, and what casts their arguments.
import { expected, show } from '../errors.ts';
import { read } from '../given.ts';
import { checkNames, isObject } from '../options/names.ts';
import { specs } from './generated/functions.ts';
import type { ConstantSpec, FunctionSpec } from './spec.ts';

/** Which functions are made. */
export interface FunctionOptions {
  /** What their names begin with; default ''. */
  prefix?: string | undefined;
  /** Of which losses; default all. */
  losses?: readonly string[] | undefined;
}

/** A function that takes columns as the kernels have them. */
export interface Declared {
  /** In SQL. */
  readonly name: string;
  /** In the module. */
  readonly export: string;
  readonly arguments: readonly (readonly [name: string, type: string])[];
  readonly returns: string;
}

export interface Functions {
  readonly declared: readonly Declared[];
  /** What is called by queries, and the statements that create it over what is declared. */
  readonly names: readonly string[];
  readonly wrappers: readonly string[];
}

/** Checks options that functions are made by; `more`: those that the caller knows besides. */
export function functionOptions(given: unknown, more: readonly string[] = []): Required<FunctionOptions> {
  if (given !== undefined && !isObject(given))
    return expected('ERR_TYPE', 'options', 'an object', show(given));
  const options = Object(given);
  checkNames(options, '', ['prefix', 'losses', ...more]);
  const prefix = read(options, 'prefix') ?? '';
  if (typeof prefix !== 'string' || !/^([A-Za-z_]\w*)?$/.test(prefix))
    return expected('ERR_OPTION', 'prefix', 'letters, digits and _', show(prefix));
  const all = specs.map(({ name }) => name);
  const losses = read(options, 'losses') ?? all;
  if (!Array.isArray(losses) || losses.length === 0)
    return expected('ERR_OPTION', 'losses', 'an array of names', show(losses));
  for (const name of losses)
    if (!all.includes(name)) expected('ERR_OPTION', 'losses', `some of ${all.join(', ')}`, show(name));
  return { prefix, losses };
}

/** `keepsNulls`: whether what is declared is called without NULL, and its result NULL where an argument is, as of functions in WebAssembly. */
export function functionsOf({ prefix, losses }: Required<FunctionOptions>, keepsNulls = true): Functions {
  const all = specs
    .filter(({ name }) => losses.includes(name))
    .flatMap((spec) => formsOf(spec, prefix, keepsNulls));
  return {
    declared: all.map(({ declared }) => declared),
    names: all.map(({ name }) => name),
    wrappers: all.map(({ wrapper }) => wrapper),
  };
}

interface Form {
  readonly declared: Declared;
  readonly name: string;
  readonly wrapper: string;
}

function formsOf(spec: FunctionSpec, prefix: string, keepsNulls: boolean): Form[] {
  const { isOfClasses, options } = spec;
  return ['loss', 'grad'].flatMap((kind) =>
    (isOfClasses ? ['', '_or_nan'] : ['']).flatMap((strictness) =>
      (options.length > 0 ? ['', '_with'] : ['']).map((more) =>
        formOf(spec, prefix, `${spec.name}_${kind}${strictness}${more}`, keepsNulls),
      ),
    ),
  );
}

function formOf(
  { inputs, isOfClasses, options, name: loss }: FunctionSpec,
  prefix: string,
  own: string,
  keepsNulls: boolean,
): Form {
  const name = prefix + own;
  const isWith = own.endsWith('_with');
  const given = isWith ? options : [];
  const types = inputs.map((_, i) => (!isOfClasses ? 'Float32' : i === 0 ? 'Array(Float32)' : 'Float64'));
  const scalar = (text: string): string => (keepsNulls ? text : `ifNull(${text}, 0.)`);
  const cast = (input: string, i: number): string => {
    if (!isOfClasses) return scalar(`toFloat32(${input})`);
    return i === 0 ? `CAST(${input}, 'Array(Float32)')` : scalar(`toFloat64(${input})`);
  };
  const declared: Declared = {
    name: `${name}_f32`,
    export: own,
    arguments: [
      ...inputs.map((input, i) => [input, types[i]] as const),
      // functions are called with what lies under NULL
      ...(isOfClasses ? [['is_null', 'UInt8'] as const] : []),
      ...given.map(
        (option) => [option.name, option.kind === 'classWeights' ? 'Array(Float32)' : 'Float64'] as const,
      ),
    ],
    returns: isOfClasses && own.includes('_grad') ? 'Array(Float32)' : 'Float32',
  };
  const parameters = [...inputs, ...(isWith ? ['options'] : [])];
  const values = [
    ...inputs.map(cast),
    ...(isOfClasses ? [`isNull(${inputs[1]})`] : []),
    ...given.map((option, i) => argument(loss, option, i === 0 ? options : [])),
  ];
  const call = `${declared.name}(${values.join(', ')})`;
  const nullable = inputs.slice(isOfClasses ? 1 : 0).map((input) => `isNull(${input})`);
  // an array is not NULL, but empty
  const isWhole = keepsNulls || declared.returns !== 'Float32';
  const result = isWhole ? call : `if(${nullable.join(' OR ')}, NULL, ${call})`;
  return {
    declared,
    name,
    wrapper: `CREATE OR REPLACE FUNCTION ${name} AS (${parameters.join(', ')}) -> ${result}`,
  };
}

/** What JSON says of an option; `all`: the names that it may have, which are looked at once. */
function argument(
  loss: string,
  { name, kind, fallback, choices }: ConstantSpec,
  all: readonly ConstantSpec[],
): string {
  const key = `options, '${name}'`;
  const check = (isWrong: string, wanted: string): string =>
    `throwIf(${isWrong}, 'ERR_OPTION: options of ${loss}: ${wanted}')`;
  const checks =
    all.length === 0
      ? []
      : [
          check("isValidJSON(options) = 0 OR JSONType(options) != 'Object'", 'expected an object as JSON'),
          check(
            `NOT hasAll([${all.map((one) => `'${one.name}'`).join(', ')}], JSONExtractKeys(options))`,
            `known are ${all.map((one) => one.name).join(', ')}`,
          ),
        ];
  if (kind === 'classWeights') {
    const isWrong = check(
      `JSONHas(${key}) AND JSONType(${key}) != 'Array'`,
      `"${name}" expected an array of numbers`,
    );
    const value = `JSONExtract(${key}, 'Array(Float32)')`;
    return `arraySlice(${value}, 1 + ${[...checks, isWrong].join(' + ')})`;
  }
  const raw = `JSONExtractRaw(${key})`;
  const value =
    kind === 'word'
      ? `nullIf(toFloat64(indexOf([${choices!.map((word) => `'${word}'`).join(', ')}], JSONExtractString(${key}))), 0)`
      : kind === 'boolean'
        ? `transform(${raw}, ['true', 'false'], [toNullable(1.), 0.], NULL)`
        : `toFloat64OrNull(replaceRegexpOne(${raw}, '^"(-?Infinity)"$', '\\\\1'))`;
  const wanted =
    kind === 'word'
      ? choices!.map((word) => `"${word}"`).join(' or ')
      : kind === 'boolean'
        ? 'true or false'
        : 'a number';
  const isWrong = check(`JSONHas(${key}) AND isNull(${value})`, `"${name}" expected ${wanted}`);
  return `ifNull(${value}, ${fallback === null ? 'nan' : `${fallback}.`.replace(/^(.*[.e].*)\.$/, '$1')}) + ${[...checks, isWrong].join(' + ')}`;
}
