import { isReadable, unknown } from '../errors.ts';
import { isEverybodys } from '../given.ts';

/** Whether it has properties that can be read. */
export const isObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && isReadable(value);

/** Refuses names that are none of the known ones. */
export function checkNames(options: object, prefix: string, known: readonly string[]): void {
  for (const name in options) {
    if (!known.includes(name) && !isEverybodys(options, name)) unknown('options', prefix + name, known);
  }
}
