// A module of its own, with a memory of its own: exact sums of what is copied to its memory's beginning.
import { addToLimbs, BLOCK, hide, Sum, sumOf } from './reduce/exact';

/** Bytes of numbers that are copied at once. */
export const ROOM: i32 = 32768;
/** Where numbers are copied to, their groups, and whether they count. */
export const NUMBERS: i32 = 1024;
export const GROUPS: i32 = NUMBERS + ROOM;
export const COUNTED: i32 = GROUPS + ROOM;
/** Doubles of sums: three for each block, and room for three more. */
export const DOUBLES: i32 = COUNTED + ROOM / 4;
/** Limbs, up to the end of the memory. */
export const LIMBS: i32 = DOUBLES + 8 * 3 * (ROOM / 4 / BLOCK + 1);
/** A group's number for all. */
const ZERO: usize = 512;

export const LIMBS_F32: i32 = Sum.limbs<f32>();
export const LIMBS_F64: i32 = Sum.limbs<f64>();
export const LOWEST_F32: i32 = Sum.lowest<f32>();
export const LOWEST_F64: i32 = Sum.lowest<f64>();

export function hide_f32(n: i32): void {
  hide<f32>(NUMBERS, n, COUNTED);
}
export function hide_f64(n: i32): void {
  hide<f64>(NUMBERS, n, COUNTED);
}
export function sum_f32(n: i32): i32 {
  return sumOf<f32>(NUMBERS, n, DOUBLES, ZERO, LIMBS);
}
export function sum_f64(n: i32): i32 {
  return sumOf<f64>(NUMBERS, n, DOUBLES, ZERO, LIMBS);
}
/** `low`: the least of the groups, which the first sum is of. */
export function groups_f32(n: i32, low: i32): void {
  addToLimbs<f32>(NUMBERS, n, GROUPS, 4, LIMBS - low * Sum.limbBytes<f32>());
}
export function groups_f64(n: i32, low: i32): void {
  addToLimbs<f64>(NUMBERS, n, GROUPS, 4, LIMBS - low * Sum.limbBytes<f64>());
}
