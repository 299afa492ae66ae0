// A batch's terms, and what figures take to know of it.
import { LANEWISE_CLASSES } from '../abi.ts';
import type { FloatDType } from '../dtypes.ts';
import { expected, fail } from '../errors.ts';
import { elements } from '../memory/shape.ts';
import { type AddOptions, type Asked, helperOf } from './asked.ts';
import type { Batch } from './figures/figure.ts';
import type { Evaluable } from './functions.ts';
import { elementsOf, expectShape, numbersOf, roomLike } from './read.ts';
import { type ClassRows, classRows, mapped, numberOf, rowFigures } from './rows.ts';
import type { Temporaries } from './temporary.ts';

/** The most classes of which there is a confusion matrix. */
const MOST_CONFUSED = 4096;

/** What is known of a batch before its numbers are read. */
export interface Computed extends Pick<Batch, 'dtype' | 'length' | 'counted'> {
  readonly classes: number;
  /** Its numbers, where they are: no call may follow until they are added up, as it might move them. */
  read(): Omit<Batch, 'groups'>;
}

/** Calls what the batch takes, whose results are among `results` until they are read. */
export function compute(
  F: Evaluable,
  asked: Asked,
  inputs: readonly unknown[],
  { sampleWeight, mask }: AddOptions,
  results: Temporaries,
): Computed {
  const { needs } = asked;
  const rows = asked.kind.name === 'classes' ? classRows(asked, inputs[0], inputs[1]) : undefined;
  checkRows(asked, rows);
  const weight = weightOf(inputs[0], sampleWeight, mask, rows);
  const given = rows === undefined ? inputs : [inputs[0], rows.target];
  // a copy: memory that grows for results leaves views of it behind
  const numbers =
    weight === undefined ? undefined : numbersOf(elementsOf(weight, 'sampleWeight', true)).slice();
  const figures = needs.has('rows') ? rowFigures(F, asked, inputs[0], rows!, numbers, results) : undefined;
  const options = { ...asked.options, reduction: 'none', sampleWeight: weight };
  const terms =
    figures !== undefined && hasTerms(F, asked, rows!, weight)
      ? figures.nll
      : results.add(asked.call(...given, options));
  const { BYTES_PER_ELEMENT, length } = terms.data;
  const dtype: FloatDType = BYTES_PER_ELEMENT === 4 ? 'f32' : 'f64';
  const rounded = (all: ArrayLike<number>): Float64Array =>
    new Float64Array(dtype === 'f32' && !(all instanceof Float32Array) ? new Float32Array(all) : all);
  const weights = numbers && rounded(numbers);
  if (needs.has('unweighted') && weights?.some((w) => w !== 0 && w !== 1))
    fail('ERR_OPTION', '"sampleWeight" expected 0 and 1, as auc and confusion count');
  const { areProbabilities } = asked.setup;
  const probability =
    needs.has('probability') && !areProbabilities
      ? results.add(helperOf(F, 'sigmoid')(inputs[0]))
      : undefined;
  const counted = countedOf(asked, weights, rows);
  return {
    dtype,
    length,
    classes: rows?.classes ?? 0,
    counted,
    read() {
      // of the others figures compare no inputs
      const isCompared = asked.names.length > 0 && !['classes', 'other'].includes(asked.kind.name);
      const [input, target] = isCompared ? inputs.map(comparedOf) : [[], []];
      if (needs.has('labels')) checkLabels(asked, target, counted);
      return {
        dtype,
        length,
        terms: terms.data,
        divisors: divisorsOf(asked, weights, rows?.labels, rounded),
        weights,
        counted,
        labels: rows?.labels,
        rows: figures && mapped(figures, ({ data }) => data),
        input,
        target,
        probability: areProbabilities ? input : probability?.data,
      };
    },
  };
}

/**
 * Whether the figures of rows have the terms of the loss, to the bit: they go through long contiguous rows as plain cross entropy does.
 */
function hasTerms(F: Evaluable, { loss, options }: Asked, rows: ClassRows, weight: unknown): boolean {
  const isPlain = Object.keys(options).every((name) => name === 'axis' || name === 'ignoreIndex');
  const isLong = rows.isContiguous && rows.classes > LANEWISE_CLASSES;
  return F.backend === 'wasm' && loss === 'crossEntropy' && isPlain && weight === undefined && isLong;
}

