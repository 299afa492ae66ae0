import type { Descriptor } from '../../src/losses/descriptor.ts';
import { type Interval, showInterval } from '../../src/options/interval.ts';
import { fallbacksOf } from '../../src/options/specs.ts';

const textOf = (interval: Interval): string => {
  const range = showInterval(interval);
  return interval.what === undefined ? range : `${interval.what}, ${range}`;
};

/** For which values of an input a loss is defined, and what options change that. */
export function domainText({ inputs, options }: Descriptor, name: string): string {
  const { domain } = inputs.find((input) => input.name === name)!;
  const fallbacks = fallbacksOf(options);
  const usual = textOf(domain(fallbacks));
  const others = Object.entries(options).flatMap(([option, { fallback }]) => {
    if (typeof fallback !== 'boolean') return [];
    const text = textOf(domain({ ...fallbacks, [option]: !fallback }));
    return text === usual ? [] : [`; with ${option}: ${!fallback} ${text}`];
  });
  return usual + others.join('');
}
