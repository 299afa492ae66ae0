// Losses of sequences: rows of classes, one for each frame of time, against a shorter sequence of labels.
import { align, GRAD0, IN1 } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { isFloat } from '../dtypes.ts';
import { expected, showShape } from '../errors.ts';
import { commonDtype, expectShape } from '../memory/operand.ts';
import { boolean, integer } from '../options/specs.ts';
import type { Family } from './family.ts';
import { readIndices, readSampleWeight, refuse } from './indices.ts';

export interface SequenceOptions {
  /** The class that stands for no label; default 0. */
  blank?: number | undefined;
  /** Whether sequences that no path spells, whose loss is infinite, cost 0 and have gradient 0. Default false. */
  zeroInfinity?: boolean | undefined;
  /** Whether the input is logits instead of log-probabilities. Default false. */
  fromLogits?: boolean | undefined;
}

export const sequenceOptions = () => ({
  blank: integer(0, 0, 2 ** 31 - 1),
  zeroInfinity: boolean(false),
  fromLogits: boolean(false),
});

export const sequence: Family = {
  name: 'sequence',
  inPlace: { value: false, grad: true, hess: false },

  fit({ call, inputs, reads, options }) {
    const [input, target, inputLengths, targetLengths] = inputs;
    const { shape } = input;
    const isBatch = shape.length === 3;
    if (!isBatch && shape.length !== 2)
      expected(
        'ERR_SHAPE',
        input.name,
        'shape [frames, sequences, classes] or [frames, classes]',
        showShape(shape),
      );
    const [frames] = shape;
    const sequences = isBatch ? shape[1] : 1;
    const classes = shape[shape.length - 1];
    for (const indices of [target, inputLengths, targetLengths]) {
      indices.isIndex = true;
      if (indices.dtype !== undefined && isFloat(indices.dtype))
        expected('ERR_DTYPE', indices.name, 'an integer type', indices.dtype);
    }
    const terms = isBatch ? [sequences] : [];
    for (const lengths of [inputLengths, targetLengths]) expectShape(lengths, terms);
    const labels = target.shape;
    const isPadded =
      labels.length === 2 ? isBatch && labels[0] === sequences : !isBatch && labels.length === 1;
    if (!isPadded && !(isBatch && labels.length === 1)) {
      const wanted = isBatch ? `[${sequences}, labels] or [all labels]` : '[labels]';
      expected('ERR_SHAPE', target.name, `shape ${wanted}`, showShape(labels));
    }
    const blank = options.values.blank!;
    if (sequences > 0 && blank >= classes)
      expected('ERR_OPTION', 'blank', `a class, of which "${input.name}" has ${classes}`, String(blank));
    call.dtype = commonDtype(reads);
    call.outer = sequences;
    call.inner = 1;
    // what a sequence takes its time for
    call.classes = sequences === 0 ? 1 : frames * classes;
    call.flags = 0;
    call.p3 = Number(options.values.reduction === 'mean');
    call.p4 = frames;
    // without frames there may be any number of them
    call.p5 = frames === 0 ? 1 : classes;
    // how far the labels of sequences are apart; 0: they follow each other
    call.p6 = isPadded ? labels[labels.length - 1] : 0;
    call.p7 = Number(isPadded);
    call.check = check;
    return terms;
  },

  loop(loops, call) {
    const { p4: frames, p5: classes, p6: stride, p7: isPadded, operands } = call;
    const labels = isPadded ? stride : operands[IN1].length;
    // without sequences frames and classes may be any numbers
    call.room = call.outer === 0 ? 0 : spaceOf(frames, labels, classes, call.has(GRAD0));
    return loops.sequences!;
  },
};

/** Bytes of working space of one sequence of so many frames and labels at most, as assembly/kernels/ctc.ts cuts it up. */
export function spaceOf(frames: number, labels: number, classes: number, hasGrad: boolean): number {
  // more labels than frames fit into none
  const width = 8 * ((Math.min(labels, frames) + 6) & ~1);
  const rows = hasGrad ? frames + 3 : 4;
  return align(rows * (6 * width + 16) + 2 * width + 8 * (frames + classes));
}

/** Whether lengths and labels are such; throws before anything is written. */
function check(call: KernelCall, buffer?: ArrayBufferLike, u32?: Uint32Array, record = 0): void {
  const { operands, outer: sequences, p0: blank, p4: frames, p6: stride, p7: isPadded } = call;
  const { shape } = operands[0];
  const classes = shape[shape.length - 1];
  const target = operands[1];
  const most = isPadded ? stride : target.length;
  const labels = readIndices(call, target, buffer, u32, record);
  const frameCounts = readIndices(call, operands[2], buffer, u32, record);
  const labelCounts = readIndices(call, operands[3], buffer, u32, record);
  const sampleWeight = readSampleWeight(call, buffer, u32, record);
  let start = 0;
  for (let i = 0; i < sequences; i++) {
    if (!(frameCounts[i] >= 0 && frameCounts[i] <= frames))
      refuse(operands[2], frameCounts, i, `lengths from 0 to ${frames}`);
    const count = labelCounts[i];
    if (!(count >= 0 && count <= most - (isPadded ? 0 : start)))
      refuse(
        operands[3],
        labelCounts,
        i,
        isPadded ? `lengths from 0 to ${most}` : `lengths of ${most} labels in all`,
      );
    if (isPadded) start = i * stride;
    // the labels of a sequence of weight 0 may be any
    for (let k = start; sampleWeight?.[i] !== 0 && k < start + count; k++)
      if (!(labels[k] >= 0 && labels[k] < classes && labels[k] !== blank))
        refuse(target, labels, k, `classes in [0, ${classes}) but the blank ${blank}`);
    start += count;
  }
  if (!isPadded && start !== most)
    expected('ERR_SHAPE', target.name, `the ${start} labels of all sequences`, `${most}`);
}
