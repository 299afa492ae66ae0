import { sweep } from './sweep.ts';

sweep('others');
