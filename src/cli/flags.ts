// Flags of a command, told by name in either spelling: --labelSmoothing, --label-smoothing.
import { parseArgs } from 'node:util';
import { textOf, unusable } from './failure.ts';

export interface Flag {
  /** Whether it stands by itself; one that may be turned off is --no-… too. */
  readonly isBoolean?: true;
  /** Whether it may be given more than once. */
  readonly isMultiple?: true;
}

export interface Given {
  readonly positionals: readonly string[];
  /** What was given once. */
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  /** undefined where neither it nor its negation was given. */
  flag(name: string): boolean | undefined;
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The arguments with every flag in the spelling that options have. */
export const inOneSpelling = (args: readonly string[]): string[] => {
  const end = args.indexOf('--');
  return args.map((arg, i) => {
    const match = /^--(?!no-)([^=]+)(=.*)?$/s.exec(arg) ?? /^--(no-[^=]+)()$/.exec(arg);
    if (match === null || (end >= 0 && i >= end)) return arg;
    return match[1].startsWith('no-')
      ? `--no-${camel(match[1].slice(3))}`
      : `--${camel(match[1])}${match[2] ?? ''}`;
  });
};

export function readFlags(args: readonly string[], flags: Readonly<Record<string, Flag>>): Given {
  const booleans = Object.keys(flags).filter((name) => flags[name].isBoolean);
  const options = Object.fromEntries([
    ...Object.entries(flags).map(([name, { isBoolean, isMultiple }]) => [
      name,
      { type: isBoolean ? 'boolean' : 'string', multiple: isMultiple === true },
    ]),
    ...booleans.map((name) => [`no-${name}`, { type: 'boolean' }]),
  ]) as Record<string, { type: 'boolean' | 'string'; multiple?: boolean }>;
  try {
    const { positionals, values } = parseArgs({ args: inOneSpelling(args), options, allowPositionals: true });
    const all = values as Record<string, unknown>;
    return {
      positionals,
      text: (name) => all[name] as string | undefined,
      texts: (name) => (all[name] ?? []) as readonly string[],
      flag: (name) => (all[`no-${name}`] ? false : (all[name] as boolean | undefined)),
    };
  } catch (error) {
    return unusable(textOf(error));
  }
}

/** `1,5` as numbers. */
export const numbersOf = (name: string, text: string): number[] =>
  text.split(',').map((part) => numberOf(name, part));

export function numberOf(name: string, text: string): number {
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number)
    ? unusable(`--${name} expected a number, got ${text === '' ? 'nothing' : text}`)
    : number;
}
