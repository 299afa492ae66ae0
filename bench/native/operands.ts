// What a case of either side is given: the same numbers at the same addresses.
import type { FloatDType, LossFunctions, Tensor } from 'simdloss';
import { registry } from '../../src/losses/registry.ts';
import { elementsOf, type LossName } from '../cases.ts';
import { fillIndices, fillInput, fillSets, fillTarget, isProjection, moreInputs } from '../data.ts';
import type { NativeSpec } from './goals.ts';

export interface Operands {
  /** In C's order: input, target and what else there is. */
  readonly inputs: readonly Tensor[];
  /** In the order of the loss's arguments. */
  readonly args: readonly Tensor[];
  /** By the names of what they belong to. */
  readonly grads: Readonly<Record<string, Tensor<FloatDType>>>;
  /** What the mean is of. */
  readonly terms: number;
}

export function operandsOf(F: LossFunctions, spec: NativeSpec, dtype: FloatDType): Operands {
  const { loss, shape, target: kind, others } = spec;
  const zeros = (dims: readonly number[]) => F.zeros([...dims], dtype) as Tensor<FloatDType>;
  const input = zeros(shape);
  fillInput(loss, input.data);
  const grads = { [registry[loss].inputs[0].name]: zeros(shape) };
  if (loss === 'ctc') {
    const [frames, sequences, classes] = shape;
    const target = F.zeros([sequences, others!], 'i32');
    fillIndices(target.data as Int32Array, classes - 1);
    // 0 is the blank
    (target.data as Int32Array).forEach((label, i, data) => {
      data[i] = label + 1;
    });
    const lengths = [frames, others!].map((n) => F.tensor(new Int32Array(sequences).fill(n)));
    const inputs = [input, target, ...lengths];
    return { inputs, args: inputs, grads, terms: sequences * others! };
  }
  const terms = kind === 'elements' && shape.length === 1 ? elementsOf(shape) : elementsOf(shape) / shape[1];
  const more = moreInputs(F, loss, shape, dtype, others);
  const target =
    kind === 'indices'
      ? F.zeros([shape[0], ...shape.slice(2)], 'i32')
      : kind === 'sets'
        ? F.zeros([...shape], 'i32')
        : zeros(shape);
  if (kind === 'indices') fillIndices(target.data as Int32Array, others ?? shape[1]);
  else if (kind === 'sets') fillSets(target.data as Int32Array, shape[1]);
  else fillTarget(loss as LossName, target.data as Float32Array);
  const inputs = [input, target, ...more];
  if (!isProjection(loss)) return { inputs, args: inputs, grads, terms };
  return {
    inputs,
    args: [input, ...more, target],
    grads: { ...grads, linearWeight: zeros(more[0].shape) },
    terms,
  };
}
