// Figures about predictions, batch after batch, in a state that can be merged.
import { expected, fail, isList, isReadable, show } from '../errors.ts';
import { read } from '../given.ts';
import type { Input } from '../memory/inputs.ts';
import { checkNames, isObject } from '../options/names.ts';
import { type AddOptions, type Asked, asked, type EvaluateOptions, type LossName } from './asked.ts';
import { compute } from './batch.ts';
import type { Batch, Figure, Setup } from './figures/figure.ts';
import type { Evaluable } from './functions.ts';
import { expectRoom, type Grouping, groupsOf, keysOf } from './groups.ts';
import { listOf } from './read.ts';
import type { Results } from './results.ts';
import { groupState, readGroup, readHeader, type State } from './state.ts';
import { LOSS, Table } from './table.ts';
import { Temporaries } from './temporary.ts';

const ADD_OPTIONS = ['sampleWeight', 'mask', 'group'];

/**
 * An evaluation: adds batches up and says what they come to. Sums are exact and rounded once, so that results depend neither on how the
 * data were cut into batches, nor on their order, nor on threads.
 */
export class Evaluation {
  readonly #functions: Evaluable;
  readonly #asked: Asked;
  #table: Table<Figure> | undefined = undefined;
  #classes = 0;

  /** @internal */
  constructor(functions: Evaluable, options: EvaluateOptions) {
    this.#functions = functions;
    this.#asked = asked(functions, options);
  }

