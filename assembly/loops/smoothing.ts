// Label smoothing of a binary target: its share ε goes to ½. A target of 1 leaves exactly ½ε to the other outcome, which 1 less a
// rounded sum would not.
import { CALL_P5, CALL_P6 } from '../generated/abi';
import { Lanes } from '../simd/lanes';

let P5: v128 = i32x4.splat(0);
let P6: v128 = i32x4.splat(0);
/** Whether P6 is not 0. */
export let isSmoothed: bool = false;

/** Not among the numbers of params.ts, which losses of classes set, too. */
export function setSmoothing<T extends number>(call: usize): void {
  P5 = Lanes.splat<T>(load<f64>(call, CALL_P5));
  P6 = Lanes.splat<T>(load<f64>(call, CALL_P6));
  isSmoothed = load<f64>(call, CALL_P6) != 0;
}

/** P5 is 1 − ε, P6 ½ε: without smoothing these are t and 1 − t to the bit. */
export class Smoothing {
  /** (1 − ε) t + ½ε */
  @inline static of<T extends number>(t: v128): v128 {
    return v128.add<T>(v128.mul<T>(t, P5), P6);
  }

  /** (1 − ε)(1 − t) + ½ε */
  @inline static rest<T extends number>(t: v128): v128 {
    return Smoothing.of<T>(v128.sub<T>(Lanes.one<T>(), t));
  }

  /** A gradient with respect to the smoothed target as one to the target. */
  @inline static back<T extends number>(g: v128): v128 {
    return v128.mul<T>(g, P5);
  }
}
