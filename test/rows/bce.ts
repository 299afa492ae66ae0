import { between } from '../random.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

export const bce: Row = {
  loss: 'bce',
  input: between(0.02, 0.98),
  target: between(0, 1),
  variants: [
    ...plain,
    ...weighted,
    { title: 'eps clipped', options: { eps: 1e-3 } },
    { title: 'eps acting', options: { eps: 0.3 } },
    { title: 'eps added', options: { eps: 1e-2, epsMode: 'add' } },
  ],
};
