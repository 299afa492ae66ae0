import { sweep } from './sweep.ts';

sweep('pairs');
