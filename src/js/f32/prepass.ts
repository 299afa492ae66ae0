// Before anything is written: are all labels classes, how many rows count, and what do their weights add up to.
import { FLAGS, IN1, SAMPLE_WEIGHT, WEIGHT } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { total } from '../reduce.ts';
import { isCounted } from '../rows.ts';

/** First label of a row that counts that is outside [0, classes) and not ignored, or −1. Writes active and weightSum. */
export function prepass(call: KernelCall): number {
  const { classes } = call;
  const rows = call.outer * call.inner;
  const isIndex = (call.flags & FLAGS.INDEX) !== 0;
  const isEvery = (call.flags & FLAGS.EVERY_ROW) !== 0;
  const isSets = (call.flags & FLAGS.SETS) !== 0;
  const ignoreIndex = isEvery && !isSets ? Number.NaN : call.ignoreIndex;
  const perRow = isSets ? classes : 1;
  let active = rows;
  if (isIndex) {
    const labels = call.arrays[IN1] as Int32Array;
    const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
    for (let i = 0; i < rows * perRow; i++) {
      const label = labels[i];
      if (label === ignoreIndex) active--;
      else if (label < 0 || label >= classes) {
        const row = isSets ? Math.floor(i / classes) : i;
        if (sampleWeight === null || sampleWeight[row] !== 0) return i;
      }
    }
    if (isSets) active = rows;
  }
  call.active = active;
  call.weightSum = active;
  if (call.arrays[SAMPLE_WEIGHT] !== null || (isIndex && !isEvery && call.arrays[WEIGHT] !== null)) {
    call.active = 0;
    call.weightSum = total(weights, call, rows);
  }
  return -1;
}

/** Counts and adds the weights of rows from … to − 1. */
function weights(call: KernelCall, from: number, to: number): number {
  const { classes, ignoreIndex } = call;
  const isIndex = (call.flags & FLAGS.INDEX) !== 0 && (call.flags & FLAGS.EVERY_ROW) === 0;
  const labels = call.arrays[IN1] as Int32Array;
  const w = call.arrays[WEIGHT] as Float32Array | null;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  let sum = 0;
  for (let row = from; row < to; row++) {
    let weight = sampleWeight === null ? 1 : sampleWeight[row];
    if (weight === 0) continue;
    if (isIndex) {
      const label = labels[row];
      if (!isCounted(label, ignoreIndex, classes)) continue;
      if (w !== null) weight *= w[label];
    }
    call.active++;
    sum += weight;
  }
  return sum;
}
