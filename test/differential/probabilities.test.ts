import { sweep } from './sweep.ts';

sweep(['bce', 'bceWithLogits', 'klDiv']);
