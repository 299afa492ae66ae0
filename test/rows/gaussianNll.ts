import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** ½(log v + d²/v) of v = max(u, ε), which the derivative by u leaves out; NaN where u < 0 */
const point: PointLoss = (x, t, { full = false, eps = 1e-6 }, u) => {
  const v = u < 0 ? Number.NaN : Math.max(u, eps);
  const d = x - t;
  const square = d * (d / v);
  return {
    value: (Math.log(v) + square) / 2 + (full ? Math.log(2 * Math.PI) / 2 : 0),
    dInput: d / v,
    dTarget: -d / v,
    dThird: (0.5 - square / 2) / v,
  };
};

const size: PointSize = (x, t, { full = false, eps = 1e-6 }, u) => {
  const v = Math.max(u, eps);
  const square = Math.abs((x - t) * ((x - t) / v));
  return {
    value: (Math.abs(Math.log(v)) + square) / 2 + (full ? 1 : 0),
    dThird: (1 + square) / 2 / v,
  };
};

export const gaussianNll: Row = {
  loss: 'gaussianNll',
  point,
  size,
  input: between(-3, 3),
  target: between(-3, 3),
  third: between(0.25, 4),
  variants: [
    ...plain,
    ...weighted,
    { title: 'full', options: { full: true } },
    { title: 'eps 0.1', options: { eps: 0.1 } },
    { title: 'var per row', shape: [5, 7], tensors: { third: [5, 1] } },
    { title: 'var without the last axis', shape: [5, 7], tensors: { third: [5] } },
    { title: 'var of the middle without the last axis', shape: [3, 4, 5], tensors: { third: [1, 4] } },
    { title: 'var per column', shape: [5, 7], tensors: { third: [1, 7], weight: [7] } },
    { title: 'var in the middle', shape: [3, 4, 5], tensors: { third: [1, 4, 1] } },
    {
      title: 'var around the middle',
      shape: [3, 4, 5],
      tensors: { third: [3, 1, 5], sampleWeight: [3, 4, 5] },
    },
    { title: 'one var', tensors: { third: [1] } },
    { title: 'var of rank 0', shape: [2060], tensors: { third: [] } },
    { title: 'var per plane', shape: [2, 30, 41], tensors: { third: [2, 1, 1] } },
  ],
};
