import { between } from '../random.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

export const huber: Row = {
  loss: 'huber',
  input: between(-3, 3),
  target: between(-3, 3),
  joint: (x, t, o) => Math.abs(Math.abs(x - t) - ((o.delta as number | undefined) ?? 1)),
  variants: [
    ...plain,
    ...weighted,
    { title: 'delta 0.3', options: { delta: 0.3 } },
    { title: 'delta 10', options: { delta: 10 } },
    { title: 'delta infinite', options: { delta: Number.POSITIVE_INFINITY } },
  ],
};
