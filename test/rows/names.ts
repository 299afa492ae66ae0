// The losses of which a row, or an element, is one for itself: not those of sequences, whose targets are of other shapes, nor of all
// pairs of rows. Those have tests of their own.
import { descriptors } from '../../src/losses/registry.ts';
import type { LossName } from './row.ts';

export const rowDescriptors = descriptors.filter(
  ({ family }) => !['sequence', 'pairs'].includes(family.name),
);
export const lossNames = rowDescriptors.map(({ name }) => name as LossName);
