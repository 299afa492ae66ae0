// How tensors of TensorFlow.js are inputs of a loss: what they have to be, and where they are put.
import { expected, fail, showShape } from '../errors.ts';
import type { AnyLoss, Place } from './prepared.ts';
import type { TfTensor } from './types.ts';

export interface Layout {
  readonly places: readonly Place[];
  /** The shape of the loss with reduction 'none'. */
  readonly terms: readonly number[];
}

const areSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** Where the inputs go, the first of them the prediction. */
export function layoutOf(
  { name, family, inputs: names }: AnyLoss,
  axis: number,
  inputs: readonly TfTensor[],
): Layout {
  const [{ shape, dtype }] = inputs;
  if (dtype !== 'float32') expected('ERR_DTYPE', names[0], 'a float32 tensor', dtype);
  const at = axis < 0 ? shape.length + axis : axis;
  const terms = family === 'elementwise' ? [...shape] : shape.filter((_, i) => i !== at);
  if (terms.length === 0)
    expected('ERR_SHAPE', names[0], 'samples on the first axis', `shape ${showShape(shape)}`);
  if (family !== 'elementwise' && at === 0)
    fail('ERR_OPTION', '"axis" is that of the samples, which each have a value of their own');
  const places = inputs.map((input, i): Place => {
    if (input.dtype === 'string' || input.dtype === 'complex64')
      expected('ERR_DTYPE', names[i], 'a tensor of numbers', input.dtype);
    if (i === 0 || family === 'elementwise' || areSame(input.shape, shape))
      return { shape: input.shape, dtype: i === 1 && name === 'multilabelMargin' ? 'i32' : 'f32' };
    // labels often come as [batch, 1]
    const isColumn = input.shape.length === terms.length + 1 && input.shape.at(-1) === 1;
    return {
      shape: isColumn ? input.shape.slice(0, -1) : input.shape,
      dtype: family === 'classes' ? 'i32' : 'f32',
    };
  });
  return { places, terms };
}
