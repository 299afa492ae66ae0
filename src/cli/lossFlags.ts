// The options of a loss as flags.
import type { Descriptor } from '../losses/descriptor.ts';
import { registry } from '../losses/registry.ts';
import { textOf, unusable } from './failure.ts';
import { type Flag, type Given, numberOf, numbersOf } from './flags.ts';

/** What the command itself says of a call, or what a file cannot. */
const NOT_HERE = ['reduction', 'sampleWeight', 'gradOutput', 'allIgnored', 'mask'];

export function lossNamed(name: string | undefined): Descriptor {
  if (name === undefined) return unusable('--loss is missing: simdloss losses lists them');
  if (!Object.hasOwn(registry, name)) return unusable(`there is no loss ${name}: simdloss losses lists them`);
  return registry[name as keyof typeof registry];
}

/** The flag by which an input is said: of the first it is --pred. */
export const flagOfInput = (name: string, i: number): string => (i === 0 ? 'pred' : name);

/** A flag by the option's name; weights of classes have another, as --weight is that of rows. */
interface LossFlag extends Flag {
  readonly option: string;
  readonly values: string;
}

export function lossFlags({ options, family }: Descriptor): Readonly<Record<string, LossFlag>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([option, { fallback, operand, values }]): [string, LossFlag][] => {
      if (NOT_HERE.includes(option) || operand?.shape === 'first') return [];
      if (option === 'weight')
        return family.name === 'classes'
          ? [['classWeight', { option, values: 'numbers, one a class: 1,2,0.5' }]]
          : [];
      if (typeof fallback === 'boolean')
        return [
          [option, { option, values: fallback ? 'on unless --no-' : 'off unless given', isBoolean: true }],
        ];
      return [[option, { option, values: operand === undefined ? values : 'a number, or numbers: 1,2,0.5' }]];
    }),
  );
}

/** What was given of them, as the loss takes it. */
export function lossOptions(
  { options }: Descriptor,
  flags: Readonly<Record<string, LossFlag>>,
  given: Given,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).flatMap(([name, { option, isBoolean }]): [string, unknown][] => {
      if (isBoolean) {
        const value = given.flag(name);
        return value === undefined ? [] : [[option, value]];
      }
      const text = given.text(name);
      return text === undefined ? [] : [[option, parsed(name, options[option], text)]];
    }),
  );
}

function parsed(
  name: string,
  { operand, interval, parse }: Descriptor['options'][string],
  text: string,
): unknown {
  if (operand !== undefined) {
    const numbers = numbersOf(name, text);
    return numbers.length === 1 && operand.shape !== 'classes' ? numbers[0] : numbers;
  }
  try {
    return parse(interval === undefined ? text : numberOf(name, text), name);
  } catch (error) {
    return unusable(textOf(error));
  }
}
