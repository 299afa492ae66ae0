import { registry } from '../../src/losses/registry.ts';
import type { LossName } from '../rows/row.ts';
import { sweep } from './sweep.ts';

sweep((Object.keys(registry) as LossName[]).filter((name) => registry[name].family === 'elementwise'));
