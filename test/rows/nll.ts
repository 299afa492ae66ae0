import { between } from '../random.ts';
import { indices } from './classes.ts';
import type { Row } from './row.ts';

export const nll: Row = { loss: 'nll', input: between(-6, -0.1), target: between(0, 1), variants: indices };
