import { bce } from './bce.ts';
import { bceWithLogits } from './bceWithLogits.ts';
import { crossEntropy } from './crossEntropy.ts';
import { huber } from './huber.ts';
import { klDiv } from './klDiv.ts';
import { l1 } from './l1.ts';
import { mse } from './mse.ts';
import { nll } from './nll.ts';
import type { LossName, Row } from './row.ts';
import { smoothL1 } from './smoothL1.ts';

/** One row a loss; the compiler asks for those that are missing. */
export const rows: Record<LossName, Row> = {
  l1,
  mse,
  huber,
  smoothL1,
  bce,
  bceWithLogits,
  nll,
  crossEntropy,
  klDiv,
};
