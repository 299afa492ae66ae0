// What the compiler has to know of results; checked by `npm run types`.
import type { LossFunctions, NDArray, Tensor } from '../../src/index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_?: T): void => {};

declare const F: LossFunctions;
declare const reduction: 'mean' | 'sum' | 'none';
const x = F.zeros([2, 3]);
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

holds<Equal<(typeof step)['value'], number | undefined>>();

// where results are written is what they are, and what may not have been given may be either
declare const out: Float32Array | undefined;
declare const options: { reduction?: 'none' };
const into = F.mse.grad(x, x, { out: array });
holds<Equal<typeof into, Float32Array<ArrayBuffer>>>();
const maybe = F.mse.grad(x, x, { out });
holds<Equal<typeof maybe, Tensor<'f32'> | Float32Array>>();
const optional = F.mse(x, x, options);
holds<Equal<typeof optional, number | Tensor<'f32'>>>();
const pair = F.mse.valueAndGrad(x, x, { reduction: 'none', out: { value: array, grad: array } });
holds<Equal<typeof pair, { value: Float32Array<ArrayBuffer>; grad: Float32Array<ArrayBuffer> }>>();
const byName = F.mse.grad(x, x, { wrt: ['target'], out: { target: array } });
holds<Equal<typeof byName, { target: Float32Array<ArrayBuffer> }>>();
const one = F.mse.grad(x, x, { wrt: 'target' });
holds<Equal<typeof one, Tensor<'f32'>>>();
const second = F.mse.gradAndHess(x, x, { hessian: 'one' });
holds<Equal<(typeof second)['hess'], Tensor<'f32'>>>();
const value = F.mse.prepare(x, x, { compute: 'value', weight: 2 });
holds<Equal<ReturnType<typeof value>, number>>();
holds<Equal<(typeof value)['grad'], undefined>>();
const gradient = F.mse.prepare(x, x, { compute: 'grad', wrt: ['input'] });
holds<Equal<ReturnType<typeof gradient>['input'], Tensor<'f32'>>>();
const both2 = F.mse.prepare(x, x, { compute: 'gradAndHess' });
holds<Equal<ReturnType<typeof both2>['grad'], Tensor<'f32'>>>();
holds<Equal<(typeof both2)['hess'], Tensor<'f32'>>>();

// what a loss takes besides may stand alone, be undefined, or come in a variable
const smoothed = F.crossEntropy(x, t, { labelSmoothing: 0.1, weight: undefined });
holds<Equal<typeof smoothed, number>>();
declare const mine: { reduction: 'sum' | 'mean'; delta: number };
const fromVariable = F.huber(x, x, mine);
holds<Equal<typeof fromVariable, number>>();

// a union of losses is a function
declare const kind: 'mse' | 'huber' | 'bce' | 'klDiv';
const any = F[kind](x, x, { reduction: 'sum' });
holds<Equal<typeof any, number>>();
const anyGrad = F[kind].grad(x, x);
holds<Equal<typeof anyGrad, Tensor<'f32'>>>();
const anyStep = F[kind].prepare(x, x, { compute: 'value' });
holds<Equal<ReturnType<typeof anyStep>, number>>();
declare const map: 'exp' | 'log' | 'sigmoid' | 'softmax';
const mapped = F[map](x);
holds<Equal<typeof mapped, Tensor<'f32'>>>();

{
  using G = F;
  using u = G.tensor(array);
  using s = G.mse.prepare(u, u);
  s();
}

F.klDiv(x, x, { reduction: 'batchmean' });
// @ts-expect-error klDiv alone has it
F.mse(x, x, { reduction: 'batchmean' });
// @ts-expect-error klDiv alone has it
F.mse.prepare(x, x, { reduction: 'batchmean' });
// @ts-expect-error it is no option of all of these losses
F[kind](x, x, { reduction: 'batchmean' });
// @ts-expect-error a value that is a number is written nowhere
F.mse(x, x, { out: array });
// @ts-expect-error no such reduction
F.mse(x, x, { reduction: 'average' });
// @ts-expect-error no such option, beside one that there is
F.mse(x, x, { reduction: 'sum', labelSmoothing: 0.1 });
// @ts-expect-error no such input
F.mse.grad(x, x, { wrt: ['inputs'] });
// @ts-expect-error no such thing to compute
F.mse.prepare(x, x, { compute: 'gradient' });
// @ts-expect-error second derivatives are with respect to the input
F.mse.gradAndHess(x, x, { wrt: 'target' });
// @ts-expect-error exp has no axis
F.exp(x, { axis: 1 });
// @ts-expect-error an option that the loss lacks
F.mse(x, x, { labelSmoothing: 0.1 });
// @ts-expect-error labels are no input of an elementwise loss
F.mse(x, t);
// @ts-expect-error a bare number is no input
F.mse(3, x);
F.dice.prepare(x, x, { fromLogits: false, compute: 'grad' });
// @ts-expect-error what the input is has no default
F.dice(x, x);
// @ts-expect-error what the input is has no default
F.dice.grad(x, x);
// @ts-expect-error what the input is has no default
F.dice.valueAndGrad(x, x, { reduction: 'sum' });
// @ts-expect-error what the input is has no default
F.dice.prepare(x, x);

// numbers of 16 bits become f32, unless they are written to
{
  const bits = { data: new Uint16Array(2), shape: [2], dtype: 'bf16' } as const;
  const half = F.zeros([2], 'f16');
  const grads: [{ data: Float32Array }, Tensor<'f32'>, Tensor<'f16'>] = [
    F.mse.grad(bits, bits),
    F.mse.grad(half, bits),
    F.mse.grad(half, half, { out: half }),
  ];
  const tensors: [Tensor<'bf16'>, Tensor<'bf16'>] = [F.tensor(bits), F.tensor(half, undefined, 'bf16')];
  const classes: [{ data: Int32Array }, Tensor<'i32'>] = [F.argmax(array), F.topK(half, 1).indices];
  console.log(grads, tensors, classes);
}
