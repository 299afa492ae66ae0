import { sweep } from './sweep.ts';

sweep('sequence');
