import type { FamilyName } from '../../src/families/family.ts';
import { registry } from '../../src/losses/registry.ts';
import { descriptorOf } from '../intervals.ts';
import type { LossName } from '../rows/row.ts';
import type { Draw } from './draw.ts';
import { pairs } from './pairs.ts';
import { sequence } from './sequence.ts';
import { sets } from './sets.ts';

export type { Draw, Drawn, Source } from './draw.ts';

const draws: Partial<Record<FamilyName, Draw>> = { pairs, sequence, sets };

/** What a loss is drawn by whose terms are not rows, or elements, of its input. */
export const drawOf = (loss: LossName): Draw | undefined => draws[registry[loss].family.name];

/** Whether its mean is by another sum than the number of terms: what labels say, of lengths or of pairs. */
export const hasOwnMean = (loss: LossName): boolean =>
  drawOf(loss) !== undefined && registry[loss].inputs[1].holds === 'indices';

/** Whether its gradient is softmax's own number less the target, not a function of it. */
export const isOfSoftmax = (loss: LossName): boolean =>
  descriptorOf(loss).kernels.some(({ file }) => file === 'crossEntropy');
