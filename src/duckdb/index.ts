// 'simdloss/duckdb': losses as scalar functions of a DuckDB connection in this process.
import {
  type Chunk,
  DOUBLE,
  DuckDBListValue,
  DuckDBScalarFunction,
  FLOAT,
  INTEGER,
  LIST,
  type Vector,
} from '@duckdb/node-api';
import type { FloatArray } from '../dtypes.ts';
import { expected, fail, show } from '../errors.ts';
import { read } from '../given.ts';
import type { Losses } from '../losses/registry.ts';
import { checkNames, isObject } from '../options/names.ts';

/** What losses are registered with: a connection of @duckdb/node-api. */
export interface Connection {
  registerScalarFunction(scalarFunction: object): void;
}

/** Some of what load() resolves to. */
export type Having = Partial<Losses>;

export interface RegisterOptions {
  /** What the names begin with; default ''. */
  prefix?: string | undefined;
  /** Options of losses, by the loss: `{ huber: { delta: 2 } }`. */
  options?: Readonly<Partial<Record<keyof Losses, Readonly<Record<string, unknown>>>>> | undefined;
}

interface AnyLoss {
  (...given: unknown[]): unknown;
  readonly grad: (...given: unknown[]) => unknown;
  readonly family: string;
  readonly inputs: readonly string[];
  readonly options: readonly string[];
}

/** Options that a query decides, by the rows that it has. */
const DECIDED = ['reduction', 'sampleWeight', 'gradOutput', 'allIgnored', 'wrt', 'out', 'axis', 'mask'];

/**
 * Registers losses and their gradients as functions of SQL, on the chunks that the engine hands over.
 *
 * `<loss>_loss(input, target)` and `<loss>_grad(input, target)` of each loss of two inputs that F has: elementwise ones of FLOAT and
 * DOUBLE, each in its own precision; those over classes, as `crossEntropy`, of `FLOAT[]` or `DOUBLE[]` (fixed arrays become lists) and
 * an INTEGER, with a list as gradient. Names are not case-sensitive. NULL where an argument is. An error ends the query and says which row of
 * the chunk (2048 rows) it is of.
 *
 * - aggregates stay SQL's: `avg(bceWithLogits_loss(z, y))`; sums that are exact and merged are `simdloss eval`'s
 * - functions run on the thread that made F, one chunk after the other
 * - returns the names; throws ERR_TYPE and ERR_OPTION
 * @example
 * register(connection, await load());
 * await connection.run("SELECT country, avg(bceWithLogits_loss(z, y)) FROM 'clicks.parquet' GROUP BY country");
 */
export function register(connection: Connection, F: Having, options: RegisterOptions = {}): string[] {
  if (!isObject(options)) return expected('ERR_TYPE', 'options', 'an object', show(options));
  checkNames(options, '', ['prefix', 'options']);
  const prefix = options.prefix ?? '';
  if (typeof prefix !== 'string' || !/^(\w*|)$/.test(prefix) || /^\d/.test(prefix))
    expected('ERR_OPTION', 'prefix', 'letters, digits and _', show(prefix));
  if (typeof read(Object(connection), 'registerScalarFunction') !== 'function')
    expected('ERR_TYPE', 'connection', 'a connection of @duckdb/node-api', show(connection));
  const own = options.options ?? {};
  if (!isObject(own)) expected('ERR_TYPE', 'options.options', 'an object', show(own));
  const losses = lossesOf(F);
  checkNames(own, 'options.', [...losses.keys()]);
  const names: string[] = [];
  for (const [name, loss] of losses) {
    const given = optionsOf(name, loss, read(own, name));
    const make = isOfClasses(loss) ? ofClasses : ofElements;
    for (const kind of ['loss', 'grad'] as const) {
      const sqlName = `${prefix}${name}_${kind}`;
      for (const type of [FLOAT, DOUBLE])
        connection.registerScalarFunction(make(sqlName, loss, kind, given, type));
      names.push(sqlName);
    }
  }
  return names;
}

/** The losses of two inputs, which are elements or rows of classes. */
function lossesOf(F: Having): ReadonlyMap<string, AnyLoss> {
  if (F === null || typeof F !== 'object')
    return expected('ERR_TYPE', 'F', 'what load() resolves to', show(F));
  const all = Object.entries(F) as [string, AnyLoss][];
  return new Map(
    all.filter(([, member]) => {
      const isLoss =
        typeof member === 'function' && Array.isArray(member.inputs) && member.inputs.length === 2;
      return isLoss && (member.family === 'elementwise' || isOfClasses(member));
    }),
  );
}

const isOfClasses = ({ family }: AnyLoss): boolean => family === 'classes';

