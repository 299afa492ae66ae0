// Calls in steps, each of them shared by the threads: as the kernels themselves go through them on one.
import { GRAD0, GRAD1, GRAD2, GRAD3, LINE, PANEL, STEPS } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { bytesOf } from '../dtypes.ts';
import { FIRST, STEP } from './record.ts';

/** Runs one step, which is set, on `total` units; `repeatable`: a part that failed can be done again. */
export type Share = (total: number, repeatable: boolean) => void;

/** A call that is done in steps. */
interface Stepped {
  readonly call: KernelCall;
  /** A word of the working space, of which the first is how many rows the chunk has. */
  readonly word: (at: number) => number;
  /** One step, alone, of the chunk that begins with row `first`. */
  readonly alone: (which: number, first?: number) => number;
  readonly share: (which: number, total: number, repeatable: boolean) => void;
}
export type Steps = (stepped: Stepped) => void;

/** `record`: the words of the call's record; `run`: the kernel on the record. */
export function runSteps(
  steps: Steps,
  call: KernelCall,
  record: Uint32Array,
  word: (at: number) => number,
  run: () => number,
  share: Share,
): number {
  const alone = (which: number, first?: number): number => {
    if (first !== undefined) record[FIRST] = first;
    record[STEP] = which;
    return run();
  };
  try {
    steps({
      call,
      word,
      alone,
      share(which, total, repeatable) {
        record[STEP] = which;
        if (total > 0) share(total, repeatable);
      },
    });
    return alone(STEPS.END);
  } finally {
    record[FIRST] = 0;
    record[STEP] = 0;
  }
}

const linesOf = (size: number, classes: number): number => Math.ceil((size * classes) / LINE);
const panelsOf = (size: number, features: number): number => Math.ceil((size * features) / PANEL);

export const projectionSteps: Steps = ({ call, word, alone, share }) => {
  const size = bytesOf(call.dtype);
  const lines = linesOf(size, call.classes);
  let next = 0;
  // without rows, too, the weights have a gradient
  do {
    next = alone(STEPS.GATHER, next);
    share(STEPS.LOGITS, lines, true);
    share(STEPS.ROWS, word(0), false);
    if (call.has(GRAD0)) share(STEPS.GRAD_INPUT, panelsOf(size, call.features), true);
    if (call.has(GRAD2) || call.has(GRAD3)) share(STEPS.GRAD_WEIGHT, lines, false);
  } while (next < call.outer);
};

export const pairsSteps: Steps = ({ call, word, alone, share }) => {
  const size = bytesOf(call.dtype);
  const hasColumns = call.p1 !== 0;
  const hasOwn = call.has(GRAD0) || call.has(GRAD2);
  const hasShared = call.p3 !== 0 ? hasOwn : call.has(GRAD1);
  alone(STEPS.ORDER);
  const rows = word(1);
  const others = word(2);
  const lines = linesOf(size, others);
  const similarities = (first: number): number => {
    const next = alone(STEPS.GATHER, first);
    share(STEPS.LOGITS, lines, true);
    return next;
  };
  const slopes = (): void => {
    share(STEPS.ROWS, word(0), false);
    if (hasOwn) share(STEPS.GRAD_INPUT, panelsOf(size, call.features), true);
    if (hasShared) share(STEPS.GRAD_WEIGHT, lines, false);
  };
  const hasSlopes = hasOwn || hasShared;
  share(STEPS.SCALE, others, true);
  let next = 0;
  do {
    next = similarities(next);
    share(STEPS.MEASURE, word(0), true);
    if (hasColumns) share(STEPS.COLUMNS, lines, false);
    else if (hasSlopes) slopes();
  } while (next < rows);
  if (hasColumns && hasSlopes) {
    if (word(0) === rows) slopes();
    else
      for (next = 0; next < rows; ) {
        next = similarities(next);
        slopes();
      }
  }
  share(STEPS.BACK, others, false);
};

/** Sums, losses and gradients of sets; `isInPlace`: gradients are written over what they are made of. */
export function runOverlaps(
  call: KernelCall,
  record: Uint32Array,
  isInPlace: boolean,
  run: () => number,
  share: Share,
): number {
  const hasGrad = call.has(GRAD0) || call.has(GRAD1);
  // without positions there are no blocks, but losses of smoothed sums
  const hasBlocks = call.features > 0;
  try {
    record[STEP] = STEPS.SUMS;
    if (hasBlocks) share(call.features, true);
    record[STEP] = STEPS.JOIN;
    const value = run();
    record[STEP] = STEPS.GRADS;
    if (hasBlocks && hasGrad) share(call.features, !isInPlace);
    return value;
  } finally {
    record[STEP] = 0;
  }
}
