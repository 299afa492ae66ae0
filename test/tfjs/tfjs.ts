// TensorFlow.js with the backends that run anywhere, where it is installed: npm ci --prefix test/tfjs.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lossFor } from '../../src/tfjs/index.ts';
import { missing } from '../missing.ts';

export const folder = fileURLToPath(new URL('.', import.meta.url));
const packages = Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).devDependencies);

/** Whether all of it is there; CI must have it. */
export const isThere = packages.every((name) => existsSync(join(folder, 'node_modules', name)));
if (!isThere)
  missing({
    what: 'simdloss/tfjs',
    why: 'TensorFlow.js is not installed',
    install: 'npm ci --prefix test/tfjs',
  });

const require = createRequire(join(folder, 'package.json'));
const taken = (name: string): any => (isThere ? require(`@tensorflow/tfjs-${name}`) : {});

// its typings are not there for those who have not installed it
export const tf = taken('core');
export const layers = taken('layers');
export const data = taken('data');
taken('backend-cpu');
taken('backend-wasm');

export const backends = ['cpu', 'wasm'] as const;
export type Backend = (typeof backends)[number];

/** Makes it the one that is used; one thread, without advice on the console. */
export async function use(backend: Backend): Promise<void> {
  tf.enableProdMode();
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
}

/** `lossFor` for whichever loss. */
export const anyLossFor = lossFor as unknown as (
  tf: unknown,
  F: object,
  name: string,
  options?: object,
) => ((...inputs: any[]) => any) & { dispose(): void };
