import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

interface LogCoshValue {
  /**
   * Log-cosh: a parabola near the target, a line far from it, and smooth in between.
   *
   * value log cosh(x − t); gradient tanh(x − t). Shapes, results, errors as `l1`; relative error at most 1e-6 (f32), for tiny
   * distances too.
   *
   * optax: losses.log_cosh.
   * @example F.logCosh(Float32Array.of(0, 1), Float32Array.of(0, 0)) // 0.21689040958881378
   */
  logCosh<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, ElementOptions>,
  ): ValueOf<I, C>;
}
export type LogCosh = LogCoshValue & { readonly logCosh: Forms<ElementOptions, FloatInput> };

export const logCosh: Descriptor<ElementOptions> = {
  name: 'logCosh',
  like: { keras: 'keras.losses.LogCosh', optax: 'optax.losses.log_cosh' },
  formula: 'log cosh(x − t)',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: elementOptions(),
  kernels: [{ name: 'logCosh', file: 'logCosh', op: 'LogCosh', loops: ['any', 'terms'], hasFinite: true }],
  hessian: ['exact', 'one', 'secant'],
  kernel: () => 'logCosh',
  params: () => [Math.LN2],
};
