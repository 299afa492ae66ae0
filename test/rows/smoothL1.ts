import { between } from '../random.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

export const smoothL1: Row = {
  loss: 'smoothL1',
  input: between(-3, 3),
  target: between(-3, 3),
  joint: (x, t, o) =>
    Math.min(Math.abs(x - t), Math.abs(Math.abs(x - t) - ((o.beta as number | undefined) ?? 1))),
  variants: [
    ...plain,
    ...weighted,
    { title: 'beta 0.3', options: { beta: 0.3 } },
    { title: 'beta 10', options: { beta: 10 } },
    { title: 'beta 0', options: { beta: 0 } },
  ],
};
