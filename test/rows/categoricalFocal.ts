import { between } from '../random.ts';
import { fromProbabilities, indices, probabilities, smoothing } from './classes.ts';
import type { Row } from './row.ts';

const all = [...indices, ...probabilities, ...smoothing];

export const categoricalFocal: Row = {
  loss: 'categoricalFocal',
  isRelative: () => true,
  // in (0, 1), so that the same inputs serve fromLogits: false
  input: between(0.02, 0.98),
  target: between(0.05, 1),
  variants: [
    ...all,
    ...fromProbabilities(all),
    { title: 'mask, rowwise, alpha', shape: [5, 131], options: { alpha: 0.5 }, tensors: { mask: [5, 131] } },
    { title: 'gamma 0', options: { gamma: 0 } },
    { title: 'gamma 0.5, alpha 0.25', options: { gamma: 0.5, alpha: 0.25 } },
    { title: 'gamma 1, rowwise', shape: [5, 131], options: { gamma: 1 } },
    { title: 'gamma 5.5, strided', shape: [3, 5, 7], options: { gamma: 5.5 } },
    { title: 'gamma 3, probabilities', target: 'probabilities', options: { gamma: 3, alpha: 2 } },
    { title: 'fromLogits: false, gamma 0', options: { fromLogits: false, gamma: 0 } },
    {
      title: 'fromLogits: false, gamma 1, alpha 0.25',
      options: { fromLogits: false, gamma: 1, alpha: 0.25 },
    },
    {
      title: 'fromLogits: false, gamma 0.5, smoothing',
      options: { fromLogits: false, gamma: 0.5, labelSmoothing: 0.1 },
    },
    { title: 'fromLogits: false, eps acting', options: { fromLogits: false, eps: 0.3 } },
    {
      title: 'fromLogits: false, eps acting, probabilities',
      target: 'probabilities',
      options: { fromLogits: false, eps: 0.3, gamma: 2.5 },
    },
  ],
};
