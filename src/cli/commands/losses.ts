import { kindOf } from '../../evaluate/kinds.ts';
import { descriptors } from '../../losses/registry.ts';
import { unusable } from '../failure.ts';
import { readFlags } from '../flags.ts';
import { flagOfInput, lossFlags, lossNamed } from '../lossFlags.ts';
import { aligned } from '../report/format.ts';
import { inLines } from '../report/lines.ts';
import type { Command } from './command.ts';

const usage = () => `usage: simdloss losses [NAME]

Lists the losses with their formulas; of one its inputs, options and figures.

  $ simdloss losses
  $ simdloss losses crossEntropy`;

export const lossesCommand: Command = {
  name: 'losses',
  summary: 'lists the losses, or the options of one',
  usage,
  run(args) {
    const { positionals } = readFlags(args, {});
    if (positionals.length > 1) unusable('losses expected one name at most');
    console.log(positionals.length === 0 ? all() : one(positionals[0]));
    return 0;
  },
};

const all = (): string => aligned(descriptors.map(({ name, formula }) => [name, formula])).join('\n');

function one(name: string): string {
  const loss = lossNamed(name);
  const flags = lossFlags(loss);
  const negated = (flag: string, { isBoolean, values }: (typeof flags)[string]): string =>
    isBoolean && values.endsWith('--no-') ? `${values}${flag}` : values;
  const inputs = loss.inputs.map(({ name }, i) => `--${flagOfInput(name, i)}`);
  const options = aligned(Object.entries(flags).map(([flag, spec]) => [`  --${flag}`, negated(flag, spec)]));
  const figures = Object.keys(kindOf(name).figures);
  return [
    `${name}: ${loss.formula}`,
    inLines('inputs:', inputs),
    ...(options.length > 0 ? ['options:', ...options] : []),
    inLines('figures:', figures.length > 0 ? figures : ['none but the loss']),
  ].join('\n');
}
