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
  inPlace,
  isIndex,
  mustWiden,
  SAMPLE_WEIGHT,
  TARGET,
  VALUE,
  WEIGHT,
  WEIGHT_SHAPE,
} from './record.ts';

/** The operands of a call, by their field. */
type Operand =
  | 'input'
  | 'target'
  | 'weight'
  | 'weightShape'
  | 'extra'
  | 'extraShape'
  | 'sampleWeight'
  | 'gradOutput'
  | 'value'
  | 'grad'
  | 'gradTarget';

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

/** An operand that is copied in before a run, or out after it. */
interface Copied {
  readonly operand: Operand;
  readonly word: number;
  readonly dtype: DType;
  readonly length: number;
  /** Where it lies at address 0 of this memory, what keeps it in view. */
  readonly own: Region | undefined;
  space: Region | undefined;
}

/** A call with space of its own: a prepared step, or a plain call for which there is no room in one piece. */
export class StagedCall implements BoundCall {
  readonly #backend: WasmBackend;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #record: number;
  readonly #allocated: number[] = [];
  readonly #sources: Copied[] = [];
  readonly #results: Copied[] = [];
  /** Labels as they were given, and where they are widened to i32. */
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
    // All of it is looked at before anything is allocated, which may grow the memory: that detaches views of it.
    if (isIndex(call) && call.targetAt >= 0)
      this.#labelsInMemory = new Region(arena, dtypeOf(labels)!, call.targetAt, labelCount);
    this.#look(this.#sources, INPUT, 'input', call.inputAt);
    if (!widen) this.#look(this.#sources, TARGET, 'target', call.targetAt);
    this.#look(this.#sources, WEIGHT, 'weight', call.weightAt);
    this.#look(this.#sources, WEIGHT_SHAPE, 'weightShape', -1);
    this.#look(this.#sources, EXTRA, 'extra', call.extraAt);
    this.#look(this.#sources, EXTRA_SHAPE, 'extraShape', -1);
    this.#look(this.#sources, SAMPLE_WEIGHT, 'sampleWeight', call.sampleWeightAt);
    this.#look(this.#sources, GRAD_OUTPUT, 'gradOutput', call.gradOutputAt);
    this.#look(this.#results, VALUE, 'value', call.valueAt);
    this.#look(this.#results, GRAD, 'grad', call.gradAt);
    this.#look(this.#results, GRAD_TARGET, 'gradTarget', call.gradTargetAt);
    try {
      this.#record = record >= 0 ? record : this.#allocate(CALL_BYTES);
      const fixed = backend.fixedTile(call, this.#kernel);
      backend.writeNumbers(this.#record, call, fixed >= 0 ? fixed : this.#allocate(tileBytes(call.classes)));
      backend.writeAddresses(this.#record, call);
      if (widen) this.#widened = this.#space(TARGET, 'i32', labelCount);
      for (const one of this.#sources) one.space = this.#space(one.word, one.dtype, one.length);
      for (const one of this.#results) one.space = this.#space(one.word, one.dtype, one.length);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  run(): number {
    const call = this.#call;
    for (let i = 0; i < this.#sources.length; i++) {
      const { own, operand, space } = this.#sources[i];
      (space!.view as FloatArray).set((own?.view ?? call[operand]) as FloatArray);
    }
    if (this.#widened !== undefined)
      labelsToI32(this.#labels as IndexArray, this.#widened.view as Int32Array, call.ignoreIndex);
    if (call.prepass) this.#backend.check(call, this.#kernel, this.#record, this.#labels);
    const value = this.#backend.execute(call, this.#kernel, this.#record);
    for (let i = 0; i < this.#results.length; i++) {
      const { own, operand, space } = this.#results[i];
      ((own?.view ?? call[operand]) as FloatArray).set(space!.view as FloatArray);
    }
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

  #look(into: Copied[], word: number, operand: Operand, at: number): void {
    const array: TypedArray | null = this.#call[operand];
    if (inPlace(array, at)) return;
    const { length } = array!;
    const dtype = dtypeOf(array)!;
    const own = at < 0 ? undefined : new Region(this.#backend.arena, dtype, at, length);
    into.push({ operand, word, dtype, length, own, space: undefined });
  }

  #allocate(bytes: number): number {
    const at = this.#backend.arena.allocate(bytes);
    this.#allocated.push(at);
    return at;
  }

  /** Room for an operand, whose address it writes to the record. */
  #space(word: number, dtype: DType, length: number): Region {
    const at = this.#allocate(length * bytesOf(dtype));
    if (this.#backend.u32.length === 0) this.#backend.refresh();
    this.#backend.u32[(this.#record >>> 2) + word] = at;
    return new Region(this.#backend.arena, dtype, at, length);
  }
}
