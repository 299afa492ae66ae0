import { sweep } from './sweep.ts';

sweep(['nll', 'crossEntropy']);
