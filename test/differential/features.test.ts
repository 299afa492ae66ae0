import { sweep } from './sweep.ts';

sweep('features');