function optionsOf(name: string, loss: AnyLoss, given: unknown): Record<string, unknown> {
  if (given === undefined) return {};
  if (!isObject(given)) return expected('ERR_TYPE', `options.${name}`, 'an object', show(given));
  checkNames(
    given,
    `options.${name}.`,
    loss.options.filter((option) => !DECIDED.includes(option)),
  );
  const copy = { ...(given as Record<string, unknown>) };
  // what is wrong is told now, and not by a query; of classes it may depend on how many there are
  if (!isOfClasses(loss)) loss(new Float32Array(0), new Float32Array(0), { ...copy, reduction: 'none' });
  return copy;
}

type Make = (
  name: string,
  loss: AnyLoss,
  kind: 'loss' | 'grad',
  options: Readonly<Record<string, unknown>>,
  type: typeof FLOAT,
) => DuckDBScalarFunction;

const ofElements: Make = (name, loss, kind, options, type) =>
  DuckDBScalarFunction.create({
    name,
    returnType: type,
    parameterTypes: [type, type],
    mainFunction(_, chunk, out) {
      const n = chunk.rowCount;
      const [x, t] = [0, 1].map((i) => chunk.getColumnVector(i).items.subarray(0, n));
      const to = out.items.subarray(0, n);
      if (kind === 'loss') loss(x, t, { ...options, reduction: 'none', out: to });
      else loss.grad(x, t, { ...options, reduction: 'sum', out: to });
      copyNulls(chunk, out);
      out.flush();
    },
  });

/** What is NULL in one of the arguments is NULL. */
function copyNulls(chunk: Chunk, out: Vector): void {
  const [first, second] = [0, 1].map((i) => chunk.getColumnVector(i).validity);
  for (let i = 0; i < chunk.rowCount; i++)
    if (!first.itemValid(i) || !second.itemValid(i)) out.setItem(i, null);
}

const ofClasses: Make = (name, loss, kind, options, type) =>
  DuckDBScalarFunction.create({
    name,
    returnType: kind === 'loss' ? type : LIST(type),
    parameterTypes: [LIST(type), INTEGER],
    mainFunction(_, chunk, out) {
      const lists = chunk.getColumnVector(0);
      const labels = chunk.getColumnVector(1);
      for (const run of runsOf(chunk, lists, labels)) {
        const { from, n, at, classes } = run;
        const x = {
          data: lists.childVector.items.subarray(at, at + n * classes) as FloatArray,
          shape: [n, classes],
        };
        const t = labels.items.subarray(from, from + n);
        try {
          if (kind === 'loss')
            loss(x, t, { ...options, reduction: 'none', out: out.items.subarray(from, from + n) });
          else
            setLists(
              out,
              run,
              (loss.grad(x, t, { ...options, reduction: 'sum' }) as { data: FloatArray }).data,
            );
        } catch (error) {
          throw named(error, name, from);
        }
      }
      copyNulls(chunk, out);
      out.flush();
    },
  });

/** Rows that follow one another and have as many classes, none of them NULL. */
interface Run {
  readonly from: number;
  readonly n: number;
  /** Where their logits begin. */
  readonly at: number;
  readonly classes: number;
}

function* runsOf({ rowCount }: Chunk, lists: Vector, labels: Vector): Generator<Run> {
  const isThere = (i: number): boolean => lists.validity.itemValid(i) && labels.validity.itemValid(i);
  for (let from = 0; from < rowCount; ) {
    if (!isThere(from)) {
      from++;
      continue;
    }
    const at = lists.getEntryOffset(from);
    const classes = lists.getEntryLength(from);
    let n = 1;
    while (
      from + n < rowCount &&
      isThere(from + n) &&
      lists.getEntryLength(from + n) === classes &&
      lists.getEntryOffset(from + n) === at + n * classes
    )
      n++;
    for (let i = 0; i < n * classes; i++)
      if (!lists.childVector.validity.itemValid(at + i))
        fail('ERR_TYPE', `NULL is no logit (row ${from + Math.floor(i / classes)} of the chunk)`);
    yield { from, n, at, classes };
    from += n;
  }
}

function setLists(out: Vector, { from, n, classes }: Run, gradient: FloatArray): void {
  for (let i = 0; i < n; i++)
    out.setItem(from + i, new DuckDBListValue(gradient.subarray(i * classes, (i + 1) * classes)));
}

/** The error with the function's name, and the row where the message has an index within the run. */
const named = (error: unknown, name: string, from: number): Error => {
  const { message } = error as Error;
  const at = message.replace(/at index (\d+)$/, (_, i: string) => `at row ${from + Number(i)} of the chunk`);
  return new Error(`${name}: ${at}`, { cause: error });
};
