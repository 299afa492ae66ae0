// The losses that have rows: all but those of sequences, whose targets are of other shapes, and of sets, whose terms are; these have
// tests of their own.
import { descriptors } from '../../src/losses/registry.ts';
import type { LossName } from './row.ts';

export const rowDescriptors = descriptors.filter(
  ({ family }) => family.name !== 'sequence' && family.name !== 'sets',
);
export const lossNames = rowDescriptors.map(({ name }) => name as LossName);
