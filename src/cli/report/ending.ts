// How an evaluation ends: with its result, for people or programs, its state, and a look at limits.
import { writeFileSync } from 'node:fs';
import type { Evaluation } from '../../evaluate/index.ts';
import { EXIT } from '../failure.ts';
import type { Flag, Given } from '../flags.ts';
import { json, report } from './format.ts';
import { exceeded, type Limit, limitOf } from './limits.ts';

export const ENDING_FLAGS: Readonly<Record<string, Flag>> = {
  json: { isBoolean: true },
  state: {},
  max: { isMultiple: true },
  min: { isMultiple: true },
};

export interface Ending {
  readonly isJson: boolean;
  readonly state: string | undefined;
  readonly limits: readonly Limit[];
}

export const endingOf = (given: Given): Ending => ({
  isJson: given.flag('json') === true,
  state: given.text('state'),
  limits: [
    ...given.texts('max').map((text) => limitOf(text, true)),
    ...given.texts('min').map((text) => limitOf(text, false)),
  ],
});

/** Returns the exit code. */
export function conclude(loss: string, evaluation: Evaluation, { isJson, state, limits }: Ending): number {
  const results = evaluation.result();
  console.log(isJson ? json(results) : report(loss, results));
  if (state !== undefined) writeFileSync(state, `${JSON.stringify(evaluation.state())}\n`);
  const missed = exceeded(results, limits);
  for (const text of missed) console.error(text);
  return missed.length > 0 ? EXIT.data : 0;
}
