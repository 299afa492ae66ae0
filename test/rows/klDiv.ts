import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { times } from '../reference/scalar.ts';
import { plain } from './elementwise.ts';
import type { Row } from './row.ts';

/** t·(log t − x), or eᵗ·(t − x) for a target that is a logarithm; with 0·inf = 0 */
const point: PointLoss = (x, t, { logTarget = false }) => {
  const p = logTarget ? Math.exp(t) : t;
  const logP = logTarget ? t : Math.log(t);
  const gap = p === 0 && !Number.isNaN(x) ? 0 : logP - x;
  return {
    value: p * gap,
    dInput: -p,
    dTarget: logTarget ? p * (gap + 1) : logP - x + 1,
  };
};

const size: PointSize = (x, t, { logTarget = false }) => {
  const p = logTarget ? Math.exp(t) : Math.abs(t);
  const gap = Math.abs(logTarget ? t : Math.log(p)) + Math.abs(x);
  return { value: times(p, gap), dTarget: logTarget ? times(p, gap + 1) : gap + 1 };
};

export const klDiv: Row = {
  loss: 'klDiv',
  point,
  size,
  input: between(-6, -0.1),
  target: between(0.01, 0.9),
  variants: [
    ...plain,
    { title: 'batchmean', shape: [4, 6], options: { reduction: 'batchmean' } },
    { title: 'logTarget', options: { logTarget: true } },
    { title: 'logTarget, batchmean', shape: [4, 6], options: { logTarget: true, reduction: 'batchmean' } },
  ],
};
