import { sweep } from './sweep.ts';

sweep(['l1', 'mse', 'huber', 'smoothL1']);
