// One random call of a loss, from a seed.
import type { FloatDType } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { drawOf } from '../draws/index.ts';
import { domainsOf, isUnbounded, operandsOf } from '../intervals.ts';
import { isOfSets, setsOf } from '../losses/inputs.ts';
import { isProjection, isTernary, ROLES, type Role, rolesOf, thirdInput } from '../losses/roles.ts';
import { integer, type Random, random } from '../random.ts';
import type { Options, Tensor } from '../reference/index.ts';
import { rows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';
import { elementsOf, optionsOf, power, subnormal } from './domains.ts';

export type Reduction = 'mean' | 'sum' | 'none' | 'batchmean';
export type Call = 'value' | 'grad' | 'valueAndGrad' | 'prepare';
export const labelTypes = ['i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'number[]'] as const;

/** What may have a gradient: inputs, and options that are tensors. */
export type Wrt = Role | 'linearBias' | 'logitScale';

export interface Case {
  /** What the inputs are drawn from, for who reads of a failure. */
  readonly domain: string;
  readonly seed: number;
  readonly loss: LossName;
  readonly reduction: Reduction;
  readonly dtype: FloatDType;
  readonly input: Tensor;
  readonly target: Tensor;
  /** The shape of the terms. */
  readonly terms: readonly number[];
  /** Set where the target holds class indices. */
  readonly labels?: (typeof labelTypes)[number];
  /** Which of the other inputs hold integers of that type. */
  readonly integers?: readonly string[];
  /** As the reference takes them; the numbers are all of the dtype. */
  readonly options: Options;
  readonly wrt: Wrt | readonly Wrt[] | undefined;
  readonly call: Call;
  /** Where the operands are, and where results go. */
  readonly operands: 'tensors' | 'arrays' | 'mixed';
  readonly out: 'new' | 'given' | 'in place';
}

/** What a type of labels can hold. */
const labelRanges: Record<(typeof labelTypes)[number], [low: number, high: number]> = {
  i8: [-128, 127],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i64: [-(2 ** 31), 2 ** 31 - 1],
  u8: [0, 255],
  u16: [0, 65535],
  u32: [0, 2 ** 31 - 1],
  'number[]': [-(2 ** 31), 2 ** 31 - 1],
};
const odd = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];

const pick = <T>(r: Random, list: readonly T[]): T => list[integer(r, list.length)];
const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Mostly a few elements, of any rank up to 4; sometimes an axis of length 0, or one that fills several vectors. */
function shapeOf(r: Random, least: number): number[] {
  const rank = least + integer(r, 5 - least);
  const dims = Array.from({ length: rank }, () => (r() < 0.02 ? 0 : pick(r, [1, 1, 2, 2, 3, 4])));
  if (rank > 0 && r() < 0.2) dims[integer(r, rank)] = integer(r, 40);
  while (product(dims) > 40) dims[dims.indexOf(Math.max(...dims))] >>= 1;
  return dims;
}

/** Two classes have a path of their own, and so have more than 64. */
const classCount = (r: Random): number =>
  pick(r, [1, 2, 2, 3, 4, 5, 8, 9, 10, 17, r() < 0.3 ? 65 + integer(r, 20) : 6]);

export function makeCase(loss: LossName, reduction: Reduction, seed: number): Case {
  const r = random(seed);
  const dtype: FloatDType = r() < 0.5 ? 'f32' : 'f64';
  const round = dtype === 'f32' ? Math.fround : (x: number) => x;
  const tensor = (shape: readonly number[], draw: () => number): Tensor => ({
    data: Array.from({ length: product(shape) }, () => round(draw())),
    shape,
  });
  const own = drawOf(loss);
  const isProduct = isProjection(loss);
  const isClassLoss = registry[loss].family.name === 'classes' || isProduct;
  const isOfRows = registry[loss].family.name !== 'elementwise';
  let options: Options = optionsOf(loss, r, dtype, round);
  let shape = own?.shape(r) ?? shapeOf(r, isOfRows ? 1 : 0);
  let terms: readonly number[] = shape;
  let axis = 0;
  if (own) {
    const scale = (name: string) => round(name === 'logitScale' ? scaleOf(r) : 0.25 + 2 * r());
    let more = own.options(loss, shape, options, r, scale);
    while (more === undefined) {
      shape = own.shape(r);
      more = own.options(loss, shape, options, r, scale);
    }
    options = more;
  } else if (isOfRows) {
    axis = isClassLoss && !isProduct ? Math.min(1, shape.length - 1) : shape.length - 1;
    if ('axis' in registry[loss].options && r() < 0.4) {
      axis = integer(r, shape.length);
      options.axis = r() < 0.5 ? axis : axis - shape.length;
    }
    shape[axis] = classCount(r);
    if (product(shape) > 160) shape = shape.map((d, k) => (k === axis ? d : Math.min(d, k === 0 ? 3 : 1)));
    terms = shape.filter((_, k) => k !== axis);
  }
  const isSet = isOfSets(rows[loss]);
  let classes = isProduct ? classCount(r) : shape[axis];
  const indices = isClassLoss && (domainsOf(loss).length === 1 || r() < 0.6);
  const { draw, drawTarget, drawThird, domain } = elementsOf(loss, options, r, dtype);
  const input = tensor(shape, draw);
  let target: Tensor;
  let labels: Case['labels'];
  let integers: Case['integers'];
  if (own) {
    const type = pick(r, labelTypes);
    const drawn = own.inputs(loss, shape, options, {
      r,
      input: () => round(draw()),
      target: () => round(drawTarget()),
      range: labelRanges[type],
    });
    ({ target, terms, classes, integers } = drawn);
    if (integers.length > 0) labels = type;
    if (drawn.third) options.third = drawn.third;
    if (drawn.fourth) options.fourth = drawn.fourth;
  } else if (indices) {
    labels = pick(r, labelTypes);
    const [low, high] = labelRanges[labels];
    const canIgnore = 'ignoreIndex' in registry[loss].options;
    if (canIgnore && r() < 0.4) {
      // a class, a neighbour of them, or anything
      const spread = low + Math.floor((high - low) * r());
      options.ignoreIndex =
        r() < 0.4 ? integer(r, classes) : Math.max(low, pick(r, [-1, classes, spread, low, high]));
    }
    const ignored = options.ignoreIndex ?? -100;
    const share = canIgnore ? (r() < 0.1 ? 1 : 0.2) : 0;
    const label = () => (r() < share && ignored >= low && ignored <= high ? ignored : integer(r, classes));
    target = { data: Array.from({ length: product(terms) }, label), shape: terms };
  } else if (isSet) {
    labels = pick(r, ['i8', 'i16', 'i32', 'i64', 'number[]']);
    target = setsOf(r, shape);
  } else target = tensor(isProduct ? [...terms, classes] : shape, () => drawTarget());

  if (isTernary(loss) && !own) {
    const isBroadcast = thirdInput(loss)?.shape === 'broadcast';
    if (isProduct) options.third = tensor([classes, shape[axis]], drawThird);
    else if (isBroadcast && r() < 0.1) options.third = round(drawThird());
    else options.third = tensor(thirdShapeOf(loss, shape, terms, r), drawThird);
  }

  // targets that meet the input exactly: the joints of losses of a difference
  if (
    !isClassLoss &&
    !isSet &&
    !own &&
    domainsOf(loss, options).slice(0, 2).every(isUnbounded) &&
    r() < 0.1
  ) {
    const same = target.data as number[];
    for (let i = 0; i < same.length; i++) if (r() < 0.3) same[i] = input.data[i];
  }

  if (r() < 0.25) options.allIgnored = pick(r, ['nan', 'zero']);
  // One factor of a call may be of any magnitude that leaves room for the rest. A subnormal one is alone: what it is multiplied
  // with would be rounded as a subnormal is.
  const isReduced = reduction === 'mean' || reduction === 'batchmean';
  const extreme = r() < 0.4 ? pick(r, ['weight', 'posWeight', 'sampleWeight', 'gradOutput']) : undefined;
  const isSubnormal = extreme !== undefined && !isReduced && r() < 0.2;
  const most = dtype === 'f32' ? 12 : 90;
  const factor = (name: string) => () => {
    if (r() < 0.05) return 0;
    if (name !== extreme) return 0.25 + 2 * r();
    return isSubnormal ? subnormal(r, dtype) : power(r, -most, most);
  };
  const has = (name: string, share: number) => (isSubnormal ? name === extreme : r() < share);
  const factors = (name: string, dims: readonly number[]) => tensor(dims, factor(name));
  for (const { name, shape: of, interval } of operandsOf(loss)) {
    if (own || !has(name, 0.35)) continue;
    const { low, high } = interval;
    // what is no factor has an end
    const draw = high === Infinity ? factor(name) : () => low + (high - low) * r();
    if (of === 'first') {
      const zeros = r() < 0.1 ? 1 : 0.3;
      if (options.fromLogits !== false) options[name] = tensor(shape, () => Number(r() >= zeros));
    } else if (of === 'classes') options[name] = tensor([classes], draw);
    else
      (options as Record<string, unknown>)[name] =
        r() < 0.25 ? round(draw()) : tensor(broadcastable(shape, r), draw);
  }
  if (has('sampleWeight', 0.3)) {
    const drawn = factors('sampleWeight', terms);
    options.sampleWeight = {
      ...drawn,
      data: Array.from(drawn.data, (w) => (r() < 0.2 ? pick(r, [0, -0]) : w)),
    };
  }
  if (has('gradOutput', 0.5)) {
    const up = () => (r() < 0.04 ? pick(r, [0, -0, ...odd]) : pick(r, [-1, 1]) * factor('gradOutput')());
    options.gradOutput = reduction === 'none' && r() < 0.7 ? tensor(terms, up) : round(up());
  }
  // labels of rows that do not count may be anything
  if (labels !== undefined && !isSet && !own && typeof options.sampleWeight === 'object') {
    const { data } = options.sampleWeight;
    const [least, greatest] = labelRanges[labels];
    target = {
      ...target,
      data: Array.from(target.data, (label, i) =>
        data[i] === 0 && r() < 0.5 ? Math.floor(least + (greatest - least) * r()) : label,
      ),
    };
  }
  options.reduction = reduction;

  return {
    domain,
    seed,
    loss,
    reduction,
    dtype,
    input,
    target,
    terms,
    labels,
    integers,
    options,
    wrt: own
      ? wrtOf(r, [
          ...rolesOf(loss).filter((role) => !integers?.includes(role)),
          ...(typeof options.logitScale === 'object' ? (['logitScale'] as const) : []),
        ])
      : isProduct
        ? pick(r, [undefined, 'input', 'third', ['third'], ['input', 'third']])
        : indices || isSet
          ? pick(r, [undefined, 'input', ['input']])
          : typeof options.third === 'object' && rolesOf(loss).length > 2
            ? pick(r, [undefined, 'third', ['target', 'third'], ROLES])
            : pick(r, [undefined, 'input', 'target', ['input', 'target'], ['target']]),
    call: pick(r, ['value', 'grad', 'valueAndGrad', 'valueAndGrad', 'prepare']),
    operands: pick(r, ['tensors', 'arrays', 'mixed']),
    out: pick(r, ['new', 'new', 'given', 'in place']),
  };
}

/** What similarities are multiplied by, from nothing to what leaves each row one other. */
const scaleOf = (r: Random): number => (r() < 0.1 ? 0 : r() < 0.5 ? 20 * r() : power(r, -6, 3));

/** One, or a list of some. */
function wrtOf(r: Random, names: readonly Wrt[]): Case['wrt'] {
  const some = names.filter(() => r() < 0.6);
  return pick(r, [undefined, pick(r, names), some.length > 0 ? some : names, names]);
}

/** A shape that NumPy broadcasts to `shape`. */
function broadcastable(shape: readonly number[], r: Random): number[] {
  const kept = shape.slice(r() < 0.5 ? 0 : integer(r, shape.length + 1));
  return kept.map((d) => (r() < 0.4 ? 1 : d));
}

/** A shape that a third input may have. */
const thirdShapeOf = (
  loss: LossName,
  shape: readonly number[],
  terms: readonly number[],
  r: Random,
): readonly number[] => {
  const of = thirdInput(loss)?.shape;
  return of === 'broadcast' ? thirdShape(shape, r) : of === 'terms' ? terms : shape;
};

/** One that is broadcast: of the first's rank, without the last axis, or of fewer axes. */
function thirdShape(shape: readonly number[], r: Random): number[] {
  const from = pick(r, [0, 0, 0, integer(r, shape.length + 1)]);
  // one of an axis less lacks the last
  const kept = from === 1 || (shape.length > 1 && r() < 0.2) ? shape.slice(0, -1) : shape.slice(from);
  return kept.map((d) => (r() < 0.4 ? 1 : d));
}

/** One line from which a case can be made again. */
export function describeCase(c: Case): string {
  const options = Object.entries(c.options)
    .filter(([name, v]) => v !== undefined && name !== 'reduction')
    .map(([name, v]) => `${name}: ${typeof v === 'object' ? `[${v.shape}]` : v}`);
  return [
    `makeCase('${c.loss}', '${c.reduction}', ${c.seed}):`,
    `${c.dtype} [${c.input.shape}],`,
    `target ${c.labels ?? c.dtype} [${c.target.shape}],`,
    `{ ${options.join(', ')} },`,
    `of ${c.domain};`,
    `${c.call} wrt ${c.wrt ?? 'default'}, ${c.operands}, out ${c.out}`,
  ].join(' ');
}
