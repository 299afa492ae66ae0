/**
 * The one record that a kernel call is described by. Kernels take its address and nothing else, so that a prepared step, a plain
 * call and a worker's part all start a kernel the same way.
 *
 * It has numbers (F64_FIELDS, U32_FIELDS), then for each slot the address of an operand, then for each slot the address of the
 * record of its shape (see memory/broadcast.ts). The generator writes the offsets to assembly's abi.ts; the JS backend has the same
 * numbers and slots. Addresses are bytes, sizes are elements, an address of 0 means "not given".
 */
export const F64_FIELDS = [
  'scale', // upstream gradient where it is one number
  'divisor', // what the value is divided by: 1, the count, or with WEIGHTED_MEAN weightSum
  'weightSum', // written by the label pre-pass: Σ w_target · sampleWeight over the rows that count
  'hessianScale', // what a second derivative is multiplied by
  'minHessian', // and its least value, before weights
  'p0', // the loss's own numbers, in the order of its descriptor
  'p1',
  'p2',
  'p3',
  'p4',
  'p5',
  'p6',
  'p7',
] as const;

export const U32_FIELDS = [
  'flags',
  'outer', // input seen as [outer, classes, inner]; elementwise losses use inner alone
  'classes',
  'inner',
  'ignoreIndex',
  'active', // written by the label pre-pass: rows that are neither ignored nor of weight 0
  'scratch', // SCRATCH_BYTES of working space
  'tile', // working space of the lanewise loop, TILE_BYTES_PER_CLASS · classes
  'from', // the part of the call that is to be done: elements, or rows of [outer, classes, inner]
  'to',
  'first', // what of the call comes before it all: elements, or rows, of tiles that are staged one after another
  'partials', // a part's sums: an f64 for each block of elements, or each row's value; not given: the call is done at once; of overlaps the sums of all blocks
  'features', // of a product: the length of an input row; of overlaps how many blocks there are
  'chunk', // and how many rows at most have logits at once; positions of a block
  'step', // which of their steps is to be done; 0: all of it
] as const;

/** What a call reads and writes: each is an operand's address, and the record of how it broadcasts. */
export const SLOTS = [
  'in0', // the loss's inputs, then operands of its own that are options
  'in1', // of the inputs' dtype; with INDEX i32 class indices
  'in2',
  'in3',
  'weight', // element weights, or [classes]
  'sampleWeight',
  'gradOutput', // upstream gradient where it is a tensor
  'value', // where the values of reduction 'none' go
  'grad0', // gradients with respect to the inputs
  'grad1',
  'grad2',
  'grad3',
  'hess', // the diagonal of the second derivative with respect to the first input
] as const;
export type SlotName = (typeof SLOTS)[number];

const slotOf = (name: SlotName): number => SLOTS.indexOf(name);
export const IN0 = /* @__PURE__ */ slotOf('in0');
export const IN1 = /* @__PURE__ */ slotOf('in1');
export const IN2 = /* @__PURE__ */ slotOf('in2');
export const IN3 = /* @__PURE__ */ slotOf('in3');
export const WEIGHT = /* @__PURE__ */ slotOf('weight');
export const SAMPLE_WEIGHT = /* @__PURE__ */ slotOf('sampleWeight');
export const GRAD_OUTPUT = /* @__PURE__ */ slotOf('gradOutput');
/** This slot and those after it are written. */
export const VALUE = /* @__PURE__ */ slotOf('value');
export const GRAD0 = /* @__PURE__ */ slotOf('grad0');
export const GRAD1 = /* @__PURE__ */ slotOf('grad1');
export const GRAD2 = /* @__PURE__ */ slotOf('grad2');
export const GRAD3 = /* @__PURE__ */ slotOf('grad3');
export const HESS = /* @__PURE__ */ slotOf('hess');

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
  /** The second derivative is 1: hessian 'one'. */
  HESSIAN_ONE: 32,
  /** The second derivative is the other one that the loss has: hessian 'secant' (the gradient over the difference) or 'halley'. */
  HESSIAN_OTHER: 64,
  /** Every row counts as one: no label is ignored, and class weights are no part of what a mean divides by. */
  EVERY_ROW: 128,
  /** target holds as many i32 as input: for each row a list of labels that ends with the first −1. */
  SETS: 256,
  /** The kernel itself finds weightSum and active: target holds i32 that are compared with each other. */
  COMPARED: 512,
} as const;

