import { sweep } from './sweep.ts';

sweep('multilabel');
