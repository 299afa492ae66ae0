import { sweep } from './sweep.ts';

sweep('projection');
