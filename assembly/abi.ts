// Generated from src/abi.ts by `npm run generate`; do not edit.

export const CALL_SCALE: usize = 0;
export const CALL_DIVISOR: usize = 8;
export const CALL_WEIGHT_SUM: usize = 16;
export const CALL_P0: usize = 24;
export const CALL_P1: usize = 32;
export const CALL_P2: usize = 40;
export const CALL_P3: usize = 48;
export const CALL_P4: usize = 56;
export const CALL_FLAGS: usize = 64;
export const CALL_OUTER: usize = 68;
export const CALL_CLASSES: usize = 72;
export const CALL_INNER: usize = 76;
export const CALL_IGNORE_INDEX: usize = 80;
export const CALL_ACTIVE: usize = 84;
export const CALL_INPUT: usize = 88;
export const CALL_TARGET: usize = 92;
export const CALL_WEIGHT: usize = 96;
export const CALL_WEIGHT_SHAPE: usize = 100;
export const CALL_EXTRA: usize = 104;
export const CALL_EXTRA_SHAPE: usize = 108;
export const CALL_SAMPLE_WEIGHT: usize = 112;
export const CALL_GRAD_OUTPUT: usize = 116;
export const CALL_VALUE: usize = 120;
export const CALL_GRAD: usize = 124;
export const CALL_GRAD_TARGET: usize = 128;
export const CALL_SCRATCH: usize = 132;
export const CALL_TILE: usize = 136;
export const CALL_FROM: usize = 140;
export const CALL_TO: usize = 144;
export const CALL_PARTIALS: usize = 148;

export const FLAG_VALUE: u32 = 1;
export const FLAG_WEIGHTED_MEAN: u32 = 2;
export const FLAG_INDEX: u32 = 4;
export const FLAG_SOFT: u32 = 8;
export const FLAG_EMPTY_IS_ZERO: u32 = 16;

export const ABI: i32 = 85853237;

export const BLOCK: usize = 1024;
export const SCRATCH_VALUES: usize = 0;
export const SCRATCH_A: usize = 8192;
export const SCRATCH_B: usize = 16384;
export const SCRATCH_C: usize = 24576;
export const SCRATCH_TAIL: usize = 32768;
export const SCRATCH_STACK: usize = 34816;
export const TILE_WIDTH: usize = 64;
