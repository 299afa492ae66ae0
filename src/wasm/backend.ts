import {
  CALL_BYTES,
  type F64_FIELDS,
  FLAGS,
  LANEWISE_CLASSES,
  offsetOf,
  SCRATCH_BYTES,
  tileBytes,
  type U32Field,
} from '../abi.ts';
import type { Backend, BoundCall, KernelCall } from '../call.ts';
import { labelError, labelsToI32 } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import { bytesOf, dtypeOf, view } from '../memory/dtype.ts';
import type { DType, FloatArray, IndexArray, TypedArray } from '../types.ts';
import type { KernelExports } from './exports.ts';
import type { Parts } from './parts.ts';

type Kernel = (call: number) => number;

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

/** Index of a field among the record's f64s, and among its u32s. */
const f64At = (field: (typeof F64_FIELDS)[number]): number => offsetOf[field] >>> 3;
const u32At = (field: U32Field): number => offsetOf[field] >>> 2;

const SCALE = f64At('scale');
const DIVISOR = f64At('divisor');
const P0 = f64At('p0');
const FLAG_WORD = u32At('flags');
const OUTER = u32At('outer');
const CLASSES = u32At('classes');
const INNER = u32At('inner');
const IGNORE_INDEX = u32At('ignoreIndex');
const INPUT = u32At('input');
const TARGET = u32At('target');
const WEIGHT = u32At('weight');
const WEIGHT_SHAPE = u32At('weightShape');
const EXTRA = u32At('extra');
const EXTRA_SHAPE = u32At('extraShape');
const SAMPLE_WEIGHT = u32At('sampleWeight');
const GRAD_OUTPUT = u32At('gradOutput');
const VALUE = u32At('value');
const GRAD = u32At('grad');
const GRAD_TARGET = u32At('gradTarget');
const SCRATCH = u32At('scratch');
const TILE = u32At('tile');
const FROM = u32At('from');
const TO = u32At('to');
const PARTIALS = u32At('partials');

const isIndex = (call: KernelCall): boolean => (call.flags & FLAGS.INDEX) !== 0;
/** Labels of another type are widened into staging space even where they lie in this memory. */
const mustWiden = (call: KernelCall): boolean => isIndex(call) && !(call.target instanceof Int32Array);

/** Address 0 means "not given" to a kernel: what lies there is staged like an array outside the memory. */
const inPlace = (array: TypedArray | null, at: number): boolean => array === null || at > 0;
const address = (array: TypedArray | null, at: number): number => (array === null ? 0 : at);

