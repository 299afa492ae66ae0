// Where the fields of a call record are (indices among its f64s, and among its u32s), and which operands it can take as
// they are.
import { type F64_FIELDS, FLAGS, offsetOf, type U32Field } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import type { TypedArray } from '../types.ts';

const f64At = (field: (typeof F64_FIELDS)[number]): number => offsetOf[field] >>> 3;
const u32At = (field: U32Field): number => offsetOf[field] >>> 2;

export const SCALE = f64At('scale');
export const DIVISOR = f64At('divisor');
export const P0 = f64At('p0');
export const FLAG_WORD = u32At('flags');
export const OUTER = u32At('outer');
export const CLASSES = u32At('classes');
export const INNER = u32At('inner');
export const IGNORE_INDEX = u32At('ignoreIndex');
export const INPUT = u32At('input');
export const TARGET = u32At('target');
export const WEIGHT = u32At('weight');
export const WEIGHT_SHAPE = u32At('weightShape');
export const EXTRA = u32At('extra');
export const EXTRA_SHAPE = u32At('extraShape');
export const SAMPLE_WEIGHT = u32At('sampleWeight');
export const GRAD_OUTPUT = u32At('gradOutput');
export const VALUE = u32At('value');
export const GRAD = u32At('grad');
export const GRAD_TARGET = u32At('gradTarget');
export const SCRATCH = u32At('scratch');
export const TILE = u32At('tile');
export const FROM = u32At('from');
export const TO = u32At('to');
export const PARTIALS = u32At('partials');

export const isIndex = (call: KernelCall): boolean => (call.flags & FLAGS.INDEX) !== 0;
/** Labels of another type are widened into staging space even where they lie in this memory. */
export const mustWiden = (call: KernelCall): boolean => isIndex(call) && !(call.target instanceof Int32Array);

/** Address 0 means "not given" to a kernel: what lies there is staged like an array outside the memory. */
export const isOutside = (array: TypedArray | null, at: number): boolean => array !== null && at <= 0;
