// Calls whose terms are finite in f32 while their sums are not: near the greatest number, all of them or some, or made so by weights.

import { pairs } from '../../src/families/pairs.ts';
import type { FloatDType } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { drawOf } from '../draws/index.ts';
import { domainsOf } from '../intervals.ts';
import { drawnOf, inputBy, inputsOf, isOfSets, setsOf, shapeOf } from '../losses/inputs.ts';
import { isProjection, isTernary } from '../losses/roles.ts';
import { integer, type Random, random } from '../random.ts';
import { type Options, reference, type Tensor } from '../reference/index.ts';
import { rows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';
import type { Case, Reduction } from './case.ts';
import { optionsOf } from './domains.ts';

const pick = <T>(r: Random, list: readonly T[]): T => list[integer(r, list.length)];
const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Lengths around a vector, a group and a block. */
const lengths = [1, 2, 3, 4, 7, 8, 31, 32, 33, 64, 100, 1000, 1023, 1024, 1025, 1060, 2048, 2100];

/** Less than what f32 has. */
const MOST = 3.3e38;
/** More than any ordinary term, or its slope. */
const ORDINARY = 50;

/** An input whose term is up to MOST, with an ordinary target; none where terms are small by nature. */
const inputs: Partial<Record<LossName, number>> = {
  l1: MOST / 2,
  smoothL1: MOST / 2,
  huber: MOST / 2,
  mse: 0.9e19,
  bceWithLogits: MOST,
  nll: MOST,
  // its distance from another like it
  crossEntropy: MOST / 2,
  polyCrossEntropy: MOST / 2,
  categoricalFocal: MOST / 2,
  klDiv: MOST,
  gaussianNll: 0.9e19,
  pseudoHuber: MOST / 2,
  logCosh: MOST / 2,
  softMargin: MOST,
  hinge: MOST / 2,
  squaredHinge: 0.9e19,
  pinball: MOST / 2,
  expectile: 0.9e19,
  marginRanking: MOST / 4,
  // its gradient to the target is 1 + γ times as large
  sigmoidFocal: MOST / 16,
};

/** How inputs and targets are drawn whose terms are no more than ORDINARY. */
function ordinary(
  loss: LossName,
  { fromLogits, logTarget, labels }: Options,
  r: Random,
): [() => number, () => number] {
  const within = (low: number, high: number) => () => low + (high - low) * r();
  const unit = within(0.05, 0.95);
  if (loss === 'bce' || fromLogits === false) return [unit, unit];
  if (loss === 'poissonNll') return [unit, within(0, 2)];
  if (loss === 'mape') return [within(1, 3), within(1, 3)];
  if (loss === 'msle') return [within(0, 3), within(0, 3)];
  if (['softMargin', 'hinge', 'squaredHinge', 'hingeEmbedding'].includes(loss)) {
    const least = labels === 'binary' ? 0 : -1;
    return [within(-3, 3), () => (r() < 0.5 ? least : 1)];
  }
  if (loss === 'klDiv') return [within(-9, 0), logTarget ? within(-9, 0) : unit];
  if (loss === 'jsd') return [within(-0.5, 0), within(-9, -3)];
  if (loss === 'halfTweedie') return [within(0.5, 1.5), within(0.5, 3)];
  const high = domainsOf(loss)[1]?.high;
  return [within(-3, 3), high === 1 ? unit : within(-3, 3)];
}

/** What is huge. */
type Where = 'input' | 'weight' | 'sampleWeight';

function scaleBy({ data }: Tensor, round: (x: number) => number, factor: number): void {
  for (let i = 0; i < data.length; i++) (data as number[])[i] = round(data[i] * factor);
}

/** Of a loss of products, or of terms that hang on each other: ordinary terms, each of a weight that its size leaves room for. */
function makeWeightedCase(loss: LossName, reduction: Reduction, seed: number): Case {
  const r = random(seed);
  const row = rows[loss];
  const dtype: FloatDType = r() < 0.8 ? 'f32' : 'f64';
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;
  const small = row.variants.filter(
    (variant) => !variant.tensors?.sampleWeight && product(shapeOf(row, variant)) < 200,
  );
  const own = drawOf(loss);
  // there have to be terms, and none that is nothing before its weight
  const variant = own
    ? drawnOf(row, 30, seed).find(
        ({ shape, options }) => product(shape!) > 0 && options?.normalize !== false,
      )!
    : pick(r, small);
  const { input, target, rows: terms, options: given } = inputsOf(row, variant, dtype, seed);
  const options = { ...given, reduction } as Options;
  // what is divided by norms has gradients of any size
  if (registry[loss].family === pairs) scaleBy(input, round, 10 ** (integer(r, 37) - 18));
  const none = reference(loss, { input, target }, { ...options, reduction: 'none', dtype });
  const values = typeof none.value === 'number' ? [none.value] : Array.from(none.value.data);
  const share = pick(r, [1, 1, 0.5]);
  // with room for a class's weight, of up to 2
  const most = (value: number) => MOST / Math.max(2, value);
  options.sampleWeight = {
    data: values.map((value) => round(r() < share ? (0.4 + 0.6 * r()) * most(value) : 0.25 + 0.75 * r())),
    shape: terms,
  };
  const integers = ['target', 'third', 'fourth'].filter(
    (role) =>
      inputBy({ input, target, options: given, rows: terms, classAxis: 0 }, role)?.data instanceof Int32Array,
  );
  return {
    domain: 'weights up to what terms have room for',
    seed,
    loss,
    reduction,
    dtype,
    input,
    target,
    terms,
    labels: integers.length > 0 ? 'i32' : undefined,
    integers,
    options,
    wrt: 'input',
    call: pick(r, ['value', 'valueAndGrad', 'prepare']),
    operands: pick(r, ['tensors', 'arrays']),
    out: 'new',
  };
}

export function makeHugeCase(loss: LossName, reduction: Reduction, seed: number): Case {
  if (drawOf(loss) || isProjection(loss)) return makeWeightedCase(loss, reduction, seed);
  const r = random(seed);
  const dtype: FloatDType = r() < 0.8 ? 'f32' : 'f64';
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;
  const tensor = (shape: readonly number[], draw: (i: number) => number): Tensor => ({
    data: Array.from({ length: product(shape) }, (_, i) => round(draw(i))),
    shape,
  });
  const isClassLoss = registry[loss].family.name === 'classes';
  const isOfFeatures = ['features', 'multilabel'].includes(registry[loss].family.name);
  const options: Options = optionsOf(loss, r, dtype, round);
  // what is subnormal before a huge weight has lost its digits by then
  if (Number(options.delta) < 1e-20) options.delta = 1;
  if (Number(options.beta) > 1e20 || Number(options.beta) < 1e-20) options.beta = 1;
  // a power that leaves nothing of most terms
  if (Number(options.gamma) > 10) options.gamma = 10;
  // factors of a term
  if (Math.abs(Number(options.epsilon)) > 1) options.epsilon = Math.sign(options.epsilon!);
  if (Number(options.alpha) > 1) options.alpha = 1;
  // a huge logit by less than 1, or squared, is more than a term has
  if (Number(options.temperature) < 1) options.temperature = 1;
  // which leaves little of a term near its ends
  if (loss === 'jsd' && options.beta !== undefined) options.beta = round(0.1 + 0.8 * r());
  // a power near 1 or 2 has a constant of any size
  if (loss === 'halfTweedie' && options.power !== undefined) options.power = round(1.2 + 0.6 * r());
  // percent of a target of 1
  if (loss === 'mape') options.scale = 10;
  delete options.zLoss;
  // what is missing to it is a term
  if (Number(options.margin) > 1) options.margin = 1;
  const most = options.fromLogits === false || options.eps !== undefined ? undefined : inputs[loss];
  // a sum of products of rows may be more than any ordinary term
  delete options.normalize;
  const takesWeight = 'weight' in registry[loss].options;
  const where: Where =
    most !== undefined && r() < 0.5 ? 'input' : takesWeight && r() < 0.5 ? 'weight' : 'sampleWeight';

  let shape: readonly number[] = [pick(r, lengths)];
  let terms = shape;
  if (isClassLoss) {
    // two classes and more than 64 have loops of their own
    const classes = pick(r, [1, 2, 2, 3, 5, 10, 65 + integer(r, 70)]);
    const rows = classes > 10 ? 1 + integer(r, 40) : pick(r, lengths);
    const inner = r() < 0.3 ? 1 + integer(r, 20) : 0;
    const outer = inner > 0 ? Math.ceil(rows / inner) : rows;
    shape = inner > 0 ? [outer, classes, inner] : [outer, classes];
    terms = inner > 0 ? [outer, inner] : [outer];
  }

  if (isOfFeatures) {
    shape = [pick(r, lengths), pick(r, [1, 2, 5, 35])];
    terms = shape.slice(0, 1);
  }

  // all, many, few or one of them; of one sign, of both, or of one for a long run and then of the other
  const count = product(where === 'input' ? shape : terms);
  const share = pick(r, [1, 1, 0.5, 0.05]);
  const only = integer(r, count);
  const signs = pick(r, [
    () => 1,
    () => -1,
    () => (r() < 0.5 ? 1 : -1),
    (i: number) => (Math.floor(i / 40) % 2 === 0 ? 1 : -1),
  ]);
  const huge =
    (limit: number, ordinary: () => number, signed: boolean) =>
    (i: number): number => {
      if (share < 1 && r() >= share && i !== only) return ordinary();
      return (signed ? signs(i) : 1) * limit * (0.2 + 0.8 * r());
    };

  const [draw, drawTarget] = ordinary(loss, options, r);
  // weights of both signs may add up to nothing that a mean could be divided by
  const signed = reduction !== 'mean' || r() < 0.2;
  const weights = (at: Where): ((i: number) => number) => {
    const ordinary = () => (r() < 0.1 ? 0 : 0.25 + 0.75 * r());
    const isSigned = signed && !(reduction === 'mean' && (isClassLoss || at === 'sampleWeight'));
    return where === at ? huge(MOST / ORDINARY, ordinary, isSigned) : ordinary;
  };
  const input = tensor(shape, where === 'input' ? huge(most!, draw, true) : draw);
  if (where === 'input' && options.delta !== undefined) options.delta = round(Math.min(options.delta, 1));
  const indices = isClassLoss && (registry[loss].inputs[1].holds === 'indices' || r() < 0.5);
  const classes = isClassLoss ? shape[1] : 1;
  const isSet = isOfSets(rows[loss]);
  const labels = indices || isSet ? 'i32' : undefined;
  const target = indices
    ? { data: Array.from({ length: product(terms) }, () => integer(r, classes)), shape: terms }
    : isSet
      ? setsOf(r, shape)
      : // a row's probabilities add up to no more than 1
        tensor(shape, () => (/crossEntropy$|^categoricalFocal$/i.test(loss) ? r() / classes : drawTarget()));

  if (where === 'weight' || (takesWeight && r() < 0.2))
    options.weight = tensor(isClassLoss ? [classes] : shape, weights('weight'));
  if (where === 'sampleWeight' || r() < 0.2) options.sampleWeight = tensor(terms, weights('sampleWeight'));
  if (isTernary(loss) && isOfFeatures)
    options.third = tensor(registry[loss].inputs[2]!.shape === 'terms' ? terms : shape, () =>
      r() < 0.5 ? 1 : -1,
    );
  if (loss === 'bceWithLogits' && r() < 0.2) options.posWeight = round(0.25 + 0.75 * r());
  if (r() < 0.3) options.gradOutput = round(2 * r() - 1);
  options.reduction = reduction;
  return {
    domain: `${where} up to ${most ?? MOST / ORDINARY}`,
    seed,
    loss,
    reduction,
    dtype,
    input,
    target,
    terms,
    labels,
    options,
    wrt: labels ? 'input' : pick(r, ['input', 'input', 'target', ['input', 'target']]),
    call: pick(r, ['value', 'valueAndGrad', 'valueAndGrad', 'prepare']),
    operands: pick(r, ['tensors', 'arrays']),
    out: pick(r, ['new', 'in place', 'in place']),
  };
}
