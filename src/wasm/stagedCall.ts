import { CALL_BYTES, tileBytes } from '../abi.ts';
import type { BoundCall, KernelCall } from '../call.ts';
import { labelsToI32 } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import { bytesOf, dtypeOf, view } from '../memory/dtype.ts';
import type { DType, FloatArray, IndexArray, TypedArray } from '../types.ts';
import type { WasmBackend } from './backend.ts';
import type { Kernel } from './kernels.ts';
import {
  EXTRA,
  EXTRA_SHAPE,
  GRAD,
  GRAD_OUTPUT,
  GRAD_TARGET,
  INPUT,
  isIndex,
  isOutside,
  mustWiden,
  SAMPLE_WEIGHT,
  TARGET,
  VALUE,
  WEIGHT,
  WEIGHT_SHAPE,
} from './record.ts';

/** The operands of a call by their field, and the words of the record that name them. */
const words = {
  input: INPUT,
  target: TARGET,
  weight: WEIGHT,
  weightShape: WEIGHT_SHAPE,
  extra: EXTRA,
  extraShape: EXTRA_SHAPE,
  sampleWeight: SAMPLE_WEIGHT,
  gradOutput: GRAD_OUTPUT,
  value: VALUE,
  grad: GRAD,
  gradTarget: GRAD_TARGET,
};
type Operand = keyof typeof words;
const operands = Object.keys(words) as Operand[];

/** A view of linear memory that survives growth, which detaches the view of before. */
class Region {
  readonly #arena: LinearArena;
  readonly #dtype: DType;
  readonly #at: number;
  readonly #length: number;
  #view: TypedArray;

  constructor(arena: LinearArena, dtype: DType, at: number, length: number) {
    this.#arena = arena;
    this.#dtype = dtype;
    this.#at = at;
    this.#length = length;
    this.#view = view(dtype, arena.buffer, at, length);
  }

  get view(): TypedArray {
    if (this.#view.length !== this.#length || this.#length === 0)
      this.#view = view(this.#dtype, this.#arena.buffer, this.#at, this.#length);
    return this.#view;
  }
}

/** An operand that takes a space: where it lies (−1: outside this memory), and what it holds. */
interface Outside {
  readonly operand: Operand;
  readonly at: number;
  readonly dtype: DType;
  readonly length: number;
}

function outside(call: KernelCall): Outside[] {
  const ats: Record<Operand, number> = {
    input: call.inputAt,
    target: call.targetAt,
    weight: call.weightAt,
    weightShape: -1,
    extra: call.extraAt,
    extraShape: -1,
    sampleWeight: call.sampleWeightAt,
    gradOutput: call.gradOutputAt,
    value: call.valueAt,
    grad: call.gradAt,
    gradTarget: call.gradTargetAt,
  };
  return operands.flatMap((operand) => {
    const array: TypedArray | null = call[operand];
    const at = ats[operand];
    if (!isOutside(array, at)) return [];
    return [{ operand, at, dtype: dtypeOf(array)!, length: array!.length }];
  });
}

function copyIn(array: TypedArray | null, space: Region | undefined): void {
  if (space !== undefined) (space.view as FloatArray).set(array as FloatArray);
}

function copyOut(array: FloatArray | null, space: Region | undefined): void {
  if (space !== undefined) array!.set(space.view as FloatArray);
}

/** A call with space of its own: a prepared step, or a plain call for which there is no room in one piece. */
export class StagedCall implements BoundCall {
  readonly #backend: WasmBackend;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #record: number;
  readonly #allocated: number[] = [];
  // the spaces of operands that are copied in before a run, or out after it
  readonly #input: Region | undefined;
  readonly #target: Region | undefined;
  readonly #weight: Region | undefined;
  readonly #weightShape: Region | undefined;
  readonly #extra: Region | undefined;
  readonly #extraShape: Region | undefined;
  readonly #sampleWeight: Region | undefined;
  readonly #gradOutput: Region | undefined;
  readonly #value: Region | undefined;
  readonly #grad: Region | undefined;
  readonly #gradTarget: Region | undefined;
  /** Labels that lie in the memory, and where labels of another type than i32 are widened to it. */
  readonly #labelsInMemory: Region | undefined;
  readonly #widened: Region | undefined;

