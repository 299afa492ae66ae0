// The losses of which a row, or an element, is one for itself: not those of sequences, whose targets are of other shapes, of all pairs
// of rows, nor of sets, whose terms are others. Those have tests of their own.
import { isOfItself } from '../../src/families/family.ts';
import { descriptors } from '../../src/losses/registry.ts';
import type { LossName } from './row.ts';

export const rowDescriptors = descriptors.filter(({ family }) => isOfItself(family));
export const lossNames = rowDescriptors.map(({ name }) => name as LossName);
