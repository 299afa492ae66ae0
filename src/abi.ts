/**
 * The one record that a kernel call is described by. Kernels take its address and nothing else, so that a
 * prepared step, a plain call and (later) a worker's block all start a kernel the same way.
 *
 * The generator writes the offsets to `assembly/abi.ts`; the JS backend has an object with the same names.
 * Addresses are bytes, sizes are elements, an address of 0 means "not given".
 */
export const F64_FIELDS = [
  'scale', // upstream gradient where it is one number
  'divisor', // what the value is divided by: 1, the count, or with WEIGHTED_MEAN weightSum
  'weightSum', // written by the label pre-pass: Σ w_target · sampleWeight over the rows that count
  'p0', // the loss's own numbers, in the order of its descriptor
  'p1',
  'p2',
  'p3',
  'p4',
] as const;

export const U32_FIELDS = [
  'flags',
  'outer', // input seen as [outer, classes, inner]; elementwise losses use inner alone
  'classes',
  'inner',
  'ignoreIndex',
  'active', // written by the label pre-pass: rows that are neither ignored nor of weight 0
  'input',
  'target', // same dtype as input; with INDEX i32 class indices
  'weight', // element weights (dense, or broadcast by weightShape), or [classes]
  'weightShape',
  'extra', // the loss's own tensor operand (posWeight)
  'extraShape',
  'sampleWeight',
  'gradOutput', // upstream gradient where it is a tensor
  'value', // where the values of reduction 'none' go
  'grad', // gradient with respect to input
  'gradTarget', // gradient with respect to target
  'scratch', // SCRATCH_BYTES of working space
  'tile', // working space of the lanewise loop, TILE_BYTES_PER_CLASS · classes
  'from', // the part of the call that is to be done: elements, or rows of [outer, classes, inner]
  'to',
  'partials', // a part's sums: an f64 for each block of elements, or each row's value; not given: the call is done at once
] as const;

/** To be raised when kernels read the same fields in another way: the number of the ABI follows from it and the layout. */
export const REVISION = 1;

export type F64Field = (typeof F64_FIELDS)[number];
export type U32Field = (typeof U32_FIELDS)[number];

export const FLAGS = {
  /** Compute the value (otherwise only gradients). */
  VALUE: 1,
  /** Divide by weightSum, which the pre-pass found, instead of divisor. */
  WEIGHTED_MEAN: 2,
  /** target holds i32 class indices. */
  INDEX: 4,
  /** Every class has a target probability: probability targets, or label smoothing. */
  SOFT: 8,
  /** A mean over no row at all is 0 instead of NaN (allIgnored: 'zero'). */
  EMPTY_IS_ZERO: 16,
} as const;

export const offsetOf = Object.fromEntries([
  ...F64_FIELDS.map((name, i) => [name, 8 * i]),
  ...U32_FIELDS.map((name, i) => [name, 8 * F64_FIELDS.length + 4 * i]),
]) as Record<F64Field | U32Field, number>;

export const CALL_BYTES = 8 * F64_FIELDS.length + 4 * U32_FIELDS.length;

/** Elements of one block: one f64 partial sum each, joined by a fixed pairwise tree. */
export const BLOCK = 1024;

/** Parts of the scratch space, in bytes; each is large enough for a block of f64. */
export const SCRATCH = {
  VALUES: 0,
  A: 8 * BLOCK,
  B: 16 * BLOCK,
  C: 24 * BLOCK,
  TAIL: 32 * BLOCK,
  STACK: 32 * BLOCK + 2048,
} as const;
export const SCRATCH_BYTES = SCRATCH.STACK + 256;

/** Bytes of one class's row in a lanewise tile, and how many such tiles the loop needs. */
export const TILE_WIDTH = 64;
export const TILES = 3;
/** A tile is padded to whole groups of eight classes, the unit of the summation tree. */
export const tileBytes = (classes: number): number => TILES * TILE_WIDTH * 8 * Math.ceil(classes / 8);
/** Up to this many classes a contiguous class axis goes lanewise (one lane a row), beyond it rowwise. */
export const LANEWISE_CLASSES = 64;