const ADDRESSES = 8 * F64_FIELDS.length + 4 * U32_FIELDS.length;
const SHAPES = ADDRESSES + 4 * SLOTS.length;

/** Where the fields of a record are, in bytes: a slot's name is that of its address, with Shape that of its shape. */
export const offsetOf = Object.fromEntries([
  ...F64_FIELDS.map((name, i) => [name, 8 * i]),
  ...U32_FIELDS.map((name, i) => [name, 8 * F64_FIELDS.length + 4 * i]),
  ...SLOTS.map((name, i) => [name, ADDRESSES + 4 * i]),
  ...SLOTS.map((name, i) => [`${name}Shape`, SHAPES + 4 * i]),
]) as Record<F64Field | U32Field | SlotName | `${SlotName}Shape`, number>;

export const CALL_BYTES = SHAPES + 4 * SLOTS.length;

/** Elements of one block: one f64 partial sum each, joined by a fixed pairwise tree. */
export const BLOCK = 1024;

/** Parts of the scratch space, in bytes; each is large enough for a block of f64. */
export const SCRATCH = {
  VALUES: 0,
  A: 8 * BLOCK,
  B: 16 * BLOCK,
  C: 24 * BLOCK,
  D: 32 * BLOCK,
  TAIL: 40 * BLOCK,
  STACK: 40 * BLOCK + 2048,
} as const;
export const SCRATCH_BYTES = SCRATCH.STACK + 256;

/** Bytes of one class's row in a lanewise tile, and how many such tiles the loop needs. */
export const TILE_WIDTH = 64;
export const TILES = 3;
/** A tile is padded to whole groups of eight classes, the unit of the summation tree. */
export const tileBytes = (classes: number): number => TILES * TILE_WIDTH * 8 * Math.ceil(classes / 8);
/** Bytes of the sums of a block of positions and a class. */
export const OVERLAP_BYTES = 24;

/**
 * Steps of a product's loss, most of them for each chunk of rows; those of rows, lines or panels can be done in parts. Those of overlaps
 * are each done once, JOIN not in parts.
 */
export const STEPS = {
  /** Finds the next rows that count, `first` and those after it, and packs them; returns the row after them. */
  GATHER: 1,
  /** Lines of classes. */
  LOGITS: 2,
  /** Rows of the chunk. */
  ROWS: 3,
  /** Panels of features. */
  GRAD_INPUT: 4,
  /** Lines of classes. */
  GRAD_WEIGHT: 5,
  /** Returns the reduced value. */
  END: 6,
  // of all pairs alone
  /** Finds the rows that count, once. */
  ORDER: 7,
  /** Rows, once: copies of them are scaled. */
  SCALE: 8,
  /** Rows of the chunk: what their similarities add up to. */
  MEASURE: 9,
  /** Lines of classes: likewise of columns. */
  COLUMNS: 10,
  /** Rows, once: their gradients from those of the copies. */
  BACK: 11,
  // of overlaps
  /** Blocks of positions. */
  SUMS: 12,
  /** Makes losses of the sums; returns the reduced value. */
  JOIN: 13,
  /** Blocks of positions. */
  GRADS: 14,
} as const;

/** Bytes of a cache line, and of the classes that a part of a step has to itself. */
export const LINE = 64;
/** The next multiple of a cache line. */
export const align = (n: number): number => Math.ceil(n / LINE) * LINE;
/** Bytes of a row of a panel of a product. */
export const PANEL = 32;
/** Rows of a panel in f32, a multiple of those in f64: chunks have room for whole ones. */
export const PANEL_ROWS = 8;

/** Up to this many classes a contiguous class axis goes lanewise (one lane a row), beyond it rowwise. */
export const LANEWISE_CLASSES = 64;
