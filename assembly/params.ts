// A loss's own numbers (delta, beta, eps …), splatted once a call. Globals, because V8 reads a v128 global
// as cheaply as a hoisted local while a v128.const inside a loop is rebuilt at every use.
import { CALL_P0, CALL_P1, CALL_P2, CALL_P3, CALL_P4 } from './generated/abi';
import { setGradScale } from './gradScale';
import { Lanes } from './simd/lanes';

export let P0: v128 = i32x4.splat(0);
export let P1: v128 = i32x4.splat(0);
export let P3: v128 = i32x4.splat(0);
export let P4: v128 = i32x4.splat(0);
/** Whether P2 is not 0. Of the losses with an eps it is that (of multiMargin a power): what only they need is behind a branch. */
export let hasEps: bool = false;

/** These, and the scale of the gradients. */
export function setParams<T extends number>(call: usize): void {
  P0 = Lanes.splat<T>(load<f64>(call, CALL_P0));
  P1 = Lanes.splat<T>(load<f64>(call, CALL_P1));
  P3 = Lanes.splat<T>(load<f64>(call, CALL_P3));
  P4 = Lanes.splat<T>(load<f64>(call, CALL_P4));
  hasEps = load<f64>(call, CALL_P2) != 0;
  setGradScale<T>(call);
}
