import { sweep } from './sweep.ts';

sweep('classes');
