import { readFileSync, writeFileSync } from 'node:fs';
import { evaluate, type State } from '../../evaluate/index.ts';
import { load } from '../../index.ts';
import { EXIT, textOf, unusable, wrong } from '../failure.ts';
import { readFlags } from '../flags.ts';
import { json, report } from '../report/format.ts';
import { exceeded, limitOf } from '../report/limits.ts';
import type { Command } from './command.ts';

const usage = () => `usage: simdloss merge STATE… [options]

Adds up evaluations that 'simdloss eval --state FILE' wrote, of the same loss,
options and figures: the result is that of one evaluation of all the data, to
the last bit.

  --json              the result as JSON
  --state FILE        writes what they come to, for another merge
  --max NAME=NUMBER   ends with 1 where a figure is more (--min: less), or NaN

  $ simdloss merge shard1.json shard2.json
  $ simdloss merge shard1.json shard2.json --json --max loss=0.5`;

export const mergeCommand: Command = {
  name: 'merge',
  summary: 'adds up what several evaluations wrote',
  usage,
  async run(args) {
    const given = readFlags(args, {
      json: { isBoolean: true },
      state: {},
      max: { isMultiple: true },
      min: { isMultiple: true },
    });
    if (given.positionals.length === 0) unusable('merge expected at least one STATE');
    const limits = limitsOf(given.texts('max'), given.texts('min'));
    const [first, ...others] = given.positionals.map((path) => ({ path, state: stateIn(path) }));
    const F = await load();
    const from = <T>(path: string, make: () => T): T => {
      try {
        return make();
      } catch (error) {
        return wrong(`${path}: ${textOf(error)}`);
      }
    };
    const all = from(first.path, () => evaluate.from(F, first.state));
    for (const { path, state } of others) from(path, () => all.merge(state));
    return conclude(first.state.loss, all, {
      isJson: given.flag('json') === true,
      state: given.text('state'),
      limits,
    });
  },
};

export const limitsOf = (max: readonly string[], min: readonly string[]) => [
  ...max.map((text) => limitOf(text, true)),
  ...min.map((text) => limitOf(text, false)),
];

function stateIn(path: string): State {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as State;
  } catch (error) {
    return wrong(`${path}: ${textOf(error)}`);
  }
}

interface Ending {
  readonly isJson: boolean;
  readonly state: string | undefined;
  readonly limits: ReturnType<typeof limitsOf>;
}

/** Says what an evaluation comes to, keeps its state, and looks at the limits. */
export function conclude(
  loss: string,
  evaluation: ReturnType<typeof evaluate.from>,
  { isJson, state, limits }: Ending,
): number {
  const results = evaluation.result();
  console.log(isJson ? json(results) : report(loss, results));
  if (state !== undefined) writeFileSync(state, `${JSON.stringify(evaluation.state())}\n`);
  const missed = exceeded(results, limits);
  for (const text of missed) console.error(text);
  return missed.length > 0 ? EXIT.data : 0;
}
