// The ratios that the guard compares.
import type { Ratios } from '../guard/compare.ts';
import { type CaseResult, measured, type Results } from './results.ts';

/** One thread only: wall times of two depend on who else uses the machine. Our own builds are no rivals. */
const notCompared: readonly string[] = ['simdloss', 'simdloss relaxed'];

export function peerRatios({ cases }: Pick<Results, 'cases'>): Ratios {
  return new Map(cases.flatMap(ratiosOf));
}

function ratiosOf({ loss, shape, peers }: CaseResult): [string, number][] {
  return Object.entries(peers).flatMap(([name, result]): [string, number][] => {
    if (notCompared.includes(name)) return [];
    return [[`${loss} [${shape}] against ${name}`, measured(result)?.ratio ?? Number.NaN]];
  });
}
