import { availableParallelism } from 'node:os';
import type { Evaluation } from '../../evaluate/index.ts';
import type { Descriptor } from '../../losses/descriptor.ts';
import { isMatrix, matrices } from '../data/matrices.ts';
import { NamedGroups } from '../data/named.ts';
import type { Batch, Layout, Places, Source } from '../data/source.ts';
import { tables } from '../data/tables.ts';
import { DataError, EXIT, textOf, UsageError, unusable, wrong } from '../failure.ts';
import { type Flag, type Given, inOneSpelling, numberOf, numbersOf, readFlags } from '../flags.ts';
import { flagOfInput, lossFlags, lossNamed, lossOptions } from '../lossFlags.ts';
import { simdloss } from '../package.ts';
import { conclude, ENDING_FLAGS, endingOf } from '../report/ending.ts';
import { counted } from '../report/format.ts';
import { progressOn } from '../report/progress.ts';
import type { Command } from './command.ts';

const usage = () => `usage: simdloss eval --loss NAME --pred FILE --target FILE [options]
       simdloss eval FILE… --loss NAME --pred COLUMN --target COLUMN [options]

Says what predictions come to: the loss, and figures beside it. Sums are exact:
neither order, nor threads, nor how the data are cut change a bit.

Arrays   .npy, .npz and .safetensors (FILE:NAME where there are several), rows
         first; f16 and bf16 are widened, labels are of any integer type.
Tables   .csv and .tsv with names in the first line, .jsonl, and by DuckDB,
         where @duckdb/node-api is installed, .parquet and all that it reads.
         --pred 'logit_*' takes all columns that fit; a list is one, too.

  --loss NAME         'simdloss losses' lists them, 'simdloss losses NAME' its
                      options, which are flags: --labelSmoothing 0.1
  --pred, --target    files or columns; a third input by its name: --var
  --weight            of each row, a file or a column
  --by                the same for each of these keys beside, a file or a column
  --figures A,B       what else is to be said: accuracy, ece, rmse …
  --topK 1,5          whether the label is among the k greatest
  --bins N            of ece; 15 unless given
  --shift N           logits at t and the label at t + N, of [rows, T, classes]
  --sql QUERY         the table is what this returns, instead of files
  --json              the result as JSON
  --state FILE        writes what 'simdloss merge' takes
  --max NAME=NUMBER   ends with 1 where a figure is more (--min: less), or NaN
  --threads N         of the loss, 1 unless given; of Parquet, 3
  --quiet             says nothing of how far it is

Ends with 0; 1 for data that are wrong and limits that are not kept; 2 for a
call that is; 130 after ^C, with what had been seen until then.

  $ simdloss eval --loss crossEntropy --pred logits.npy --target labels.npy
  $ simdloss eval --loss crossEntropy --pred run.npz:logits --target \\
      run.npz:labels --figures accuracy,ece --topK 5 --by run.npz:lang
  $ simdloss eval scores.csv --loss bceWithLogits --pred score --target click \\
      --by country --figures auc --max loss=0.7`;

const FLAGS: Readonly<Record<string, Flag>> = {
  loss: {},
  pred: {},
  weight: {},
  by: {},
  figures: {},
  topK: {},
  bins: {},
  shift: {},
  sql: {},
  ...ENDING_FLAGS,
  threads: {},
  quiet: { isBoolean: true },
};

export const evalCommand: Command = {
  name: 'eval',
  summary: 'says what predictions in files and tables come to',
  usage,
  async run(args) {
    const descriptor = lossNamed(lastOf('--loss', inOneSpelling(args)));
    if (descriptor.family.name === 'pairs')
      unusable(`${descriptor.name} is of all pairs of a batch, which files are not cut into`);
    // their shapes have other axes first, or none that is the input's
    if (descriptor.inputs.some(({ shape }) => shape === 'own' || shape === 'weights'))
      unusable(`${descriptor.name} is of inputs that have no rows in common, which files are read by`);
    const own = lossFlags(descriptor);
    const inputs = Object.fromEntries(descriptor.inputs.map(({ name }, i) => [flagOfInput(name, i), {}]));
    const given = readFlags(args, { ...own, ...inputs, ...FLAGS });
    const ending = endingOf(given);
    const options = lossOptions(descriptor, own, given);
    const shift = integerOf('shift', given) ?? 0;
    const { load, evaluate } = await simdloss();
    const threads = integerOf('threads', given);
    const F = await load({ threads: threads ?? 1 });
    const started = (): Evaluation =>
      asUsage(() =>
        evaluate(F, {
          loss: descriptor.name as 'mse',
          ...options,
          ...ifGiven('figures', given.text('figures')?.split(',')),
          ...ifGiven('topK', listOf('topK', given)),
          ...ifGiven('bins', integerOf('bins', given)),
          ...ifGiven('shift', shift === 0 ? undefined : shift),
        }),
      );
    let groups = new NamedGroups(started);
    const isQuiet = given.flag('quiet') === true;
    const layout = { descriptor, axis: options.axis as number | undefined, shift, functions: F };
    const source = await sourceOf(descriptor, given, { ...layout, threads: threads ?? READERS });
    const isWhole = await addAll(groups, source, descriptor, isQuiet).catch(async (error) => {
      if (source.isInOrder) throw error;
      // which row is at fault, and which of them is the first, is told by reading them as they lie
      groups = new NamedGroups(started);
      const inOrder = await sourceOf(descriptor, given, { ...layout, threads: 1 });
      return addAll(groups, inOrder, descriptor, isQuiet);
    });
    const code = conclude(descriptor.name, groups.total(), ending);
    return isWhole ? code : EXIT.interrupted;
  },
};

