import type { Options } from '../reference/options.ts';
import type { Variant } from './row.ts';

/** f32 keeps to 4 ULP, as all is computed in f64; f64 to what its sums lose. */
export const isRelative = ({ dtype }: Options): boolean => dtype === 'f64';

/** Shapes and options that every loss of rows of features is called with. */
export const features: readonly Variant[] = [
  { title: 'plain' },
  { title: 'one row', shape: [5] },
  { title: 'two features', shape: [9, 2] },
  { title: 'rowwise', shape: [5, 32] },
  { title: 'rowwise, odd', shape: [5, 131] },
  { title: 'one long row', shape: [301] },
  { title: 'strided', shape: [3, 5, 7], options: { axis: 1 } },
  { title: 'strided, a short inner axis', shape: [9, 4, 2], options: { axis: 1 } },
  { title: 'strided, wide', shape: [2, 3, 37], options: { axis: -2 } },
  { title: 'strided, many features', shape: [2, 131, 3], options: { axis: 1 } },
  { title: 'two outer axes', shape: [2, 3, 4, 5] },
  { title: 'features first', shape: [5, 6], options: { axis: 0 } },
  { title: 'sampleWeight', tensors: { sampleWeight: [7] } },
  {
    title: 'sampleWeight, strided',
    shape: [3, 5, 7],
    options: { axis: 1 },
    tensors: { sampleWeight: [3, 7] },
  },
  { title: 'sampleWeight, rowwise', shape: [5, 131], tensors: { sampleWeight: [5] } },
  { title: 'more than one block', shape: [1100, 3] },
  { title: 'more than one block, rowwise', shape: [1030, 34] },
];
