// A drawn call as it is made: its arguments in the order of the loss's inputs, in arrays of one dtype.
import type { Interval } from '../../src/options/interval.ts';
import { descriptorOf, domainsOf } from '../intervals.ts';
import type { Random } from '../random.ts';
import type { Options, Tensor } from '../reference/index.ts';
import { isTensor } from '../reference/tensor.ts';
import type { LossName } from '../rows/row.ts';
import { drawOf } from './index.ts';

type Any = any;

/** What a suite has to say of it. */
export interface Asked {
  readonly loss: LossName;
  readonly r: Random;
  readonly array: Float32ArrayConstructor | Float64ArrayConstructor;
  /** An element of an input. */
  readonly draw: (interval: Interval, r: Random) => number;
  /** One of a weight, or of what there is one number of. */
  readonly factor: (name: string) => number;
  /** Options that are values. */
  readonly options?: Options;
}

export interface OwnCall {
  readonly inputs: readonly Any[];
  readonly options: Record<string, Any>;
  readonly terms: readonly number[];
  /** What has a gradient in it, by its own name. */
  readonly wrt: readonly string[];
}

export function ownCall({ loss, r, array, draw, factor, options: given = {} }: Asked): OwnCall {
  const own = drawOf(loss)!;
  let shape: number[];
  let all: Options | undefined;
  do {
    shape = own.shape(r);
    all = own.options(loss, shape, given, r, factor);
  } while (all === undefined);
  const [input, target = input] = domainsOf(loss, all);
  const numbers = ({ data, shape: dims }: Tensor) => ({ data: (array as Any).from(data), shape: [...dims] });
  const size = shape.reduce((a, b) => a * b, 1);
  const first = numbers({ data: Array.from({ length: size }, () => draw(input, r)), shape });
  const { terms, integers, ...roles } = own.inputs(loss, shape, all, {
    r,
    input: () => draw(input, r),
    target: () => draw(target, r),
    range: [-(2 ** 31), 2 ** 31 - 1],
  });
  const others = (['target', 'third', 'fourth'] as const).flatMap((role) => {
    const of = roles[role];
    if (of === undefined) return [];
    if (!integers.includes(role)) return numbers(of);
    return { data: Int32Array.from(of.data), shape: [...of.shape] };
  });
  const options: Record<string, Any> = Object.fromEntries(
    Object.entries(all).map(([option, v]) => [option, isTensor(v) ? numbers(v) : v]),
  );
  const wrt = descriptorOf(loss)
    .inputs.filter(({ gradient }, i) => gradient && !(i === 1 && integers.includes('target')))
    .map(({ name }) => name);
  if (isTensor(options.logitScale)) wrt.push('logitScale');
  return { inputs: [first, ...others], options, terms, wrt };
}
