import { between } from '../random.ts';
import { fromProbabilities, indices, probabilities, smoothing } from './classes.ts';
import type { Row } from './row.ts';

export const crossEntropy: Row = {
  loss: 'crossEntropy',
  isRelative: ({ fromLogits = true }) => fromLogits,
  // in (0, 1), so that the same inputs serve fromLogits: false
  input: between(0.02, 0.98),
  target: between(0.05, 1),
  variants: [
    ...indices,
    ...probabilities,
    ...smoothing,
    ...fromProbabilities([...indices, ...probabilities, ...smoothing]),
    { title: 'fromLogits: false, eps clipped', options: { fromLogits: false, eps: 1e-3 } },
    { title: 'fromLogits: false, eps acting', options: { fromLogits: false, eps: 0.3 } },
    { title: 'fromLogits: false, eps added', options: { fromLogits: false, eps: 0.1, epsMode: 'add' } },
    {
      title: 'fromLogits: false, eps acting, probabilities',
      target: 'probabilities',
      options: { fromLogits: false, eps: 0.3 },
    },
  ],
};
