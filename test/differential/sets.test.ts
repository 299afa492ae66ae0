import { sweep } from './sweep.ts';

sweep('sets');
