import { CALL_BYTES, LANEWISE_CLASSES, SCRATCH_BYTES, tileBytes } from '../abi.ts';
import type { Backend, BoundCall, KernelCall } from '../call.ts';
import { labelError } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { FloatArray, IndexArray, TypedArray } from '../types.ts';
import type { KernelExports } from './exports.ts';
import { type Kernel, Kernels } from './kernels.ts';
import type { Parts } from './parts.ts';
import {
  CLASSES,
  DIVISOR,
  EXTRA,
  EXTRA_SHAPE,
  FLAG_WORD,
  FROM,
  GRAD,
  GRAD_OUTPUT,
  GRAD_TARGET,
  IGNORE_INDEX,
  INNER,
  INPUT,
  isIndex,
  isOutside,
  mustWiden,
  OUTER,
  P0,
  PARTIALS,
  SAMPLE_WEIGHT,
  SCALE,
  SCRATCH,
  TARGET,
  TILE,
  TO,
  VALUE,
  WEIGHT,
  WEIGHT_SHAPE,
} from './record.ts';
import { StagedCall } from './stagedCall.ts';
import { Staging } from './staging.ts';

const address = (array: TypedArray | null, at: number): number => (array === null ? 0 : at);

/** Runs calls on the module's kernels: operands in this memory are used in place, others are staged through it. */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly arena: LinearArena;
  /** The instance's working space, then room for the tile of few classes, then the record of plain calls. */
  readonly scratch: number;
  readonly #record: number;
  readonly #parts: Parts | undefined;
  readonly #staging: Staging;
  readonly kernels: Kernels;
  u32!: Uint32Array;
  f64!: Float64Array;

  /** `parts` where workers take part. */
  constructor(exports: KernelExports, arena: LinearArena, parts?: Parts) {
    this.arena = arena;
    this.#parts = parts;
    const tile = tileBytes(LANEWISE_CLASSES);
    this.scratch = arena.allocate(SCRATCH_BYTES + tile + CALL_BYTES);
    this.#record = this.scratch + SCRATCH_BYTES + tile;
    this.#staging = new Staging(arena);
    this.kernels = new Kernels(exports);
    this.refresh();
  }

  run(call: KernelCall): number {
    const kernel = this.kernels.of(call);
    const tile = this.fixedTile(call, kernel);
    // spelt out here: as a function of its own it makes a call 10 to 30 ns slower
    if (
      tile < 0 ||
      isOutside(call.input, call.inputAt) ||
      isOutside(call.target, call.targetAt) ||
      isOutside(call.weight, call.weightAt) ||
      isOutside(call.extra, call.extraAt) ||
      isOutside(call.sampleWeight, call.sampleWeightAt) ||
      isOutside(call.gradOutput, call.gradOutputAt) ||
      isOutside(call.value, call.valueAt) ||
      isOutside(call.grad, call.gradAt) ||
      isOutside(call.gradTarget, call.gradTargetAt) ||
      call.weightShape !== null ||
      call.extraShape !== null ||
      mustWiden(call)
    ) {
      return this.#runStaged(call, kernel, tile);
    }
    const record = this.#record;
    this.writeNumbers(record, call, tile);
    this.writeAddresses(record, call);
    if (call.prepass) this.check(call, kernel, record, call.target as IndexArray | null);
    return this.execute(call, kernel, record);
  }

  /** Brings to the memory what lies outside it. */
  #runStaged(call: KernelCall, kernel: Kernel, tile: number): number {
    // a call that is cut allocates on its way, and so does one whose operands find no room in one piece
    if (!this.#isCut(call)) {
      const tileSize = tile < 0 ? tileBytes(call.classes) : 0;
      if (this.#staging.begin(call, tileSize)) return this.#runBorrowed(call, kernel, tile, tileSize);
    }
    const bound = new StagedCall(this, call, this.#record);
    try {
      return bound.run();
    } finally {
      bound.dispose();
    }
  }

  /** Runs a call for whose operands there is room now. */
  #runBorrowed(call: KernelCall, kernel: Kernel, fixedTile: number, tileSize: number): number {
    const staging = this.#staging;
    const record = this.#record;
    this.writeNumbers(record, call, fixedTile >= 0 ? fixedTile : staging.take(tileSize));
    this.writeAddresses(record, call);
    const { u32 } = this;
    const u = record >>> 2;
    if (isOutside(call.input, call.inputAt)) u32[u + INPUT] = staging.floats(call.input!);
    if (isIndex(call)) {
      if (call.targetAt <= 0 || mustWiden(call)) u32[u + TARGET] = staging.labels(call);
    } else if (isOutside(call.target, call.targetAt))
      u32[u + TARGET] = staging.floats(call.target as FloatArray);
    if (isOutside(call.weight, call.weightAt)) u32[u + WEIGHT] = staging.floats(call.weight!);
    if (call.weightShape !== null) u32[u + WEIGHT_SHAPE] = staging.shape(call.weightShape);
    if (isOutside(call.extra, call.extraAt)) u32[u + EXTRA] = staging.floats(call.extra!);
    if (call.extraShape !== null) u32[u + EXTRA_SHAPE] = staging.shape(call.extraShape);
    if (isOutside(call.sampleWeight, call.sampleWeightAt))
      u32[u + SAMPLE_WEIGHT] = staging.floats(call.sampleWeight!);
    if (isOutside(call.gradOutput, call.gradOutputAt))
      u32[u + GRAD_OUTPUT] = staging.floats(call.gradOutput!);
    const value = isOutside(call.value, call.valueAt) ? staging.result(call.value!) : 0;
    if (value > 0) u32[u + VALUE] = value;
    const grad = isOutside(call.grad, call.gradAt) ? staging.result(call.grad!) : 0;
    if (grad > 0) u32[u + GRAD] = grad;
    const gradTarget = isOutside(call.gradTarget, call.gradTargetAt) ? staging.result(call.gradTarget!) : 0;
    if (gradTarget > 0) u32[u + GRAD_TARGET] = gradTarget;
    if (call.prepass) this.check(call, kernel, record, call.target as IndexArray | null);
    const result = kernel.run(record);
    if (value > 0) staging.copyOut(value, call.value!);
    if (grad > 0) staging.copyOut(grad, call.grad!);
    if (gradTarget > 0) staging.copyOut(gradTarget, call.gradTarget!);
    return result;
  }

  bind(call: KernelCall): BoundCall {
    return new StagedCall(this, call, -1);
  }

  /** Runs a kernel on a record that is ready. */
  execute(call: KernelCall, kernel: Kernel, record: number): number {
    const parts = this.#parts;
    if (parts === undefined) return kernel.run(record);
    const chunks = parts.chunks(call);
    return chunks < 2 ? kernel.run(record) : parts.run(call, record, this.u32, chunks);
  }

  #isCut(call: KernelCall): boolean {
    return this.#parts !== undefined && this.#parts.chunks(call) >= 2;
  }

  dispose(): void {
    this.#parts?.pool.dispose();
  }

  /** The tile for this call if it needs none or the instance's own is large enough, else −1. */
  fixedTile(call: KernelCall, kernel: Kernel): number {
    if (!kernel.lanes) return 0;
    return call.classes <= LANEWISE_CLASSES ? this.scratch + SCRATCH_BYTES : -1;
  }

  /** The pre-pass over labels and weights; throws ERR_LABEL. */
  check(call: KernelCall, kernel: Kernel, record: number, labels: IndexArray | null): void {
    const bad = kernel.prepass(record);
    if (bad >= 0) labelError(labels!, bad, call.classes, call.ignoreIndex);
  }

  /** Growth detaches the views of an unshared memory, which then have no elements. */
  refresh(): void {
    const { buffer } = this.arena;
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Writes all of the record but its operands' addresses. */
  writeNumbers(record: number, call: KernelCall, tile: number): void {
    if (record + CALL_BYTES > 4 * this.u32.length) this.refresh();
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