/** Runs calls on the module's kernels: operands in this memory are used in place, others are staged through it. */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly arena: LinearArena;
  /** The instance's working space, then room for the tile of few classes, then the record of plain calls. */
  readonly scratch: number;
  readonly #record: number;
  readonly #kernels: { f32: Record<string, Kernel>; f64: Record<string, Kernel> };
  readonly #parts: Parts | undefined;
  u32!: Uint32Array;
  f64!: Float64Array;

  /** `parts` where workers take part. */
  constructor(exports: KernelExports, arena: LinearArena, parts?: Parts) {
    this.arena = arena;
    this.#parts = parts;
    const tile = tileBytes(LANEWISE_CLASSES);
    this.scratch = arena.reserve(SCRATCH_BYTES + tile + CALL_BYTES);
    this.#record = this.scratch + SCRATCH_BYTES + tile;
    const ofDtype = (dtype: string): Record<string, Kernel> =>
      Object.fromEntries(
        Object.entries(exports)
          .filter(([name]) => name.endsWith(`_${dtype}`))
          .map(([name, kernel]) => [name.slice(0, -4), kernel]),
      );
    this.#kernels = { f32: ofDtype('f32'), f64: ofDtype('f64') };
    this.refresh();
  }

  run(call: KernelCall): number {
    if (
      inPlace(call.input, call.inputAt) &&
      inPlace(call.target, call.targetAt) &&
      inPlace(call.weight, call.weightAt) &&
      inPlace(call.extra, call.extraAt) &&
      inPlace(call.sampleWeight, call.sampleWeightAt) &&
      inPlace(call.gradOutput, call.gradOutputAt) &&
      inPlace(call.value, call.valueAt) &&
      inPlace(call.grad, call.gradAt) &&
      inPlace(call.gradTarget, call.gradTargetAt) &&
      call.weightShape === null &&
      call.extraShape === null &&
      this.fixedTile(call) >= 0 &&
      !mustWiden(call)
    ) {
      this.writeNumbers(this.#record, call, this.fixedTile(call));
      this.writeAddresses(this.#record, call);
      if (call.prepass) this.check(call, this.#record, call.target as IndexArray | null);
      return this.execute(call, this.kernel(call), this.#record);
    }
    const bound = new StagedCall(this, call, this.#record);
    try {
      return bound.run();
    } finally {
      bound.dispose();
    }
  }

  bind(call: KernelCall): BoundCall {
    return new StagedCall(this, call, -1);
  }

  kernel(call: KernelCall): Kernel {
    return this.#kernels[call.dtype][call.kernel];
  }

  /** Runs a kernel on a record that is ready. */
  execute(call: KernelCall, kernel: Kernel, record: number): number {
    const parts = this.#parts;
    if (parts === undefined) return kernel(record);
    const chunks = parts.chunks(call);
    return chunks < 2 ? kernel(record) : parts.run(call, record, this.u32, chunks);
  }

  dispose(): void {
    this.#parts?.pool.dispose();
  }

  /** The tile for this call if it needs none or the instance's own is large enough, else −1. */
  fixedTile(call: KernelCall): number {
    if (!call.kernel.endsWith('_lanes')) return 0;
    return call.classes <= LANEWISE_CLASSES ? this.scratch + SCRATCH_BYTES : -1;
  }

  /** The pre-pass over labels and weights; throws ERR_LABEL. */
  check(call: KernelCall, record: number, labels: ArrayLike<number | bigint> | null): void {
    const bad = this.#kernels[call.dtype].prepass(record);
    if (bad >= 0) labelError(labels!, bad, call.classes, call.ignoreIndex);
  }

  /** Growth detaches the views of an unshared memory, which then have no elements. */
  refresh(): void {
    const buffer = this.arena.memory.buffer;
    this.u32 = new Uint32Array(buffer, 0, buffer.byteLength >>> 2);
    this.f64 = new Float64Array(buffer, 0, buffer.byteLength >>> 3);
  }

  /** Writes all of the record but its operands' addresses. */
  writeNumbers(record: number, call: KernelCall, tile: number): void {
    if (record + CALL_BYTES > this.u32.byteLength) this.refresh();
    const { f64, u32 } = this;
    const f = record >>> 3;
    f64[f + SCALE] = call.scale;
    f64[f + DIVISOR] = call.divisor;
    f64[f + P0] = call.p0;
    f64[f + P0 + 1] = call.p1;
    f64[f + P0 + 2] = call.p2;
    f64[f + P0 + 3] = call.p3;
    f64[f + P0 + 4] = call.p4;
    const u = record >>> 2;
    u32[u + FLAG_WORD] = call.flags;
    u32[u + OUTER] = call.outer;
    u32[u + CLASSES] = call.classes;
    u32[u + INNER] = call.inner;
    u32[u + IGNORE_INDEX] = call.ignoreIndex;
    u32[u + SCRATCH] = this.scratch;
    u32[u + TILE] = tile;
    u32[u + FROM] = 0;
    u32[u + TO] = call.outer * call.inner;
    u32[u + PARTIALS] = 0;
  }

  /** Writes the addresses of operands that lie in this memory. */
  writeAddresses(record: number, call: KernelCall): void {
    const { u32 } = this;
    const u = record >>> 2;
    u32[u + INPUT] = address(call.input, call.inputAt);
    u32[u + TARGET] = address(call.target, call.targetAt);
    u32[u + WEIGHT] = address(call.weight, call.weightAt);
    u32[u + WEIGHT_SHAPE] = 0;
    u32[u + EXTRA] = address(call.extra, call.extraAt);
    u32[u + EXTRA_SHAPE] = 0;
    u32[u + SAMPLE_WEIGHT] = address(call.sampleWeight, call.sampleWeightAt);
    u32[u + GRAD_OUTPUT] = address(call.gradOutput, call.gradOutputAt);
    u32[u + VALUE] = address(call.value, call.valueAt);
    u32[u + GRAD] = address(call.grad, call.gradAt);
    u32[u + GRAD_TARGET] = address(call.gradTarget, call.gradTargetAt);
  }
}

/** A view of linear memory that survives growth, which detaches the view of before. */
class Region {
  readonly #dtype: DType;
  readonly #at: number;
  readonly #length: number;
  #view: TypedArray;

  constructor(dtype: DType, buffer: ArrayBufferLike, at: number, length: number) {
    this.#dtype = dtype;
    this.#at = at;
    this.#length = length;
    this.#view = view(dtype, buffer, at, length);
  }

  in(buffer: ArrayBufferLike): TypedArray {
    if (this.#view.length !== this.#length || this.#length === 0)
      this.#view = view(this.#dtype, buffer, this.#at, this.#length);
    return this.#view;
  }
}

/** A call with space of its own: for operands outside this memory, a large tile, or a record that stays. */
class StagedCall implements BoundCall {
  readonly #backend: WasmBackend;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #record: number;
  readonly #allocated: number[] = [];
  // what is copied in before a run, and out after it: operand i and its space
  readonly #sources: Operand[] = [];
  readonly #sourceSpaces: Region[] = [];
  readonly #results: Operand[] = [];
  readonly #resultSpaces: Region[] = [];
  /** Labels as they were given, and where they are widened to i32. */
  readonly #labelsInMemory: Region | undefined;
  readonly #widened: Region | undefined;

  /** `record` is where the call record goes; −1 takes a place of its own. */
  constructor(backend: WasmBackend, call: KernelCall, record: number) {
    this.#backend = backend;
    this.#call = call;
    this.#kernel = backend.kernel(call);
    const { memory } = backend.arena;
    const widen = mustWiden(call);
    const labels = call.target as IndexArray;
    // a view of this memory is kept as a region: the allocations below may grow the memory
    if (isIndex(call) && call.targetAt >= 0) {
      this.#labelsInMemory = new Region(dtypeOf(labels)!, memory.buffer, call.targetAt, labels.length);
    }
    const labelCount = isIndex(call) ? labels.length : 0;
    try {
      this.#record = record >= 0 ? record : this.#allocate(CALL_BYTES);
      const fixed = backend.fixedTile(call);
      backend.writeNumbers(this.#record, call, fixed >= 0 ? fixed : this.#allocate(tileBytes(call.classes)));
      backend.writeAddresses(this.#record, call);
      this.#stage(INPUT, 'input', call.inputAt);
      if (widen) {
        const at = this.#allocate(4 * labelCount);
        this.#widened = new Region('i32', memory.buffer, at, labelCount);
        this.#write(TARGET, at);
      } else this.#stage(TARGET, 'target', call.targetAt);
      this.#stage(WEIGHT, 'weight', call.weightAt);
      this.#stage(WEIGHT_SHAPE, 'weightShape', -1);
      this.#stage(EXTRA, 'extra', call.extraAt);
      this.#stage(EXTRA_SHAPE, 'extraShape', -1);
      this.#stage(SAMPLE_WEIGHT, 'sampleWeight', call.sampleWeightAt);
      this.#stage(GRAD_OUTPUT, 'gradOutput', call.gradOutputAt);
      this.#stage(VALUE, 'value', call.valueAt, this.#results, this.#resultSpaces);
      this.#stage(GRAD, 'grad', call.gradAt, this.#results, this.#resultSpaces);
      this.#stage(GRAD_TARGET, 'gradTarget', call.gradTargetAt, this.#results, this.#resultSpaces);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #allocate(bytes: number): number {
    const at = this.#backend.arena.allocate(bytes);
    this.#allocated.push(at);
    return at;
  }

  #write(field: number, at: number): void {
    if (this.#backend.u32.length === 0) this.#backend.refresh();
    this.#backend.u32[(this.#record >>> 2) + field] = at;
  }

  /** Gives an operand that lies outside this memory its space. */
  #stage(
    word: number,
    operand: Operand,
    at: number,
    operands = this.#sources,
    spaces = this.#sourceSpaces,
  ): void {
    const array: TypedArray | null = this.#call[operand];
    if (inPlace(array, at)) return;
    const dtype = dtypeOf(array)!;
    const place = this.#allocate(array!.length * bytesOf(dtype));
    operands.push(operand);
    spaces.push(new Region(dtype, this.#backend.arena.memory.buffer, place, array!.length));
    this.#write(word, place);
  }

  run(): number {
    const call = this.#call;
    const { buffer } = this.#backend.arena.memory;
    for (let i = 0; i < this.#sources.length; i++) {
      (this.#sourceSpaces[i].in(buffer) as FloatArray).set(call[this.#sources[i]] as FloatArray);
    }
    if (this.#widened !== undefined) {
      const to = this.#widened.in(buffer) as Int32Array;
      labelsToI32(this.#given(buffer) as IndexArray, to, call.ignoreIndex);
    }
    if (call.prepass) {
      this.#backend.check(call, this.#record, this.#given(buffer));
    }
    const value = this.#backend.execute(call, this.#kernel, this.#record);
    for (let i = 0; i < this.#results.length; i++) {
      (call[this.#results[i]] as FloatArray).set(this.#resultSpaces[i].in(buffer) as FloatArray);
    }
    return value;
  }

  /** The labels as they were given; null where there are none. */
  #given(buffer: ArrayBufferLike): IndexArray | null {
    if (!isIndex(this.#call)) return null;
    return (this.#labelsInMemory?.in(buffer) ?? this.#call.target) as IndexArray;
  }

  dispose(): void {
    for (let i = 0; i < this.#allocated.length; i++) this.#backend.arena.free(this.#allocated[i]);
    this.#allocated.length = 0;
  }
}
