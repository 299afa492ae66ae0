// F has what was given and nothing else; checked by `npm run types`.
import type { LossFunctions, Tensor } from '../../src/index.ts';
import { crossEntropy as both } from '../../src/parts/generated/crossEntropy.f64.ts';
import {
  crossEntropy,
  exp,
  load,
  loadSync,
  mse,
  type Part,
  softmax,
} from '../../src/parts/generated/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_?: T): void => {};
type Own<F> = Exclude<keyof F, Shared>;
type Shared =
  | 'backend'
  | 'math'
  | 'threads'
  | 'memory'
  | 'tensor'
  | 'zeros'
  | 'attach'
  | 'scope'
  | 'dispose'
  | typeof Symbol.dispose;

const F = await load({ losses: [crossEntropy, mse] });
holds<Equal<Own<typeof F>, 'crossEntropy' | 'mse'>>();
holds<Equal<typeof F.crossEntropy, LossFunctions['crossEntropy']>>();
const G = loadSync({ losses: [softmax, exp, both], memory: { initial: 4 } });
holds<Equal<Own<typeof G>, 'softmax' | 'exp' | 'crossEntropy'>>();
holds<Equal<typeof G.softmax, LossFunctions['softmax']>>();
const none = loadSync({ losses: [] });
holds<Equal<Own<typeof none>, never>>();
const list = [mse, softmax] as const;
const H = loadSync({ losses: list });
holds<Equal<Own<typeof H>, 'mse' | 'softmax'>>();

const x = F.zeros([2, 3]);
holds<Equal<typeof x, Tensor<'f32'>>>();
const value = F.crossEntropy(x, F.tensor(Int32Array.of(0, 1)));
holds<Equal<typeof value, number>>();
const part: Part<'mse'> = mse;

// @ts-expect-error it was not given
F.l1;
// @ts-expect-error a name is no loss
load({ losses: ['mse'] });
// @ts-expect-error what it is to have is to be said
load();
// @ts-expect-error relaxed math has the whole module
load({ losses: [part], math: 'relaxed' });
// @ts-expect-error parts are modules
load({ losses: [part], module: new Uint8Array() });
// @ts-expect-error another loss
holds<Equal<Part<'l1'>, typeof mse>>();
