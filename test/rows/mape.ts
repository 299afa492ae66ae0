import { between } from '../random.ts';
import type { PointLoss } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** scale·|x − t|/max(|t|, eps) */
const point: PointLoss = (x, t, { eps = 1e-7, scale = 100 }) => {
  const sign = Math.sign(x - t);
  const unit = Math.max(Math.abs(t), eps);
  const ofTarget = Math.abs(t) > eps ? (scale * (x / t)) / Math.abs(t) : scale / eps;
  return {
    value: scale * (Math.abs(x - t) / unit),
    dInput: sign === 0 ? 0 : (sign * scale) / unit,
    dTarget: sign === 0 ? 0 : -sign * ofTarget,
  };
};

export const mape: Row = {
  loss: 'mape',
  point,
  input: between(-3, 3),
  target: between(0.5, 3),
  joint: (x, t, { eps = 1e-7 }) => Math.min(Math.abs(x - t), Math.abs(Math.abs(t) - (eps as number))),
  variants: [
    ...plain,
    ...weighted,
    { title: 'a share, eps 1', options: { scale: 1, eps: 1 } },
    { title: 'eps above all targets', options: { eps: 4 } },
  ],
};
