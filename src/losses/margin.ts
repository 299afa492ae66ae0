// What losses of a score and a label of ±1 have in common; a file of its own, so that a bundle has none of them with another.
import { type ElementOptions, elementOptions } from '../families/elementwise.ts';
import type { Interval } from '../options/interval.ts';
import { number, oneOf } from '../options/specs.ts';

export interface HingeOptions extends ElementOptions {
  /** How far on the right side of 0 a score has to be; ≥ 0 and finite, default 1. */
  margin?: number | undefined;
  /** 'signed' (default): targets are −1 and 1. 'binary': they are 0 and 1. */
  labels?: 'signed' | 'binary' | undefined;
}

export const SIGNS: Interval = { what: 'labels', low: -1, high: 1, shown: [-1, 1] };

export const hingeOptions = () => ({
  margin: number(1, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 2] }),
  labels: oneOf('signed', ['signed', 'binary']),
  ...elementOptions(),
});

/** [margin, factor and shift that make a label ±1] */
export const hingeParams = ({ margin, labels }: Required<HingeOptions>): number[] =>
  labels === 'binary' ? [margin, 2, 0, 1] : [margin, 1, 0, 0];

/** Labels, of which the options say how they are written. */
export const labelsOf = ({ labels }: Required<HingeOptions>): Interval =>
  labels === 'binary' ? { ...SIGNS, low: 0, shown: [0, 1] } : SIGNS;
