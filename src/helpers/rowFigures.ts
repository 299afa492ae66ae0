import { FLAGS, GRAD0, GRAD1, GRAD2, GRAD3, HESS, IN0, IN1, VALUE } from '../abi.ts';
import { KernelCall } from '../call.ts';
import { expected, isList, show } from '../errors.ts';
import { axisOption, ignoreIndexOption, isIndexTarget } from '../families/classes.ts';
import { Layout } from '../families/layout.ts';
import { named } from '../given.ts';
import type { Checked, NoOptions, Passed, Some } from '../losses/signatures.ts';
import type { FloatInput, IndexInput, ResultOf } from '../memory/inputs.ts';
import { commonDtype, Operand, recheck } from '../memory/operand.ts';
import { lengthOf } from '../memory/shape.ts';
import { OptionSet, Options, type Owners } from '../options/read.ts';
import { unread } from '../options/specs.ts';
import { operandOf } from '../plan/read.ts';
import { discard, newOutput } from '../plan/results.ts';
import type { Host } from '../plan/step.ts';
import type { FiguresSpec } from './specs.ts';

export interface RowFiguresOptions {
  /** The class axis; default 1, or 0 for one row. */
  axis?: number | undefined;
  /** Rows with this label are not read. Default −100. */
  ignoreIndex?: number | undefined;
  /** Which of the results are wanted, of which there are no others then: each takes its time. Default all. */
  only?: readonly FigureOfRow[] | undefined;
}

/** A result's name. */
export type FigureOfRow = 'nll' | 'rank' | 'argmax' | 'confidence' | 'entropy' | 'brier';

/** What rows say, each in the shape of the labels. */
export interface FiguresOf<I> {
  /** −log softmax(x)_y: `F.crossEntropy` with reduction 'none'. */
  readonly nll: ResultOf<I>;
  /** How many classes come before the label: those of a greater logit, and of equal ones those of a smaller index. */
  readonly rank: ResultOf<I>;
  /** The class of the greatest logit, the first of equal ones. */
  readonly argmax: ResultOf<I>;
  /** Its probability. */
  readonly confidence: ResultOf<I>;
  /** −Σ p log p, in nats. */
  readonly entropy: ResultOf<I>;
  /** (1 − p_y)² + Σ_{j≠y} p_j². */
  readonly brier: ResultOf<I>;
}

export interface RowFigures {
  /**
   * What each row of logits says of its label, in one pass: what accuracy, top-k, perplexity and calibration are made of. `evaluate`
   * of 'simdloss/evaluate' adds it up.
   *
   * - `input`: logits, shape (C), (N, C) or (N, C, d1 … dk); at most 2²⁴ classes
   * - `target`: class indices, the shape without the class axis
   * - `only`: the names of those that are wanted
   * - returns six results in that shape and the input's dtype; NaN where a row has a NaN or is ignored, and nll, confidence, entropy
   *   and brier also where the greatest logit is infinite
   * - throws ERR_LABEL as `nll`
   * - relative error at most 4e-6 (f32), of brier of what it is a sum of
   *
   * @example F.rowFigures({ data: Float32Array.of(1, 3, 2), shape: [1, 3] }, Int32Array.of(2)).rank // { data: [1], shape: [1] }
   */
  rowFigures<I extends FloatInput, const C extends Some<RowFiguresOptions> = NoOptions>(
    input: I,
    target: IndexInput,
    options?: Checked<C, RowFiguresOptions>,
  ): Pick<FiguresOf<I>, Wanted<Passed<C, 'only'>>>;
}

type Wanted<Only> = Only extends readonly (infer Name extends FigureOfRow)[] ? Name : FigureOfRow;

const optionSet = new OptionSet({
  axis: axisOption(),
  ignoreIndex: ignoreIndexOption(),
  only: unread('names of results'),
});
/** Where the kernel writes each. */
const SLOT_OF = { nll: VALUE, rank: GRAD0, argmax: GRAD1, confidence: GRAD2, entropy: GRAD3, brier: HESS };
const NAMES = Object.keys(SLOT_OF);
/** Indices of more classes than an f32 can count would be others. */
const MOST_CLASSES = 2 ** 24;

/** Makes F.rowFigures. */
export function createRowFigures({ name }: FiguresSpec, _options: Owners, { arena, backend }: Host): unknown {
  const figures = (input: unknown, target: unknown, raw?: unknown): unknown => {
    arena.check();
    const options = new Options(optionSet);
    options.read(raw);
    const { axis, ignoreIndex, only } = options.values as {
      axis: number;
      ignoreIndex: number;
      only: unknown;
    };
    const wanted = wantedOf(only);
    const x = operandOf(input, 'input', arena, new Operand(IN0));
    const labels = operandOf(target, 'target', arena, new Operand(IN1));
    const layout = new Layout();
    layout.set(x, axis);
    labels.isIndex = isIndexTarget(x, labels, layout, false);
    if (layout.classes > MOST_CLASSES)
      expected('ERR_SHAPE', 'input', `at most ${MOST_CLASSES} classes`, `${layout.classes}`);
    const call = new KernelCall();
    call.name = name;
    call.dtype = commonDtype([x, labels]);
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.ignoreIndex = ignoreIndex;
    call.flags = FLAGS.VALUE | FLAGS.INDEX;
    call.prepass = true;
    // none of the caller's code runs from here on
    arena.check();
    for (const read of [x, labels]) {
      recheck(read, arena);
      call.add(read);
    }
    // the kernel always writes nll, and the js backend all of them
    const results = NAMES.filter((of) => of === 'nll' || backend.name === 'js' || wanted.includes(of)).map(
      (of): [string, Operand] => [of, new Operand(SLOT_OF[of as FigureOfRow])],
    );
    try {
      for (const [of, result] of results) {
        newOutput(result, of, labels.shape, call.dtype, x, arena);
        call.add(result);
      }
      call.kernel = layout.inner === 1 ? 'rowFigures_rows' : 'rowFigures_lanes';
      backend.run(call);
      const kept: Record<string, unknown> = {};
      for (const [of, result] of results)
        if (wanted.includes(of)) kept[of] = result.source;
        else discard(result);
      return kept;
    } catch (error) {
      for (const [, result] of results) discard(result);
      throw error;
    }
  };
  return Object.freeze(named(name, figures));
}

function wantedOf(only: unknown): readonly unknown[] {
  if (only === undefined) return NAMES;
  const length = isList(only) ? lengthOf(only, 'only') : Number.POSITIVE_INFINITY;
  const names = length > NAMES.length ? [length] : Array.from({ length }, (_, i) => (only as unknown[])[i]);
  if (!names.every((name) => NAMES.includes(name as string)))
    expected('ERR_OPTION', 'only', `an array of ${NAMES}`, show(only));
  return names;
}
