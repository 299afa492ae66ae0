import { between } from '../random.ts';
import type { Row } from './row.ts';

export const infoNce: Row = {
  loss: 'infoNce',
  isRelative: () => true,
  input: between(-2, 2),
  target: between(-2, 2),
  variants: [
    { title: 'plain' },
    { title: 'one row', shape: [1, 5] },
    { title: 'two rows', shape: [2, 3] },
    { title: 'one feature', shape: [6, 1], options: { logitScale: 2 } },
    { title: 'more rows than a line', shape: [35, 9] },
    { title: 'more than a block of features', shape: [6, 131] },
    { title: 'more than a block of rows', shape: [131, 3] },
    { title: 'chunks of one row', options: { chunkRows: 1 } },
    { title: 'chunks of three rows', options: { chunkRows: 3 } },
    { title: 'chunks of lines', shape: [70, 4], options: { chunkRows: 16 } },
    { title: 'as they are', options: { normalize: false, logitScale: 0.5 } },
    { title: 'a scale', options: { logitScale: 3 } },
    { title: 'a scale that is a tensor', tensors: { logitScale: [1] } },
    { title: 'one direction', options: { symmetric: false } },
    { title: 'one direction, as they are', options: { symmetric: false, normalize: false, logitScale: 1 } },
    { title: 'one direction, chunks', shape: [35, 3], options: { symmetric: false, chunkRows: 8 } },
    { title: 'sampleWeight', tensors: { sampleWeight: [7] } },
    { title: 'sampleWeight, chunks', options: { chunkRows: 2 }, tensors: { sampleWeight: [7] } },
    { title: 'sampleWeight, one direction', options: { symmetric: false }, tensors: { sampleWeight: [7] } },
  ],
};
