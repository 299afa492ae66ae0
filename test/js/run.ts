import { FLAGS, GRAD0, GRAD1, IN2, SLOTS, type SlotName, VALUE, WEIGHT } from '../../src/abi.ts';
import { KernelCall } from '../../src/call.ts';
import type { FloatArray, FloatDType, TypedArray } from '../../src/dtypes.ts';
import { jsKernels } from '../../src/js/kernels.ts';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { registry } from '../../src/losses/registry.ts';
import { fallbacksOf } from '../../src/options/specs.ts';
import type { KernelName } from '../../src/wasm/generated/exports.ts';
import type { Inputs, Options } from '../reference/index.ts';
import { rowsOf, sizeOf, type Tensor } from '../reference/tensor.ts';

export const arrayOf = { f32: Float32Array, f64: Float64Array };

/** A tensor whose elements are numbers of the dtype. */
export function tensor(dtype: FloatDType, shape: number[], element: (i: number) => number): Tensor {
  return { shape, data: new arrayOf[dtype](sizeOf(shape)).map((_, i) => element(i)) };
}

export interface Wanted {
  value?: boolean;
  /** An array to write to, or whether one is wanted. */
  grad?: boolean | FloatArray;
  gradTarget?: boolean | FloatArray;
}

export interface Results {
  value: number | FloatArray;
  grad: FloatArray | null;
  gradTarget: FloatArray | null;
  /** Row of the first bad label, or −1. */
  bad: number;
}

/** The record of abi.ts for a weight that broadcasts to `to`. */
function broadcast(from: readonly number[], to: readonly number[]): Uint32Array {
  const record = [to.length];
  let step = 1;
  for (let i = 1; i <= to.length; i++) {
    const size = from[from.length - i] ?? 1;
    record.push(to[to.length - i], size === 1 ? 0 : step);
    step *= size;
  }
  return Uint32Array.from(record);
}

/** Sets slots of a call, as the backend does. */
export function give(call: KernelCall, arrays: Partial<Record<SlotName, TypedArray | null>>): void {
  for (const [name, array] of Object.entries(arrays)) {
    const slot = SLOTS.indexOf(name as SlotName);
    call.arrays[slot] = array;
    if (array !== null) call.given |= 1 << slot;
  }
}

/** Runs a loss's JS kernel, the call record filled in by hand. */
export function run(
  loss: keyof typeof registry,
  dtype: FloatDType,
  { input, target }: Inputs,
  given: Options = {},
  { value = true, grad = true, gradTarget = false }: Wanted = {},
): Results {
  const descriptor = registry[loss] as Descriptor<Record<string, unknown>>;
  const options = { ...fallbacksOf(descriptor.options), ...given };
  const floats = (x: number | Tensor | undefined): FloatArray | null =>
    x === undefined ? null : typeof x === 'number' ? arrayOf[dtype].of(x) : (x.data as FloatArray);
  const isClasses = descriptor.family.name === 'classes';
  const isIndex = isClasses && target.shape.length < input.shape.length;
  const isSoft = isClasses && (!isIndex || descriptor.soft?.(options) === true);
  const rows = rowsOf(input.shape.length > 0 ? input.shape : [1], given.axis);
  const shape = isClasses ? rows.shape : input.shape;
  const { reduction = 'mean' } = given;

  const call = new KernelCall();
  call.flags =
    (value ? FLAGS.VALUE : 0) |
    (isIndex ? FLAGS.INDEX : 0) |
    (isSoft ? FLAGS.SOFT : 0) |
    (reduction === 'mean' ? FLAGS.WEIGHTED_MEAN : 0) |
    (given.allIgnored === 'zero' ? FLAGS.EMPTY_IS_ZERO : 0);
  if (isClasses) {
    const axis = given.axis === undefined ? Math.min(1, input.shape.length - 1) : given.axis;
    call.inner = sizeOf(input.shape.slice(axis + 1));
    call.classes = rows.classes;
    call.outer = sizeOf(input.shape.slice(0, axis));
    call.ignoreIndex = given.ignoreIndex ?? -100;
  } else call.inner = sizeOf(shape);
  descriptor.params(options, dtype, call.classes).forEach((p, i) => {
    (call as unknown as Record<string, number>)[`p${i}`] = p;
  });
  give(call, { in0: floats(input) });
  give(call, { in1: isIndex ? Int32Array.from(target.data) : floats(target) });
  give(call, { weight: floats(given.weight) });
  const extra = given.third ?? given.posWeight ?? given.quantile;
  give(call, { in2: floats(extra) });
  const shapeOf = (x: number | Tensor) => (typeof x === 'number' ? [] : x.shape);
  if (!isClasses && given.weight !== undefined) call.shapes[WEIGHT] = broadcast(shapeOf(given.weight), shape);
  if (extra !== undefined) call.shapes[IN2] = broadcast(shapeOf(extra), shape);
  give(call, { sampleWeight: floats(given.sampleWeight) });
  if (typeof given.gradOutput === 'object') give(call, { gradOutput: floats(given.gradOutput) });
  else call.scale = given.gradOutput ?? 1;
  const output = (wanted: boolean | FloatArray) =>
    typeof wanted === 'object' ? wanted : wanted ? new arrayOf[dtype](input.data.length).fill(7) : null;
  give(call, { value: value && reduction === 'none' ? new arrayOf[dtype](sizeOf(shape)).fill(7) : null });
  give(call, { grad0: output(grad) });
  give(call, { grad1: output(gradTarget) });

  const name = descriptor.kernel(options, dtype);
  const loops = descriptor.kernels.find((k) => k.name === name)?.loops ?? [];
  const loop = !isClasses ? 'any' : isIndex && !isSoft && loops.includes('pick') ? 'pick' : 'lanes';
  const at = (slot: number) => call.arrays[slot] as FloatArray | null;
  const bad = jsKernels[dtype].prepass(call);
  if (bad >= 0) return { value: Number.NaN, grad: at(GRAD0), gradTarget: at(GRAD1), bad };
  const reduced = jsKernels[dtype][`${name}_${loop}` as KernelName](call);
  return {
    value: at(VALUE) ?? reduced,
    grad: at(GRAD0),
    gradTarget: at(GRAD1),
    bad,
  };
}
