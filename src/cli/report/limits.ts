// Limits that results have to keep, for checks that run by themselves.
import type { Results } from '../../evaluate/results.ts';
import { unusable } from '../failure.ts';
import { number } from './format.ts';

export interface Limit {
  readonly name: string;
  readonly bound: number;
  readonly isMost: boolean;
}

/** `loss=0.3`, `topK.5=0.9`. */
export function limitOf(text: string, isMost: boolean): Limit {
  const flag = isMost ? '--max' : '--min';
  const [, name, bound] =
    /^([\w.]+)=(.+)$/.exec(text) ?? unusable(`${flag} expected NAME=NUMBER, got ${text}`);
  if (Number.isNaN(Number(bound))) unusable(`${flag} ${name} expected a number, got ${bound}`);
  return { name, bound: Number(bound), isMost };
}

/** Which are not kept, each in a sentence. NaN keeps none. */
export function exceeded(results: Results, limits: readonly Limit[]): string[] {
  return limits.flatMap(({ name, bound, isMost }) => {
    const value = name
      .split('.')
      .reduce<unknown>(
        (of, part) => (Object.hasOwn(Object(of), part) ? (of as Record<string, unknown>)[part] : undefined),
        results,
      );
    if (typeof value !== 'number')
      return unusable(`${isMost ? '--max' : '--min'} ${name}: there is no such figure here`);
    const isKept = isMost ? value <= bound : value >= bound;
    return isKept ? [] : [`${name} is ${number(value)}, which is ${isMost ? 'more' : 'less'} than ${bound}`];
  });
}
