// A module of its own, with a memory of its own: exact sums of what is copied to its memory's beginning.
import { addToBins, BLOCK, countKeys, hide, spanOf, sumOf } from './reduce/exact';

/** Bytes of numbers that are copied at once. */
export const ROOM: i32 = 32768;
/** Keys of four groups, which what has one alone is added to. */
export const FOUR: i32 = 512;
/** Where the list ends of what is left; which bins were used; the least and the greatest key. */
export const END: i32 = 528;
export const USED: i32 = 532;
export const SPAN: i32 = 540;
/** Where numbers are copied to, their keys, and whether they count. */
export const NUMBERS: i32 = 1024;
export const KEYS: i32 = NUMBERS + ROOM;
export const COUNTED: i32 = KEYS + ROOM;
/** Doubles of sums: three for each block, and room for three more. */
export const DOUBLES: i32 = COUNTED + ROOM / 4;
/** Bins, and before them how often there is each key, up to the end of the memory. */
export const BINS: i32 = DOUBLES + 8 * 3 * (ROOM / 4 / BLOCK + 1);

export function hide_f32(n: i32): void {
  hide<f32>(NUMBERS, n, COUNTED);
}
export function hide_f64(n: i32): void {
  hide<f64>(NUMBERS, n, COUNTED);
}
export function sum_f32(n: i32): i32 {
  return i32(sumOf<f32>(NUMBERS, n, DOUBLES, FOUR, BINS, USED, KEYS, END));
}
export function sum_f64(n: i32): i32 {
  return i32(sumOf<f64>(NUMBERS, n, DOUBLES, FOUR, BINS, USED, KEYS, END));
}
export function groups_f32(n: i32, low: i32, groups: i32): void {
  store<usize>(END, addToBins<f32>(NUMBERS, n, KEYS, 16, low, groups, BINS, USED, 0, KEYS));
}
export function groups_f64(n: i32, low: i32, groups: i32): void {
  store<usize>(END, addToBins<f64>(NUMBERS, n, KEYS, 16, low, groups, BINS, USED, 0, KEYS));
}
export function span(n: i32): void {
  spanOf(KEYS, n, SPAN);
}
export function count(n: i32, low: i32, range: i32): void {
  countKeys(KEYS, n, COUNTED, low, range, BINS);
}
