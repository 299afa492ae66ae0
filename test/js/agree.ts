import { expect } from 'vitest';
import type { FloatDType } from '../../src/dtypes.ts';
import type { registry } from '../../src/losses/registry.ts';
import { type Inputs, type Options, reference } from '../reference/index.ts';
import { magnitude } from '../reference/magnitude.ts';
import { run } from './run.ts';

/** What is promised of each element, relative to the magnitudes it is made of; and of sums. */
const promised = { f32: 4 * 2 ** -23, f64: 1e-13 };
/** Below this f32 results are subnormal. */
const least = { f32: 2 ** -126, f64: 2 ** -1022 };
/** From half an ULP below it on a number may be rounded to Infinity. */
const most = { f32: 2 ** 128 - 2 ** 103, f64: Number.MAX_VALUE };

function close(
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  size: ArrayLike<number>,
  dtype: FloatDType,
): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < got.length; i++) {
    if (Object.is(got[i], wanted[i]) || got[i] === wanted[i]) continue;
    if (Math.abs(wanted[i]) >= most[dtype] && got[i] === Math.sign(wanted[i]) * Infinity) continue;
    const error = Math.abs(got[i] - wanted[i]);
    if (!(error <= promised[dtype] * size[i] + least[dtype])) {
      expect.fail(`element ${i}: expected ${wanted[i]}, got ${got[i]}`);
    }
  }
}

/** Holds all results of a loss against the reference: value, gradients, and that asking for less changes no bit. */
export function agree(
  loss: keyof typeof registry,
  dtype: FloatDType,
  inputs: Inputs,
  options: Options,
): void {
  const wanted = reference(loss, inputs, options);
  const size = magnitude(loss, inputs, options);
  const gradTarget = wanted.grads.target !== undefined;
  const got = run(loss, dtype, inputs, options, { gradTarget });
  const values = (x: number | ArrayLike<number>) => (typeof x === 'number' ? [x] : x);
  const data = (x: number | { data: ArrayLike<number> }) => (typeof x === 'number' ? [x] : x.data);
  close(values(got.value), data(wanted.value), data(size.value), dtype);
  close(got.grad!, wanted.grads.input.data, size.grads.input.data, dtype);
  if (gradTarget) close(got.gradTarget!, wanted.grads.target!.data, size.grads.target!.data, dtype);

  expect(run(loss, dtype, inputs, options, { grad: false }).value).toEqual(got.value);
  expect(run(loss, dtype, inputs, options).value).toEqual(got.value);
  expect(run(loss, dtype, inputs, options, { value: false }).grad).toEqual(got.grad);
}
