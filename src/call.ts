import { IN1, SLOTS, tileBytes } from './abi.ts';
import type { FloatDType, TypedArray } from './dtypes.ts';
import type { Operand } from './memory/operand.ts';
import type { KernelExports, KernelName } from './wasm/generated/exports.ts';

/**
 * One kernel call, checked and ready: what the wrapper hands to a backend. The numbers are those of abi.ts; what is read and written
 * are operands, each with its slot.
 *
 * Every field is initialised, with numbers that fit its use: calls of one shape keep the engine's inline caches monomorphic.
 */
export class KernelCall {
  /** What the caller calls it, for messages. */
  name = '';
  kernel: KernelName = 'prepass' as KernelName;
  dtype: FloatDType = 'f32';
  /** Whether labels and weights are to be checked and added up before the kernel runs. */
  prepass = false;
  /**
   * What else is checked before each run; throws what is wrong. Operands are those of the record at that address, or, without one,
   * the arrays of the call.
   */
  check:
    | ((call: KernelCall, buffer?: ArrayBufferLike, u32?: Uint32Array, record?: number) => void)
    | undefined = undefined;
  /** Bytes of working space where that is not a tile of classes. */
  room = 0;

  scale = 1;
  divisor = 1;
  weightSum = 0;
  hessianScale = 1;
  minHessian = 0;
  p0 = 0;
  p1 = 0;
  p2 = 0;
  p3 = 0;
  p4 = 0;
  p5 = 0;
  p6 = 0;
  p7 = 0;

  flags = 0;
  outer = 1;
  classes = 1;
  inner = 1;
  ignoreIndex = -100;
  active = 0;
  features = 0;
  chunk = 0;
  /** Counts the changes of the numbers above but flags, so that they need not be written anew. */
  version = 0;

  /** What the call reads and writes: the first `count` of these. */
  readonly operands: Operand[] = [];
  count = 0;
  /** Their slots, as bits. */
  given = 0;
  /** Whether a gradient is that of an operand which is broadcast: sums of what the kernel writes. */
  isSummed = false;

  /** Where a wasm kernel sees addresses, those written in TypeScript see elements and shapes, by slot. */
  readonly arrays: (TypedArray | null)[] = Array.from({ length: SLOTS.length }, () => null);
  readonly shapes: (Uint32Array | null)[] = Array.from({ length: SLOTS.length }, () => null);

  add(operand: Operand): void {
    this.operands[this.count++] = operand;
    this.given |= 1 << operand.slot;
  }

  /** Forgets what it reads and writes. */
  clear(): void {
    this.count = 0;
    this.given = 0;
    this.isSummed = false;
  }

  /** What holds the labels. */
  get labels(): Operand {
    let i = 0;
    while (this.operands[i].slot !== IN1) i++;
    return this.operands[i];
  }

  has(slot: number): boolean {
    return (this.given & (1 << slot)) !== 0;
  }

  setParams(params: readonly number[]): void {
    const n = params.length;
    if (n > 0) this.p0 = params[0];
    if (n > 1) this.p1 = params[1];
    if (n > 2) this.p2 = params[2];
    if (n > 3) this.p3 = params[3];
    if (n > 4) this.p4 = params[4];
    if (n > 5) this.p5 = params[5];
    if (n > 6) this.p6 = params[6];
    if (n > 7) this.p7 = params[7];
  }
}

/** Bytes of the working space of a thread. */
export const roomOf = ({ room, classes }: KernelCall): number => room || tileBytes(classes);

/** A bound call that can run again and again. */
export interface BoundCall {
  /** Copies in what is not in place, runs, copies results out; returns the reduced value. */
  run(): number;
  dispose(): void;
}

/** Brings calls to kernels. */
export interface Backend {
  readonly name: 'wasm' | 'js';
  /** The functions of its module, where it has one. */
  readonly exports?: KernelExports;
  /** Runs once; nothing is written where it throws. */
  run(call: KernelCall): number;
  bind(call: KernelCall): BoundCall;
  /** Ends what the backend keeps running. */
  dispose(): void;
}
