// Calls in steps, each of them shared by the threads: as the kernels themselves go through them on one.
import { GRAD0, GRAD1, GRAD2, GRAD3, LINE, PANEL, STEPS } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { bytesOf } from '../dtypes.ts';
import { FIRST, STEP } from './record.ts';

/** Runs one step, which is set, on `total` units; `repeatable`: a part that failed can be done again. */
export type Share = (total: number, repeatable: boolean) => void;

/** A projection. `record`: the words of the call's record; `count`: how many rows the chunk has; `run`: the kernel on the record. */
export function runProjection(
  call: KernelCall,
  record: Uint32Array,
  count: () => number,
  run: () => number,
  share: Share,
): number {
  const size = bytesOf(call.dtype);
  const lines = Math.ceil((size * call.classes) / LINE);
  const panels = Math.ceil((size * call.features) / PANEL);
  const step = (which: number, total: number, repeatable: boolean): void => {
    record[STEP] = which;
    if (total > 0) share(total, repeatable);
  };
  try {
    let next = 0;
    // without rows, too, the weights have a gradient
    do {
      record[FIRST] = next;
      record[STEP] = STEPS.GATHER;
      next = run();
      step(STEPS.LOGITS, lines, true);
      step(STEPS.ROWS, count(), false);
      if (call.has(GRAD0)) step(STEPS.GRAD_INPUT, panels, true);
      if (call.has(GRAD2) || call.has(GRAD3)) step(STEPS.GRAD_WEIGHT, lines, false);
    } while (next < call.outer);
    record[STEP] = STEPS.END;
    return run();
  } finally {
    record[FIRST] = 0;
    record[STEP] = 0;
  }
}

/** Sums, losses and gradients of sets; `isInPlace`: gradients are written over what they are made of. */
export function runOverlaps(
  call: KernelCall,
  record: Uint32Array,
  isInPlace: boolean,
  run: () => number,
  share: Share,
): number {
  try {
    record[STEP] = STEPS.SUMS;
    share(call.features, true);
    record[STEP] = STEPS.JOIN;
    const value = run();
    record[STEP] = STEPS.GRADS;
    if (call.has(GRAD0) || call.has(GRAD1)) share(call.features, !isInPlace);
    return value;
  } finally {
    record[STEP] = 0;
  }
}
