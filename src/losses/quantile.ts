// What losses of two sides have in common; a file of its own, so that a bundle has none of them with another.
import type { FloatDType } from '../dtypes.ts';
import { UNIT } from '../options/interval.ts';
import { operand } from '../options/specs.ts';
import { rounded } from './rounded.ts';

export const quantileOption = () =>
  operand('a number or an array that broadcasts to the input', {
    slot: 'own',
    shape: 'broadcast',
    number: 'param',
    interval: { ...UNIT, isLowOpen: true, isHighOpen: true },
  });

/** [the quantile, where it is no array] */
export const quantileParams = ({ quantile }: { quantile?: unknown }, dtype: FloatDType): number[] => [
  rounded(typeof quantile === 'number' ? quantile : 0.5, dtype),
];
