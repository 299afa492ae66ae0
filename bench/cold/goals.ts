// What a cold start in Node may take.
import type { Over, Platform, Spread } from './results.ts';

export interface Goal {
  readonly name: string;
  readonly wanted: number;
  readonly measured: Spread | Over;
  readonly reached: boolean;
}

const OVER_EMPTY = 10;
const INSTANTIATE = 1;

export function goalsOf({ name, version, rows }: Platform): Goal[] {
  if (name !== 'Node') return [];
  const published = rows.filter(({ form }) => form === 'as published');
  const goal = (what: string, wanted: number, measured: Spread | Over): Goal => ({
    name: `Node ${version.split('.')[0]}, ${what}`,
    wanted,
    measured,
    reached: measured.median <= wanted,
  });
  return published.flatMap(({ entry, over, parts }) => [
    goal(`${entry}: over an empty script, CPU time`, OVER_EMPTY, over.CPU),
    goal(`${entry}: over an empty script, wall time`, OVER_EMPTY, over.wall),
    goal(`${entry}: instantiate`, INSTANTIATE, parts!.instantiate),
  ]);
}