  /**
   * Adds a batch: the loss's inputs as it takes them, then options. Where it throws, nothing was added. Throws what the loss throws;
   * ERR_DTYPE where earlier batches were of another dtype, ERR_SHAPE where labels of classes are counted and there are others,
   * ERR_OPTION where groups take more cells than `maxCells`.
   */
  add(input: Input, target: Input, options?: AddOptions): this;
  add(input: Input, target: Input, third: Input | number, options?: AddOptions): this;
  add(...given: unknown[]): this {
    const { arity } = this.#asked;
    if (given.length < arity || given.length > arity + 1)
      fail('ERR_TYPE', `add expected ${arity} inputs and perhaps options, got ${given.length} arguments`);
    const options = addOptions(given[arity]);
    const results = new Temporaries();
    try {
      const computed = compute(this.#functions, this.#asked, given.slice(0, arity), options, results);
      const table = this.#tableFor(computed.dtype, computed.classes);
      // none of the caller's code runs after this
      const keys = keysOf(options.group, computed);
      const batch = computed.read();
      const grouping = groupsOf(keys, table, this.#asked.maxCells);
      // nothing fails from here on
      this.#table = table;
      this.#classes = computed.classes;
      accumulate(table, { ...batch, ...grouping }, grouping.sizes);
    } finally {
      results.dispose();
    }
    return this;
  }

  /** The figures of all that was added, and of each group in the order of the keys. */
  result(): Results {
    const table = this.#table ?? this.#tableFor('f32', this.#classes);
    const of = (group: number): Results => resultOf(table, group);
    const total = of(table.addUp());
    const { keys } = table;
    if (keys.length === 0) return total;
    return { ...total, groups: keys.map((key) => ({ key, ...of(table.groupOf(key)) })) };
  }

  /** Everything that was added, as plain JSON: for `merge`, `evaluate.from`, or another machine. */
  state(): State {
    const table = this.#table;
    const groups =
      table === undefined
        ? []
        : [
            ...(table.isEmpty(0) ? [] : [groupState(table, 0, undefined)]),
            ...table.keys.map((key) => groupState(table, table.groupOf(key), key)),
          ];
    return { ...this.#asked.header, dtype: table?.dtype ?? null, classes: this.#classes, groups };
  }

  /** Adds what another evaluation of the same loss, options and figures knows. Throws ERR_OPTION where it is of another kind. */
  merge(state: State): this {
    const { dtype, classes, groups } = readHeader(state, this.#asked.header);
    if (dtype === null) return this;
    const table = this.#tableFor(dtype, classes);
    const all = listOf(groups, 'state.groups', 'a list', this.#asked.maxCells).map((group) =>
      readGroup(group, table),
    );
    const keys = new Set(all.flatMap(({ key }) => (key === undefined ? [] : [key])));
    expectRoom(table, keys, this.#asked.maxCells);
    this.#table = table;
    this.#classes = classes;
    for (const group of all) group.add(table.groupOf(group.key));
    return this;
  }

  /** The table that there is, or a new one, for data of this kind. */
  #tableFor(dtype: 'f32' | 'f64', classes: number): Table<Figure> {
    const { setup, figures, maxCells } = this.#asked;
    const table = this.#table;
    if (table === undefined) {
      const made = figures.map((make): Figure => make({ ...setup, classes } satisfies Setup));
      const cells = [LOSS, ...made].reduce((all, { sums, counts }) => all + sums + counts, 0);
      if (cells > maxCells)
        fail(
          'ERR_OPTION',
          `the figures of ${classes} classes take ${cells} cells: "maxCells" is ${maxCells}`,
        );
      return new Table(dtype, made);
    }
    if (dtype !== table.dtype) expected('ERR_DTYPE', 'input', `${table.dtype} as before`, dtype);
    if (classes !== this.#classes && this.#asked.countsClasses)
      expected('ERR_SHAPE', 'input', `${this.#classes} classes as before`, String(classes));
    return table;
  }
}

function addOptions(options: unknown): AddOptions {
  if (options === undefined) return {};
  if (!isObject(options)) return expected('ERR_TYPE', 'options', 'an object', show(options));
  checkNames(options, '', ADD_OPTIONS);
  return Object.fromEntries(ADD_OPTIONS.map((name) => [name, read(options, name)]));
}

/** `sizes`: how many rows count, of each group. */
function accumulate(table: Table<Figure>, batch: Batch, sizes: Grouping['sizes']): void {
  const { terms, divisors, weights } = batch;
  const { sums, sumsPerGroup } = table;
  sums.addEach(terms, batch, table.lossOf(0), sumsPerGroup);
  if (divisors !== undefined) sums.addEach(divisors, batch, table.divisorOf(0), sumsPerGroup);
  if (weights !== undefined) sums.addEach(weights, batch, table.weightOf(0), sumsPerGroup);
  for (const [group, rows] of sizes) {
    table.counts[table.countOf(group)] += rows;
    if (divisors === undefined) sums.add(table.divisorOf(group), rows);
    if (weights === undefined) sums.add(table.weightOf(group), rows);
  }
  for (const figure of table.figures) {
    const { sum, count } = table.cellsOf(figure, 0);
    figure.add(table, batch, sum, count);
  }
}

const resultOf = (table: Table<Figure>, group: number): Results => ({
  loss: table.quotient(table.lossOf(group), table.divisorOf(group)),
  sum: table.rounded(table.lossOf(group)),
  count: table.counts[table.countOf(group)],
  weight: table.rounded(table.divisorOf(group)),
  ...Object.fromEntries(
    table.figures.flatMap((figure) => {
      const { sum, count } = table.cellsOf(figure, group);
      const value = figure.value(table, group, sum, count);
      return value === undefined ? [] : [[figure.name, value]];
    }),
  ),
});

/** Makes evaluations; a function with another. */
export interface Evaluate {
  /** Of the loss with this name. */
  <L extends LossName>(functions: Evaluable, options: EvaluateOptions<L>): Evaluation;
  /** An evaluation that knows what a state says, and goes on from there; its `maxCells` is 2²⁴. */
  from(functions: Evaluable, state: State): Evaluation;
}

/**
 * Starts an evaluation of a loss: of its mean, and figures beside it, over batches that need not be in memory together.
 *
 * - `functions`: an instance that has the loss; figures of classes take its `rowFigures`, perplexity `exp`, others `sigmoid`, `log`,
 *   `tanh`, which an instance of parts may lack (ERR_UNSUPPORTED)
 * - `options`: those below, and the loss's own, but for `reduction`, `sampleWeight`, `gradOutput`, `allIgnored`, `out`, `wrt` and `mask`
 * - throws ERR_OPTION for a figure that the loss has not
 * - `evaluate.from(F, state)` goes on where another evaluation was
 *
 * @example
 * const e = evaluate(F, { loss: 'crossEntropy', figures: ['accuracy', 'perplexity'], topK: [5] });
 * e.add(logits, labels).add(more, theirLabels, { group: 'fr' });
 * e.result(); // { loss, sum, count, weight, accuracy, topK: { 5: … }, perplexity, groups: [{ key: 'fr', … }] }
 */
export const evaluate: Evaluate = Object.assign(
  <L extends LossName>(functions: Evaluable, options: EvaluateOptions<L>): Evaluation =>
    new Evaluation(functions, options),
  {
    from(functions: Evaluable, state: State): Evaluation {
      if (!isObject(state)) return expected('ERR_OPTION', 'state', 'what state() returned', show(state));
      const [loss, options, figures] = ['loss', 'options', 'figures'].map((name) => read(state, name));
      if (typeof loss !== 'string' || !isList(figures) || !isReadable(Object(options)))
        expected('ERR_OPTION', 'state', 'what state() returned', show(state));
      const given = { ...decoded(options), loss, figures } as unknown as EvaluateOptions;
      return new Evaluation(functions, given).merge(state);
    },
  },
);

/** Options as they were given: JSON has no infinite numbers. */
const decoded = (options: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(Object(options)).map(([name, value]) => [
      name,
      value === 'Infinity'
        ? Number.POSITIVE_INFINITY
        : value === '-Infinity'
          ? Number.NEGATIVE_INFINITY
          : value,
    ]),
  );