  /** `record` is where the call record goes; −1 takes a place of its own. */
  constructor(backend: WasmBackend, call: KernelCall, record: number) {
    this.#backend = backend;
    this.#call = call;
    this.#kernel = backend.kernels.of(call);
    const { arena } = backend;
    const widen = mustWiden(call);
    const labels = call.target as IndexArray;
    const labelCount = isIndex(call) ? labels.length : 0;
    // All is looked at before anything is allocated, which may grow the memory: that detaches views of it.
    if (isIndex(call) && call.targetAt >= 0)
      this.#labelsInMemory = new Region(arena, dtypeOf(labels)!, call.targetAt, labelCount);
    const staged = outside(call).filter(({ operand }) => !(widen && operand === 'target'));
    const spaces: Partial<Record<Operand, Region>> = {};
    try {
      this.#record = record >= 0 ? record : this.#allocate(CALL_BYTES);
      const fixed = backend.fixedTile(call, this.#kernel);
      backend.writeNumbers(this.#record, call, fixed >= 0 ? fixed : this.#allocate(tileBytes(call.classes)));
      backend.writeAddresses(this.#record, call);
      if (widen) this.#widened = this.#space('target', 'i32', labelCount);
      for (const { operand, dtype, length } of staged) spaces[operand] = this.#space(operand, dtype, length);
    } catch (error) {
      this.dispose();
      throw error;
    }
    for (const { operand, at, dtype, length } of staged) {
      if (at === 0) call[operand] = view(dtype, arena.buffer, 0, length) as never;
    }
    this.#input = spaces.input;
    this.#target = spaces.target;
    this.#weight = spaces.weight;
    this.#weightShape = spaces.weightShape;
    this.#extra = spaces.extra;
    this.#extraShape = spaces.extraShape;
    this.#sampleWeight = spaces.sampleWeight;
    this.#gradOutput = spaces.gradOutput;
    this.#value = spaces.value;
    this.#grad = spaces.grad;
    this.#gradTarget = spaces.gradTarget;
  }

  run(): number {
    const call = this.#call;
    const kernel = this.#kernel;
    // by name: a step on small arrays would take as long again to look the operands up
    copyIn(call.input, this.#input);
    copyIn(call.target, this.#target);
    copyIn(call.weight, this.#weight);
    copyIn(call.weightShape, this.#weightShape);
    copyIn(call.extra, this.#extra);
    copyIn(call.extraShape, this.#extraShape);
    copyIn(call.sampleWeight, this.#sampleWeight);
    copyIn(call.gradOutput, this.#gradOutput);
    if (this.#widened !== undefined)
      labelsToI32(this.#labels as IndexArray, this.#widened.view as Int32Array, call.ignoreIndex);
    if (call.prepass) this.#backend.check(call, kernel, this.#record, this.#labels);
    const value = this.#backend.execute(call, kernel, this.#record);
    copyOut(call.value, this.#value);
    copyOut(call.grad, this.#grad);
    copyOut(call.gradTarget, this.#gradTarget);
    return value;
  }

  dispose(): void {
    for (let i = 0; i < this.#allocated.length; i++) this.#backend.arena.free(this.#allocated[i]);
    this.#allocated.length = 0;
  }

  /** The labels as they were given; null where there are none. */
  get #labels(): IndexArray | null {
    if (!isIndex(this.#call)) return null;
    return (this.#labelsInMemory?.view ?? this.#call.target) as IndexArray;
  }

  #allocate(bytes: number): number {
    const at = this.#backend.arena.allocate(bytes);
    this.#allocated.push(at);
    return at;
  }

  /** Room for an operand, whose address it writes to the record. */
  #space(operand: Operand, dtype: DType, length: number): Region {
    const at = this.#allocate(length * bytesOf(dtype));
    if (this.#backend.u32.length === 0) this.#backend.refresh();
    this.#backend.u32[(this.#record >>> 2) + words[operand]] = at;
    return new Region(this.#backend.arena, dtype, at, length);
  }
}
