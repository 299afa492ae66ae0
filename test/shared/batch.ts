// Numbers that no engine's Math has a say in, and what two threads compute of them at the same time.
import type { LossFunctions } from 'simdloss';
import { Digest } from '../browsers/work.js';
import { random } from '../random.ts';

export interface Batch {
  rows: number;
  classes: number;
  logits: Float32Array;
  labels: Int32Array;
}

export function batchOf(seed: number, rows: number, classes: number): Batch {
  const r = random(seed);
  return {
    rows,
    classes,
    logits: Float32Array.from({ length: rows * classes }, () => 16 * r() - 8),
    labels: Int32Array.from({ length: rows }, () => Math.floor(classes * r())),
  };
}

export function digest(array: Float32Array): string {
  const sum = new Digest();
  sum.add(array);
  return sum.text;
}

/** Runs with every byte of the region taken: what needed a copy there would be ERR_MEMORY. */
export function withoutRoom<R>(F: LossFunctions, run: () => R): R {
  return F.scope(() => {
    for (let length = F.memory.capacity / 4; length >= 16; ) {
      try {
        F.zeros([length]);
      } catch {
        length = Math.floor(length / 2);
      }
    }
    return run();
  });
}

/** One line for all values and gradients of some batches, which are made and freed again. */
export function losses(F: LossFunctions, rounds: number): string {
  const sum = new Digest();
  for (let round = 0; round < rounds; round++) {
    const { rows, classes, logits, labels } = batchOf(round, 200 + round, [3, 10, 64][round % 3]);
    F.scope(() => {
      const target = F.tensor(labels, [rows]);
      const { value, grad } = F.crossEntropy.valueAndGrad(F.tensor(logits, [rows, classes]), target);
      sum.add(Float64Array.of(value));
      sum.add(grad.data);
    });
  }
  return sum.text;
}
