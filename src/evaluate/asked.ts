// What an evaluation is asked for.
import { expected, fail, isList, isReadable, show } from '../errors.ts';
import { read } from '../given.ts';
import type { MaskInput } from '../memory/inputs.ts';
import { checkNames, isObject } from '../options/names.ts';
import type { Figure, Setup } from './figures/figure.ts';
import type { AnyHelper, AnyLoss, Evaluable, LossName } from './functions.ts';
import { VERSION } from './generated/version.ts';
import { type FigureName, type Kind, kindOf } from './kinds.ts';
import { elementsOf, listOf } from './read.ts';
import { encoded, type Header } from './state.ts';
import type { Key } from './table.ts';

export type { LossName } from './functions.ts';

/** What belongs to one batch. */
export interface AddOptions {
  /** Weight of each row or element, as the losses' option. */
  sampleWeight?: MaskInput | undefined;
  /** Which rows or elements count: 0 or false where not; those are not read, nor are their labels. */
  mask?: MaskInput | undefined;
  /** The group of all rows of the batch, or of each, row by row: texts or integers. */
  group?: Key | ArrayLike<Key | bigint> | undefined;
}

/** What an evaluation is asked for beside the loss's options. */
export interface EvaluationOptions<L extends LossName = LossName> {
  /** Its name. */
  loss: L;
  /** What is to be computed beside the loss. */
  figures?: readonly FigureName[] | undefined;
  /** For which k the share of rows is asked for whose label is among the k greatest. */
  topK?: readonly number[] | undefined;
  /** Bins of `ece`, 1 to 10,000. Default 15. */
  bins?: number | undefined;
  /**
   * Sets the logits at t, of [B, T, C] or [T, C], against the label at t + shift, of which the last have none;
   * the class axis is the last then, unless `axis` says another. Default 0.
   */
  shift?: number | undefined;
  /** How many sums and counts groups and classes may take. Default 2²⁴. */
  maxCells?: number | undefined;
}

/** A loss's name, figures, and the loss's options but those that belong to one batch. */
export type EvaluateOptions<L extends LossName = LossName> = EvaluationOptions<L> &
  Readonly<Record<string, unknown>>;

const OWN = ['loss', 'figures', 'topK', 'bins', 'shift', 'maxCells'];
/** Options that a loss has, of one batch or of a reduction. */
const OF_CALLS = ['reduction', 'sampleWeight', 'gradOutput', 'allIgnored', 'out', 'wrt', 'mask'];

/** What was asked for, read and checked. */
export interface Asked {
  readonly loss: string;
  readonly kind: Kind;
  readonly call: AnyLoss;
  readonly arity: number;
  /** The loss's. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly shift: number;
  readonly maxCells: number;
  readonly figures: readonly ((setup: Setup) => Figure)[];
  readonly names: readonly FigureName[];
  readonly setup: Omit<Setup, 'classes'>;
  /** What figures take to know of a batch. */
  readonly needs: ReadonlySet<NonNullable<Figure['needs']>[number]>;
  /** Whether figures have cells for each class. */
  readonly countsClasses: boolean;
  readonly header: Header;
}

