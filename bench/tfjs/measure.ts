import type { LossFunctions } from 'simdloss';
import { now } from '../clock.ts';
import { median, rounded } from '../statistics.ts';
import { epochs, type Make, makes } from './epoch.ts';
import type { TfjsResult } from './results.ts';

/** All makes in turn, there and back; where rounds are many, one before them is for the engine. */
export function measure(
  F: LossFunctions,
  classes: number,
  rounds: number,
): Pick<TfjsResult, 'epoch' | 'ratio'> {
  const all = epochs(F, classes);
  const times = Object.fromEntries(makes.map((make) => [make, [] as number[]])) as Record<Make, number[]>;
  for (let round = rounds > 2 ? -1 : 0; round < rounds; round++) {
    for (const make of round % 2 !== 0 ? makes : [...makes].reverse()) {
      const start = now();
      all[make].run();
      if (round >= 0) times[make].push(now() - start);
    }
  }
  for (const make of makes) all[make].dispose();
  const of = (figure: (make: Make) => number) =>
    Object.fromEntries(makes.map((make) => [make, rounded(figure(make))])) as Record<Make, number>;
  return {
    epoch: of((make) => median(times[make])),
    ratio: of((make) => median(times[make].map((time, i) => time / times.none[i]))),
  };
}
