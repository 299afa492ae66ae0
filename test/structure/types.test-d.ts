// What the compiler has to know of results; checked by `npm run types`.
import type { LossFunctions, NDArray, Tensor } from '../../src/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_?: T): void => {};

declare const F: LossFunctions;
declare const reduction: 'mean' | 'sum' | 'none';
const x = F.tensor([2, 3]);
const t = F.tensor(Int32Array.of(0, 1));
const array = Float32Array.of(1, 2);

holds<Equal<typeof x, Tensor<'f32'>>>();
holds<Equal<typeof t, Tensor<'i32'>>>();

const mean = F.crossEntropy(x, t);
holds<Equal<typeof mean, number>>();
const none = F.crossEntropy(x, t, { reduction: 'none' });
holds<Equal<typeof none, Tensor<'f32'>>>();
const either = F.crossEntropy(x, t, { reduction });
holds<Equal<typeof either, number | Tensor<'f32'>>>();
const written = F.mse(array, array, { reduction: 'none', out: array });
holds<Equal<typeof written, Float32Array<ArrayBuffer>>>();
const grad = F.mse.grad(array, array);
holds<Equal<typeof grad, NDArray<Float32Array<ArrayBuffer>>>>();
const both = F.mse.valueAndGrad(x, x);
holds<Equal<typeof both, { value: number; grad: Tensor<'f32'> }>>();
const named = F.mse.valueAndGrad(x, x, { wrt: ['input', 'target'] });
holds<Equal<(typeof named)['grad']['target'], Tensor<'f32'>>>();
const step = F.crossEntropy.prepare(x, t);
holds<Equal<ReturnType<typeof step>, number>>();
holds<Equal<(typeof step)['grad'], Tensor<'f32'>>>();
const p = F.softmax(x);
holds<Equal<typeof p, Tensor<'f32'>>>();

// @ts-expect-error an option that the loss lacks
F.mse(x, x, { labelSmoothing: 0.1 });
// @ts-expect-error labels are no input of an elementwise loss
F.mse(x, t);
// @ts-expect-error a bare number is no input
F.mse(3, x);
