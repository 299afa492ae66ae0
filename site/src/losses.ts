// The losses of the registry with what docs/ says of them: what the explorer and the table are made of.
import documents from 'virtual:documents';
import type { LossName } from '../../bench/cases.ts';
import { ELSEWHERE } from '../../scripts/generate/elsewhere.ts';
import { isOfItself } from '../../src/families/family.ts';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { registry } from '../../src/losses/registry.ts';
import type { LossDocument } from './document.ts';

export interface LossEntry {
  readonly name: LossName;
  readonly descriptor: Descriptor;
  readonly document: LossDocument;
}

/** What one number of the input cannot show: a sequence has frames and lengths, pairs have all other rows, a set positions. */
const isShown = ([, { family }]: [string, { readonly family: Descriptor['family'] }]): boolean =>
  isOfItself(family);

export const losses: readonly LossEntry[] = Object.entries(registry)
  .filter(isShown)
  .map(([name, descriptor]) => ({
    name: name as LossName,
    descriptor: descriptor as unknown as Descriptor,
    document: documents[name],
  }));

export const lossOf = (name: string): LossEntry => losses.find((loss) => loss.name === name) ?? losses[0];

/** Without what all of PyTorch's losses begin with. */
export const torchName = ({ like }: Descriptor): string =>
  like.torch?.replace('torch.nn.functional.', '') ?? '';

/** PyTorch and its name for the loss, or another library that has it. */
export function elsewhere(descriptor: Descriptor): readonly [library: string, name: string] | undefined {
  const { like } = descriptor;
  if (like.torch !== undefined) return [ELSEWHERE.torch, torchName(descriptor)];
  for (const key of Object.keys(ELSEWHERE) as (keyof typeof ELSEWHERE)[])
    if (like[key] !== undefined) return [ELSEWHERE[key], like[key]];
  return undefined;
}
