import { sweep } from './sweep.ts';

sweep('labels');
