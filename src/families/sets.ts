// Losses of sets: for each sample and class one term, made of sums over the positions.
import { FLAGS, OVERLAP_BYTES, tileBytes, WEIGHT } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import type { TypedArray } from '../dtypes.ts';
import { expected, showShape } from '../errors.ts';
import type { MaskInput } from '../memory/inputs.ts';
import { commonDtype } from '../memory/operand.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { boolean, integer, operand } from '../options/specs.ts';
import { isIndexTarget } from './classes.ts';
import type { Family } from './family.ts';
import { MOST_EMPTY } from './features.ts';
import { readIndices, readSampleWeight, refuse } from './indices.ts';

export interface SetOptions {
  /**
   * Weight of each class, [classes]; the mean still divides by the number of terms. 'generalized': in proportion to 1/(T² + 1e-7), T
   * what there is of the class in all samples, adding up to the number of classes; a constant to gradients.
   */
  classWeight?: MaskInput | 'generalized' | undefined;
  /** Whether class 0 has no term (softmax sees it). Default false. */
  ignoreBackground?: boolean | undefined;
  /** The class axis; default −1, channels-last. Where it is the first, all is one sample. */
  axis?: number | undefined;
}

export const setOptions = () => ({
  classWeight: operand("an array [classes] or 'generalized'", {
    slot: WEIGHT,
    shape: 'classes',
    interval: ANY_NUMBER,
    isMask: true,
    word: 'generalized',
  }),
  ignoreBackground: boolean(false),
  axis: integer(-1, -32, 31),
});

/** Positions whose sums are added up by themselves. */
const BLOCK = 4096;

export const sets: Family = {
  name: 'sets',
  inPlace: { value: false, grad: true, hess: false },

  fit({ call, layout, inputs: [input, target], reads, options }) {
    const { shape } = input;
    layout.set(input, options.values.axis!);
    const { axis, length: classes } = layout;
    const samples = axis === 0 ? 1 : shape[0];
    let positions = 1;
    let inner = 1;
    for (let i = 1; i < shape.length; i++) {
      if (i !== axis) positions *= shape[i];
      if (i > axis) inner *= shape[i];
    }
    const first = Number(options.values.ignoreBackground);
    if (first === 1 && classes < 2)
      expected('ERR_OPTION', 'ignoreBackground', 'at least two classes', `shape ${showShape(shape)}`);
    const count = classes - first;
    // terms that take no memory may be any number
    if (positions === 0 && samples * count > MOST_EMPTY)
      expected('ERR_SHAPE', input.name, 'at least one position', `shape ${showShape(shape)}`);
    target.isIndex = isIndexTarget(input, target, layout, true);
    call.dtype = commonDtype(reads);
    call.outer = samples * count;
    call.inner = 1;
    // without terms there may be any number of them
    call.classes = call.outer === 0 ? 1 : classes;
    call.chunk = BLOCK;
    call.features = samples * Math.ceil(positions / BLOCK);
    call.room = tileBytes(call.classes) + OVERLAP_BYTES * call.features * call.classes;
    call.p6 = classes === 1 ? positions : inner;
    call.p7 = positions;
    call.flags = target.isIndex ? 0 : FLAGS.SOFT;
    call.check = target.isIndex ? check : undefined;
    return axis === 0 ? [count] : [samples, count];
  },

  loop: (loops) => loops.overlaps!,
};

/** Whether the labels of the samples that count are classes; throws before anything is written. */
function check(call: KernelCall, buffer?: ArrayBufferLike, u32?: Uint32Array, record?: number): void {
  const target = call.operands[1];
  const { classes, outer, p7: positions } = call;
  const labels = readIndices(call, target, buffer, u32, record);
  const sampleWeight = readSampleWeight(call, buffer, u32, record);
  const samples = positions === 0 ? 0 : labels.length / positions;
  const count = outer / samples;
  for (let n = 0; n < samples; n++) {
    if (sampleWeight !== undefined && isZero(sampleWeight, n * count, (n + 1) * count)) continue;
    const end = (n + 1) * positions;
    for (let i = n * positions; i < end; i++)
      if (!(labels[i] >= 0 && labels[i] < classes))
        refuse(target, labels, i, `class indices in [0, ${classes})`);
  }
}

function isZero(weights: TypedArray, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (weights[i] !== 0) return false;
  return true;
}
