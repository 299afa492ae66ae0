// What tests draw from the intervals of a loss: its inputs' and its options'.
import type { Descriptor } from '../src/losses/descriptor.ts';
import { registry } from '../src/losses/registry.ts';
import { contains, type Interval } from '../src/options/interval.ts';
import { fallbacksOf, type OperandSpec } from '../src/options/specs.ts';
import { inputsByRole } from './losses/roles.ts';
import { integer, type Random } from './random.ts';
import type { Options } from './reference/options.ts';
import type { LossName } from './rows/row.ts';

export const descriptorOf = (loss: LossName): Descriptor => registry[loss];

/** Of each input that holds numbers, with these options, in the order of the roles. */
export function domainsOf(loss: LossName, options: Options = {}): Interval[] {
  const all = { ...fallbacksOf(descriptorOf(loss).options), ...options };
  return inputsByRole(loss)
    .filter((input) => input!.holds === 'numbers' || input!.holds === 'either')
    .map((input) => input!.domain(all));
}

/** Whether every number is in it. */
export const isUnbounded = ({ low, high }: Interval): boolean => low === -Infinity && high === Infinity;

const NOTABLE = [0, 1e-40, 0.25, 0.5, 0.9, 1, 3, 30, 200, 1e30, Infinity]
  .map(Math.fround)
  .flatMap((x) => [x, -x]);

/** Numbers at which a formula may have a special case: ends, both zeros, small, ordinary and distant ones. */
export const notable = (interval: Interval): number[] =>
  [...new Set([interval.low, interval.high, ...NOTABLE])].filter((x) => contains(interval, x));

/** The values to choose from of each option that is a value; what moves an axis or ignores a label is no matter of formulas. */
function choicesOf(loss: LossName): Record<string, readonly unknown[]> {
  const { options } = descriptorOf(loss);
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, spec]): [string, readonly unknown[]][] => {
      const { fallback, interval, choices } = spec;
      if (typeof fallback === 'boolean') return [[name, [false, true]]];
      if (choices !== undefined) return [[name, choices]];
      return interval === undefined || interval.isInteger ? [] : [[name, notable(interval)]];
    }),
  );
}

/** What is for logits alone is left out where the input is none. */
export function ofLogits(options: Record<string, unknown>): Record<string, unknown> {
  if (options.fromLogits !== false) return options;
  const { temperature, softcap, mask, zLoss, ...others } = options;
  return others;
}

/** Some of a loss's own options, each any of its values. */
export const someOptions = (loss: LossName, r: Random): Options =>
  ofLogits(
    Object.fromEntries(
      Object.entries(choicesOf(loss))
        .filter(() => r() < 0.5)
        .map(([name, values]) => [name, values[integer(r, values.length)]]),
    ),
  );

export interface NamedOperand extends OperandSpec {
  readonly name: 'weight' | 'posWeight' | 'mask' | 'quantile' | 'linearBias' | 'logitScale' | 'classWeight';
}

/** The options that are arrays. */
export const operandsOf = (loss: LossName): NamedOperand[] =>
  Object.entries(descriptorOf(loss).options).flatMap(([name, { operand }]) =>
    operand === undefined ? [] : [{ ...operand, name: name as NamedOperand['name'] }],
  );