export function asked(F: Evaluable, given: EvaluateOptions): Asked {
  if (!isObject(given)) return expected('ERR_TYPE', 'options', 'an object with "loss"', show(given));
  const loss = read(given, 'loss');
  if (typeof loss !== 'string') return expected('ERR_TYPE', 'loss', "a loss's name", show(loss));
  if (F === null || (typeof F !== 'object' && typeof F !== 'function') || !isReadable(F))
    return expected('ERR_TYPE', 'F', 'what load() resolves to', show(F));
  const call = read(F, loss) as AnyLoss | undefined;
  if (typeof call !== 'function' || !isList(call.inputs))
    return fail('ERR_OPTION', `"loss" expected one that F has, got ${show(loss)}`);
  if (call.family === 'pairs')
    return fail(
      'ERR_OPTION',
      `"loss" expected one of rows by themselves: ${loss} is of all pairs of a batch`,
    );
  checkNames(given, '', [...OWN, ...call.options.filter((name) => !OF_CALLS.includes(name))]);
  const kind = kindOf(loss);
  const integer = (name: string, usual: number, low: number, high: number): number => {
    const value = read(given, name) ?? usual;
    if (!Number.isInteger(value) || (value as number) < low || (value as number) > high)
      expected('ERR_OPTION', name, `an integer from ${low} to ${high}`, show(value));
    return value as number;
  };
  const bins = integer('bins', 15, 1, 10_000);
  const shift = integer('shift', 0, 0, 2 ** 31 - 1);
  const maxCells = integer('maxCells', 2 ** 24, 1, 2 ** 31);
  const topK = topKOf(read(given, 'topK'));
  if (shift > 0 && kind.name !== 'classes') expected('ERR_OPTION', 'shift', `0 with ${loss}`, String(shift));
  const names = namesOf(read(given, 'figures'), topK, kind, loss);
  const options = Object.fromEntries(
    call.options.flatMap((name) => {
      const value = OWN.includes(name) || OF_CALLS.includes(name) ? undefined : read(given, name);
      return value === undefined ? [] : [[name, kept(value, name)]];
    }),
  );
  if (shift > 0) options.axis ??= -1;
  if (options.zLoss && options.weight !== undefined)
    fail(
      'ERR_OPTION',
      '"zLoss" has no class weight and its mean another divisor: evaluate it without "weight"',
    );
  const areProbabilities = kind.name === 'binary' && kind.input === 'probabilities';
  const setup = { areProbabilities, bins, topK, exp: expOf(F) };
  const figures = names.map((name) => kind.figures[name]!);
  const header: Header = {
    simdloss: 1,
    build: `${VERSION} ${F.math === 'relaxed' ? 'relaxed' : F.backend}`,
    loss,
    options: {
      ...encoded(options),
      ...(topK.length > 0 && { topK }),
      ...(bins !== 15 && { bins }),
      ...(shift > 0 && { shift }),
    },
    figures: names,
  };
  return {
    loss,
    kind,
    call,
    arity: call.inputs.length,
    options,
    shift,
    maxCells,
    names,
    figures,
    needs: new Set(figures.flatMap((make) => make({ ...setup, classes: 0 }).needs ?? [])),
    setup,
    countsClasses: names.includes('perClass') || names.includes('confusion'),
    header,
  };
}

/** More figures than there are, and more k than anybody asks for. */
const MOST_NAMES = 1000;

/** In the order of the kind's table, so that a state does not depend on that of the request. */
function namesOf(given: unknown, topK: readonly number[], kind: Kind, loss: string): FigureName[] {
  const all = given === undefined ? [] : listOf(given, 'figures', 'an array of names', MOST_NAMES);
  const known = Object.keys(kind.figures);
  for (const name of all) {
    if (typeof name === 'string' && known.includes(name)) continue;
    if (known.length === 0) fail('ERR_OPTION', `${loss} has no figures but the loss, got ${show(name)}`);
    fail('ERR_OPTION', `figures of ${loss} are ${known.join(', ')}, not ${show(name)}`);
  }
  if (all.includes('topK') && topK.length === 0)
    expected('ERR_OPTION', 'topK', 'an array of k for the figure topK', 'none');
  if (topK.length > 0 && !known.includes('topK'))
    expected('ERR_OPTION', 'topK', `none with ${loss}`, show(topK));
  return known.filter((name) => all.includes(name) || (name === 'topK' && topK.length > 0)) as FigureName[];
}

function topKOf(given: unknown): number[] {
  if (given === undefined) return [];
  const what = 'an array of positive integers';
  const all = listOf(given, 'topK', what, MOST_NAMES);
  if (!all.every((k) => Number.isSafeInteger(k) && (k as number) > 0))
    return expected('ERR_OPTION', 'topK', what, show(given));
  return [...new Set(all as number[])].sort((a, b) => a - b);
}

/** An operand's numbers are those of now, whatever becomes of the array. */
function kept(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object') return value;
  const { data, shape } = elementsOf(value, name, true);
  return { data: Array.from(data as ArrayLike<number>, Number), shape };
}

/** The module's own, as Math.exp differs from engine to engine. */
const expOf =
  (F: Evaluable) =>
  (x: number): number => {
    const exp = helperOf(F, 'exp');
    return (exp(Float64Array.of(x)) as { readonly data: Float64Array }).data[0];
  };

/** A helper that figures take. */
export function helperOf(F: Evaluable, name: 'exp' | 'log' | 'tanh' | 'sigmoid' | 'rowFigures'): AnyHelper {
  const helper = read(F, name);
  return typeof helper === 'function'
    ? (helper as AnyHelper)
    : fail('ERR_UNSUPPORTED', `figures take F.${name}: give load ${name} of 'simdloss/losses', too`);
}
