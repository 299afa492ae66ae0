import { UNIT } from '../options/interval.ts';
import { number } from '../options/specs.ts';

/** The option of losses whose targets are a label of two. */
export interface SmoothingOptions {
  /** Share of the target that goes to ½, in [0, 1]; default 0. */
  labelSmoothing?: number | undefined;
}

export const smoothingOptions = () => ({ labelSmoothing: number(0, { low: UNIT.low, high: UNIT.high }) });

export const isSmoothed = ({ labelSmoothing }: Required<SmoothingOptions>): boolean => labelSmoothing > 0;

/** P5 and P6: what is left of the target, and what both outcomes are given. */
export const smoothingParams = ({ labelSmoothing }: Required<SmoothingOptions>): [number, number] => [
  1 - labelSmoothing,
  labelSmoothing / 2,
];
