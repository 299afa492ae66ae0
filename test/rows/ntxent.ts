import { between } from '../random.ts';
import type { Row } from './row.ts';

export const ntxent: Row = {
  loss: 'ntxent',
  isRelative: () => true,
  input: between(-2, 2),
  target: between(0, 1),
  variants: [
    { title: 'plain' },
    { title: 'a temperature', shape: [9, 4], options: { temperature: 0.3 } },
    { title: 'two rows', shape: [2, 1] },
    { title: 'labels of many rows', shape: [70, 3], options: { temperature: 0.5 } },
    { title: 'more than a block of features', shape: [50, 131], options: { temperature: 0.5 } },
    { title: 'more than a block of rows', shape: [131, 9] },
    { title: 'chunks of one row', options: { chunkRows: 1, temperature: 0.5 } },
    { title: 'chunks of three rows', shape: [11, 4], options: { chunkRows: 3, temperature: 0.5 } },
    { title: 'sampleWeight', shape: [12, 3], tensors: { sampleWeight: [12] } },
    {
      title: 'sampleWeight, chunks',
      shape: [12, 3],
      options: { chunkRows: 5 },
      tensors: { sampleWeight: [12] },
    },
  ],
};