/** Of a table, beside the thread that evaluates what they read: while it takes what one has, two others read on. */
const READERS = availableParallelism() > 1 ? 3 : 1;

/** The value behind a flag, before it is known which flags there are. */
const lastOf = (flag: string, args: readonly string[]): string | undefined => {
  const at = args.map((arg) => arg.split('=', 1)[0]).lastIndexOf(flag);
  return at < 0 ? undefined : args[at] === flag ? args[at + 1] : args[at].slice(flag.length + 1);
};

const integerOf = (name: string, given: Given): number | undefined => {
  const text = given.text(name);
  return text === undefined ? undefined : numberOf(name, text);
};
const listOf = (name: string, given: Given): number[] | undefined => {
  const text = given.text(name);
  return text === undefined ? undefined : numbersOf(name, text);
};
const ifGiven = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value });

/** What an evaluation refuses before there are data was asked for wrongly. */
function asUsage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    return unusable(textOf(error));
  }
}

async function sourceOf(descriptor: Descriptor, given: Given, layout: Layout): Promise<Source> {
  const inputs = descriptor.inputs.map(({ name }, i) => {
    const flag = flagOfInput(name, i);
    return given.text(flag) ?? unusable(`--${flag} is missing`);
  });
  const places: Places = { inputs, weight: given.text('weight'), by: given.text('by') };
  const sql = given.text('sql');
  const files = given.positionals;
  if (sql !== undefined && files.length > 0) unusable('--sql says itself which files it is of');
  if (sql !== undefined || files.length > 0) return tables(files, sql, places, layout);
  const place = [...inputs, places.weight, places.by].find(
    (place) => place !== undefined && !isMatrix(place),
  );
  if (place !== undefined)
    unusable(`${place} is no .npy, .npz or .safetensors, and no table is given that it were a column of`);
  return matrices(places, layout);
}

/** Adds batch after batch; false where it was interrupted. */
async function addAll(
  groups: NamedGroups,
  source: Source,
  descriptor: Descriptor,
  isQuiet: boolean,
): Promise<boolean> {
  const shown = isQuiet ? undefined : progressOn(process.stderr);
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
  };
  process.once('SIGINT', stop);
  let rows = 0;
  try {
    for await (const batch of source.batches()) {
      add(groups, batch, descriptor);
      rows += batch.rows;
      shown?.show(source.progress, rows);
      if (isStopped) break;
    }
  } finally {
    shown?.stop();
    process.removeListener('SIGINT', stop);
    await source.close();
  }
  if (isStopped) console.error(`interrupted after ${counted(rows)} rows`);
  return !isStopped;
}

function add(groups: NamedGroups, batch: Batch, descriptor: Descriptor): void {
  const { inputs, sampleWeight, group, names } = batch;
  try {
    const evaluation = groups.evaluation(names);
    (evaluation.add as (...given: unknown[]) => unknown).call(evaluation, ...inputs, { sampleWeight, group });
  } catch (error) {
    if (error instanceof DataError || error instanceof UsageError) throw error;
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    const label = /^"(\w+)" (.*) at index (\d+)$/s.exec(message);
    const input = label === null ? -1 : descriptor.inputs.findIndex(({ name }) => name === label[1]);
    if (label !== null && input >= 0) wrong(`${batch.where(input, Number(label[3]))}: ${label[2]}`);
    // no data are at fault
    if (code === 'ERR_OPTION') unusable(message);
    wrong(`${batch.where(0, 0)} and after: ${message}`);
  }
}
