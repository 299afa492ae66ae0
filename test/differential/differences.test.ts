import { sweep } from './sweep.ts';

sweep('differences');