const comparedOf = (value: unknown, i: number): ArrayLike<number> =>
  numbersOf(elementsOf(value, i === 0 ? 'input' : 'target'));

/** Whether there are labels where figures compare with them, and not too many classes. */
function checkRows({ names }: Asked, rows: ClassRows | undefined): void {
  if (rows === undefined) return;
  const compares = names.find((name) => name !== 'entropy');
  if (rows.labels === undefined && compares !== undefined)
    expected(
      'ERR_OPTION',
      'figures',
      'none that takes class indices, with probabilities as targets',
      compares,
    );
  if (names.includes('confusion') && rows.classes > MOST_CONFUSED)
    fail('ERR_OPTION', `"confusion" is of at most ${MOST_CONFUSED} classes, got ${rows.classes}`);
}

/** What stands for sampleWeight in the call: 0 where the mask says so, and where a shift leaves no label. */
function weightOf(
  input: unknown,
  sampleWeight: unknown,
  mask: unknown,
  rows: ClassRows | undefined,
): unknown {
  const leftOut = rows?.leftOut;
  if (mask === undefined && leftOut === undefined) return sampleWeight;
  const weight = sampleWeight === undefined ? undefined : elementsOf(sampleWeight, 'sampleWeight', true);
  const masked = mask === undefined ? undefined : elementsOf(mask, 'mask', true);
  const shape = rows?.shape ?? (masked ?? weight)!.shape;
  if (masked !== undefined) expectShape(masked, shape, 'mask');
  if (weight !== undefined) expectShape(weight, shape, 'sampleWeight');
  const isOn = masked && numbersOf(masked);
  const given = weight && numbersOf(weight);
  const data = roomLike(elementsOf(input, 'input'), elements(shape));
  for (let i = 0; i < data.length; i++)
    if (isOn?.[i] !== 0 && leftOut?.[i] !== 1) data[i] = given === undefined ? 1 : given[i];
  return { data, shape };
}

/** 0 for rows of weight 0, and for those whose label is ignored; undefined where all count. */
function countedOf(
  { options }: Asked,
  weights: Float64Array | undefined,
  rows: ClassRows | undefined,
): Uint8Array | undefined {
  const labels = rows?.isIgnored ? rows.labels : undefined;
  const all = weights ?? labels;
  if (all === undefined) return undefined;
  const ignoreIndex = numberOf(options.ignoreIndex, -100);
  const counted = new Uint8Array(all.length).fill(1);
  if (weights !== undefined) for (let i = 0; i < counted.length; i++) if (weights[i] === 0) counted[i] = 0;
  if (labels !== undefined)
    for (let i = 0; i < counted.length; i++) if (labels[i] === ignoreIndex) counted[i] = 0;
  return counted;
}

/** What terms add to the divisor of the mean: sample weights, times the labels' class weights. */
function divisorsOf(
  { options, kind }: Asked,
  weights: Float64Array | undefined,
  labels: Int32Array | undefined,
  rounded: (all: ArrayLike<number>) => Float64Array,
): Float64Array | undefined {
  if (kind.name !== 'classes' || labels === undefined || options.weight === undefined) return weights;
  const ofClass = rounded(numbersOf(elementsOf(options.weight, 'weight')));
  const divisors = new Float64Array(labels.length);
  for (let i = 0; i < divisors.length; i++)
    divisors[i] = ofClass[labels[i]] * (weights === undefined ? 1 : weights[i]);
  return divisors;
}

/** Labels of two classes; where they are multiplied with logits, any two numbers of opposite signs. */
function checkLabels(
  { kind, options }: Asked,
  target: ArrayLike<number>,
  counted: Uint8Array | undefined,
): void {
  if (kind.name !== 'binary') return;
  const no = options.labels === 'binary' ? 0 : kind.no;
  const isScaled = no < 0 && kind.input === 'logits';
  for (let i = 0; i < target.length; i++) {
    if (counted?.[i] === 0) continue;
    const t = isScaled ? Math.sign(target[i]) : target[i];
    if (t !== no && t !== 1)
      expected('ERR_OPTION', 'figures', `targets ${no} and 1, which they compare with`, String(target[i]));
  }
}
