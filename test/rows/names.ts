// All losses, and those of which a row, or an element, is one for itself: not those of sequences, of all pairs of rows, nor of sets, whose
// terms hang on each other. What is true of a row alone is asked of the latter.
import { isOfItself } from '../../src/families/family.ts';
import { descriptors } from '../../src/losses/registry.ts';
import type { LossName } from './row.ts';

export const lossNames = descriptors.map(({ name }) => name as LossName);
export const rowDescriptors = descriptors.filter(({ family }) => isOfItself(family));
export const rowNames = rowDescriptors.map(({ name }) => name as LossName);
