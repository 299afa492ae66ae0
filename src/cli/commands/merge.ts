import { readFileSync } from 'node:fs';
import type { State } from '../../evaluate/index.ts';
import { textOf, unusable, wrong } from '../failure.ts';
import { readFlags } from '../flags.ts';
import { simdloss } from '../package.ts';
import { conclude, ENDING_FLAGS, endingOf } from '../report/ending.ts';
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
    const given = readFlags(args, ENDING_FLAGS);
    if (given.positionals.length === 0) unusable('merge expected at least one STATE');
    const ending = endingOf(given);
    const [first, ...others] = given.positionals.map((path) => ({ path, state: stateIn(path) }));
    const { load, evaluate } = await simdloss();
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
    return conclude(first.state.loss, all, ending);
  },
};

function stateIn(path: string): State {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as State;
  } catch (error) {
    return wrong(`${path}: ${textOf(error)}`);
  }
}
