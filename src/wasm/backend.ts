import {
  CALL_BYTES,
  F64_FIELDS,
  FLAGS,
  LANEWISE_CLASSES,
  offsetOf,
  SCRATCH_BYTES,
  tileBytes,
} from '../abi.ts';
import type { Backend, BoundCall, KernelCall } from '../call.ts';
import { labelError, labelsToI32 } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import { bytesOf, dtypeOf, view } from '../memory/dtype.ts';
import type { DType, FloatArray, IndexArray, TypedArray } from '../types.ts';
import type { KernelExports } from './exports.ts';

type Kernel = (call: number) => number;
type OperandField =
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

const READ = [
  'input',
  'target',
  'weight',
  'weightShape',
  'extra',
  'extraShape',
  'sampleWeight',
  'gradOutput',
] as const;
const WRITTEN = ['value', 'grad', 'gradTarget'] as const;
const OPERANDS = [...READ, ...WRITTEN] as const;
const NUMBERS = F64_FIELDS.filter((name) => name !== 'weightSum');
const SIZES = ['flags', 'outer', 'classes', 'inner', 'ignoreIndex'] as const;

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
    if (this.#view.length !== this.#length) this.#view = view(this.#dtype, buffer, this.#at, this.#length);
    return this.#view;
  }
}

/** An array that is copied into linear memory before a run, or out of it afterwards. */
interface Staged {
  readonly field: OperandField;
  /** The array itself, or its place where it lies in linear memory too (labels that have to be widened). */
  readonly array: TypedArray | Region;
  readonly space: Region;
}

/** Runs calls on the module's kernels: operands in this memory are used in place, others are staged through it. */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly arena: LinearArena;
  readonly #exports: KernelExports;
  /** The instance's working space, then room for the tile of few classes, then the record of plain calls. */
  readonly #scratch: number;
  readonly #record: number;
  #u32!: Uint32Array;
  #f64!: Float64Array;

  constructor(exports: KernelExports, arena: LinearArena) {
    this.#exports = exports;
    this.arena = arena;
    const tile = tileBytes(LANEWISE_CLASSES);
    this.#scratch = arena.allocate(SCRATCH_BYTES + tile + CALL_BYTES);
    this.#record = this.#scratch + SCRATCH_BYTES + tile;
    this.#refresh();
  }

  run(call: KernelCall): number {
    const bound = new WasmCall(this, call, this.#record);
    try {
      return bound.run();
    } finally {
      bound.dispose();
    }
  }

  bind(call: KernelCall): BoundCall {
    return new WasmCall(this, call, -1);
  }

  kernel(call: KernelCall): Kernel {
    return this.#exports[`${call.kernel}_${call.dtype}`];
  }

  prepass(call: KernelCall): Kernel {
    return this.#exports[`prepass_${call.dtype}`];
  }

  get scratch(): number {
    return this.#scratch;
  }

  /** Memory growth detaches views of an unshared memory. */
  #refresh(): void {
    const buffer = this.arena.memory.buffer;
    this.#u32 = new Uint32Array(buffer);
    this.#f64 = new Float64Array(buffer, 0, buffer.byteLength >> 3);
  }

  /** Writes everything but the operands' addresses. */
  writeRecord(at: number, call: KernelCall, tile: number): void {
    if (at + CALL_BYTES > this.#u32.byteLength) this.#refresh();
    for (const name of NUMBERS) this.#f64[(at + offsetOf[name]) >>> 3] = call[name];
    for (const name of SIZES) this.#u32[(at + offsetOf[name]) >>> 2] = call[name];
    this.writeAddress(at, 'scratch', this.#scratch);
    this.writeAddress(at, 'tile', tile);
  }

  writeAddress(at: number, field: OperandField | 'scratch' | 'tile', address: number): void {
    if (at + CALL_BYTES > this.#u32.byteLength) this.#refresh();
    this.#u32[(at + offsetOf[field]) >>> 2] = address;
  }
}

class WasmCall implements BoundCall {
  readonly #backend: WasmBackend;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #prepass: Kernel | undefined;
  readonly #record: number;
  readonly #allocated: number[] = [];
  readonly #inputs: Staged[] = [];
  readonly #outputs: Staged[] = [];
  readonly #isIndex: boolean;
  /** The labels as they were given, for messages. */
  #labels: TypedArray | Region | undefined;

  /** `record` is where the call record goes; −1 takes a place of its own. */
  constructor(backend: WasmBackend, call: KernelCall, record: number) {
    this.#backend = backend;
    this.#call = call;
    this.#kernel = backend.kernel(call);
    this.#prepass = call.prepass ? backend.prepass(call) : undefined;
    this.#isIndex = (call.flags & FLAGS.INDEX) !== 0;
    // places first: staging may grow the memory, which detaches the arrays that lie in it
    const { arena } = backend;
    const buffer = arena.memory.buffer;
    const places = OPERANDS.map((field) => {
      const array = call[field] as TypedArray | null;
      if (array === null) return undefined;
      const dtype = dtypeOf(array)!;
      const at = arena.holds(array) ? array.byteOffset : -1;
      const kept = at < 0 ? array : new Region(dtype, buffer, at, array.length);
      return { field, dtype, length: array.length, at, array: kept };
    });
    try {
      this.#record = record >= 0 ? record : this.#allocate(CALL_BYTES);
      const lanes = call.kernel.endsWith('_lanes');
      const small = backend.scratch + SCRATCH_BYTES;
      const tile = !lanes
        ? 0
        : call.classes <= LANEWISE_CLASSES
          ? small
          : this.#allocate(tileBytes(call.classes));
      backend.writeRecord(this.#record, call, tile);
      for (let i = 0; i < OPERANDS.length; i++) {
        const place = places[i];
        let address = 0;
        if (place !== undefined) {
          const labels = this.#isIndex && place.field === 'target';
          const dtype = labels ? 'i32' : place.dtype;
          address = place.at;
          if (address < 0 || dtype !== place.dtype) {
            address = this.#allocate(place.length * bytesOf(dtype));
            const space = new Region(dtype, arena.memory.buffer, address, place.length);
            (i < READ.length ? this.#inputs : this.#outputs).push({
              field: place.field,
              array: place.array,
              space,
            });
          }
          if (labels) this.#labels = place.array;
        }
        backend.writeAddress(this.#record, OPERANDS[i], address);
      }
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

  run(): number {
    const call = this.#call;
    const buffer = this.#backend.arena.memory.buffer;
    for (let i = 0; i < this.#inputs.length; i++) {
      const { array, space, field } = this.#inputs[i];
      const from = array instanceof Region ? array.in(buffer) : array;
      const to = space.in(buffer);
      if (this.#isIndex && field === 'target')
        labelsToI32(from as IndexArray, to as Int32Array, call.ignoreIndex);
      else (to as FloatArray).set(from as FloatArray);
    }
    if (this.#prepass !== undefined) {
      const bad = this.#prepass(this.#record);
      if (bad >= 0) {
        const labels = this.#labels!;
        labelError(
          labels instanceof Region ? labels.in(buffer) : labels,
          bad,
          call.classes,
          call.ignoreIndex,
        );
      }
    }
    const value = this.#kernel(this.#record);
    for (let i = 0; i < this.#outputs.length; i++) {
      const { array, space } = this.#outputs[i];
      (array as FloatArray).set(space.in(buffer) as FloatArray);
    }
    return value;
  }

  dispose(): void {
    for (let i = 0; i < this.#allocated.length; i++) this.#backend.arena.free(this.#allocated[i]);
    this.#allocated.length = 0;
  }
}
