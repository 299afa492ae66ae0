import type { FloatArray, FloatDType, IndexArray } from './types.ts';
import type { KernelName } from './wasm/exports.ts';

/**
 * One kernel call, checked and ready: what the wrapper hands to a backend. The fields that kernels read are those of
 * abi.ts; where a wasm kernel sees an address, the JS kernels see the array itself.
 *
 * Every field is initialised, with numbers that fit its use: calls of one shape keep the engine's inline caches
 * monomorphic.
 */
export class KernelCall {
  /** What the caller calls it, for messages. */
  name = '';
  kernel: KernelName = 'l1_any';
  dtype: FloatDType = 'f32';
  /** Whether labels and weights are to be checked and added up before the kernel runs. */
  prepass = false;

  scale = 1;
  divisor = 1;
  weightSum = 0;
  p0 = 0;
  p1 = 0;
  p2 = 0;
  p3 = 0;
  p4 = 0;

  flags = 0;
  outer = 1;
  classes = 1;
  inner = 1;
  ignoreIndex = -100;
  active = 0;

  input: FloatArray | null = null;
  /** With the INDEX flag class indices of any integer type; the backends bring them to i32. */
  target: FloatArray | IndexArray | null = null;
  weight: FloatArray | null = null;
  weightShape: Uint32Array | null = null;
  extra: FloatArray | null = null;
  extraShape: Uint32Array | null = null;
  sampleWeight: FloatArray | null = null;
  gradOutput: FloatArray | null = null;
  value: FloatArray | null = null;
  grad: FloatArray | null = null;
  gradTarget: FloatArray | null = null;

  // Where an operand lies in the instance's linear memory: its address, or −1 where it has to be staged.
  inputAt = -1;
  targetAt = -1;
  weightAt = -1;
  extraAt = -1;
  sampleWeightAt = -1;
  gradOutputAt = -1;
  valueAt = -1;
  gradAt = -1;
  gradTargetAt = -1;

  /** Forgets the arrays: between calls that one record serves, nothing of the caller's stays referred to. */
  clear(): void {
    this.input = null;
    this.target = null;
    this.weight = null;
    this.weightShape = null;
    this.extra = null;
    this.extraShape = null;
    this.sampleWeight = null;
    this.gradOutput = null;
    this.value = null;
    this.grad = null;
    this.gradTarget = null;
  }
}

/** A bound call that can run again and again. */
export interface BoundCall {
  /** Copies in what is not in place, runs, copies results out; returns the reduced value. */
  run(): number;
  dispose(): void;
}

/** Brings calls to kernels. */
export interface Backend {
  readonly name: 'wasm' | 'js';
  /** Runs once; nothing is written where it throws. */
  run(call: KernelCall): number;
  bind(call: KernelCall): BoundCall;
  /** Ends what the backend keeps running. */
  dispose(): void;
}
