// 'simdloss/clickhouse': losses as functions of ClickHouse, and sums over shards that are exact.
import { expected, isList, show } from '../errors.ts';
import { VERSION } from '../evaluate/generated/version.ts';
import { read } from '../given.ts';
import { type FunctionOptions, functionOptions, functionsOf } from './functions.ts';
import { sha256 as digest, inlineModule } from './generated/module.ts';

export type { State } from '../evaluate/state.ts';
export { type ExactSum, exactSum, type ToStateOptions, toState } from './exactSum.ts';
export type { FunctionOptions } from './functions.ts';
/** The SHA-256 of the module, in hexadecimal digits. */
export const sha256: string = digest;

/** The name of the module on a server, with the package's version and what its hash begins with: names cannot be used again. */
export const moduleName: string = `simdloss_${VERSION.replaceAll(/\W/g, '_')}_${sha256.slice(0, 12)}`;

/** The bytes of the module: simdloss.clickhouse.wasm. */
export const module = (): Uint8Array<ArrayBuffer> => inlineModule().slice();

/**
 * The SQL that makes losses and their gradients functions of a server, one statement after another: it stores the module, declares its
 * functions, and creates those that queries call, which cast their arguments.
 *
 * `<loss>_loss(input, target)` and `<loss>_grad(input, target)` of each elementwise loss, of numbers (computed in Float32; those of three
 * inputs take three), and of the losses over classes, of an array and a label, with an array as gradient. `…_with(…, options)` takes
 * options as JSON, a constant: `huber_loss_with(x, t, '{"delta": 2}')`. Of labels that are no class, `…_or_nan` makes NaN where the others
 * end the query: they are for rows that `if`, `-If` or NULL hide, which functions are called with anyway. NULL where an argument is.
 *
 * - the bits of each row are those of `reduction: 'none'` on Float32Arrays, gradients those of 'sum'
 * - the server needs `allow_experimental_webassembly_udf` and the engine `wasmtime`; ClickHouse Cloud has no such functions
 * - `prefix`: what the names begin with; `losses`: of which losses, default all
 * - throws ERR_OPTION
 * @example for (const statement of statements({ losses: ['bceWithLogits'] })) await client.command({ query: statement });
 */
export function statements(options?: FunctionOptions): string[] {
  const { declared, wrappers } = functionsOf(functionOptions(options));
  const created = declared.map(
    ({ name, export: own, arguments: all, returns }) =>
      `CREATE OR REPLACE FUNCTION ${name} LANGUAGE WASM FROM '${moduleName}' :: '${own}' ` +
      `ARGUMENTS (${all.map((one) => one.join(' ')).join(', ')}) RETURNS ${returns} ABI BUFFERED_V1 DETERMINISTIC ` +
      `SHA256_HASH '${sha256}' SETTINGS serialization_format = 'Buffers', webassembly_udf_enable_fuel = 0`,
  );
  return [stored(), ...created, ...wrappers];
}

/** Nothing where the server has it. */
function stored(): string {
  let letters = '';
  for (const byte of inlineModule()) letters += String.fromCharCode(byte);
  return (
    `INSERT INTO system.webassembly_modules (name, code) SELECT '${moduleName}', base64Decode('${btoa(letters)}') ` +
    `WHERE '${moduleName}' NOT IN (SELECT name FROM system.webassembly_modules)`
  );
}

/** Runs a statement: on the host, where hosts are given. */
export type Execute = (statement: string, host?: string) => unknown;

export interface InstallOptions extends FunctionOptions {
  /** Every server of a cluster: a function must be on each of them. Default: the one that `exec` reaches. */
  hosts?: readonly string[] | undefined;
}

/**
 * Runs `statements` on a server, or on each host of a cluster, by any client.
 *
 * - `exec(statement, host)`: runs a statement and returns when it is done; what it throws, this throws
 * - returns the names of the functions that queries call; throws ERR_TYPE and ERR_OPTION
 * @example await install((query, url) => createClient({ url }).command({ query }), { hosts: ['http://a:8123', 'http://b:8123'] });
 */
export async function install(exec: Execute, options?: InstallOptions): Promise<string[]> {
  if (typeof exec !== 'function') return expected('ERR_TYPE', 'exec', 'a function', show(exec));
  const own = functionOptions(options, ['hosts']);
  const hosts = options === undefined ? undefined : read(options, 'hosts');
  if (hosts !== undefined && (!isList(hosts) || !Array.from(hosts).every((host) => typeof host === 'string')))
    return expected('ERR_OPTION', 'hosts', 'an array of texts', show(hosts));
  const all = statements(own);
  for (const host of (hosts as readonly string[] | undefined) ?? [undefined])
    for (const statement of all) await exec(statement, host);
  return [...functionsOf(own).names];
}

export interface ExecutableOptions extends FunctionOptions {
  /** What starts the process, before the name of a function; default Node with this package's own file, as this machine has it. */
  command?: string | undefined;
  /** How many processes there may be of each function; default 4. */
  poolSize?: number | undefined;
}

/** What a server takes that forbids WebAssembly. */
export interface Executable {
  /** The file that `user_defined_executable_functions_config` names: the same functions, of Node processes over pipes. */
  readonly config: string;
  /** SQL that creates what queries call over them. */
  readonly statements: readonly string[];
}

/**
 * The same functions for servers without WebAssembly: executable ones, of Node processes that run the same module. They take Node on
 * the server.
 *
 * - returns `{ config, statements }`: a file of the configuration, and the SQL that is to be run after it was read
 * - throws ERR_OPTION
 */
export function executable(options?: ExecutableOptions): Executable {
  const own = functionOptions(options, ['command', 'poolSize']);
  const { command = ownCommand(), poolSize = 4 } = options ?? {};
  if (typeof command !== 'string' || command === '')
    return expected('ERR_OPTION', 'command', 'a command', show(command));
  if (!Number.isSafeInteger(poolSize) || poolSize < 1)
    return expected('ERR_OPTION', 'poolSize', 'an integer of at least 1', show(poolSize));
  const { declared, wrappers } = functionsOf(own, false);
  const functions = declared.map(
    ({ name, export: from, arguments: all, returns }) => `  <function>
    <type>executable_pool</type>
    <name>${name}</name>
    <return_type>${returns}</return_type>
${all.map(([argument, type]) => `    <argument><type>${type}</type><name>${argument}</name></argument>`).join('\n')}
    <format>Buffers</format>
    <command>${escaped(`${command} ${from}`)}</command>
    <execute_direct>0</execute_direct>
    <pool_size>${poolSize}</pool_size>
    <deterministic>1</deterministic>
  </function>
`,
  );
  return { config: `<functions>\n${functions.join('')}</functions>\n`, statements: wrappers };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The file beside this one. */
const ownCommand = (): string =>
  `node '${decodeURIComponent(new URL('clickhouse/executable.js', import.meta.url).pathname)}'`;
