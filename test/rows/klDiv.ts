import { between } from '../random.ts';
import { plain } from './elementwise.ts';
import type { Row } from './row.ts';

export const klDiv: Row = {
  loss: 'klDiv',
  input: between(-6, -0.1),
  target: between(0.01, 0.9),
  variants: [
    ...plain,
    { title: 'batchmean', shape: [4, 6], options: { reduction: 'batchmean' } },
    { title: 'logTarget', options: { logTarget: true } },
    { title: 'logTarget, batchmean', shape: [4, 6], options: { logTarget: true, reduction: 'batchmean' } },
  ],
};
