import { between, integer } from '../random.ts';
import { indices } from './classes.ts';
import type { Row, Variant } from './row.ts';

const isPlain = ({ options }: Variant): boolean => options?.ignoreIndex === undefined;

export const multiMargin: Row = {
  loss: 'multiMargin',
  // no two of them are a margin of 1, 0.5 or −0.1 apart, where the loss has its joints
  input: (r) => 0.3 * (integer(r, 21) - 10),
  target: between(0, 1),
  variants: [
    ...indices.filter(isPlain),
    { title: 'a group of classes', shape: [5, 80] },
    { title: 'squares', options: { p: 2 } },
    { title: 'squares, one class', shape: [4, 1], options: { p: 2 } },
    {
      title: 'squares, rowwise, class weights',
      shape: [5, 131],
      options: { p: 2 },
      tensors: { weight: [131] },
    },
    {
      title: 'squares, strided, weights',
      shape: [3, 5, 7],
      options: { p: 2, margin: 0.5 },
      tensors: { weight: [5], sampleWeight: [3, 7] },
    },
    { title: 'a small margin', options: { margin: 0.5 } },
    { title: 'a negative margin, rowwise', shape: [5, 131], options: { margin: -0.1 } },
  ],
};
