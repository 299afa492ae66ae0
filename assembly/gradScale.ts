// d(result)/d(term), which every gradient is multiplied by: 1/Σw in a mean of weighted terms. Where the weights are so large that
// it is no normal f32 (or so small that it is infinite), it is the product of two factors, the second of which, a power of two,
// comes last: after the weights, with which the gradients are ordinary numbers.

import { Call } from './call';
import { CALL_SCALE, FLAG_WEIGHTED_MEAN } from './generated/abi';
import { Lanes } from './simd/lanes';

export let gradScale: v128 = i32x4.splat(0);
/** The second factor, 1 in general, and whether it is another. */
export let unit: v128 = i32x4.splat(0);
export let hasUnit: bool = false;

const LEAST_NORMAL: f64 = 1.1754943508222875e-38; // 2⁻¹²⁶
const UNIT: f64 = 5.421010862427522e-20; // 2⁻⁶⁴

export function setGradScale<T extends number>(call: usize): void {
  const scale = load<f64>(call, CALL_SCALE) / Call.divisor(call);
  let factor: f64 = 1;
  if (sizeof<T>() == 4 && Call.has(call, FLAG_WEIGHTED_MEAN)) {
    const size = abs(scale);
    if (size < LEAST_NORMAL) factor = UNIT;
    if (size > 1 / LEAST_NORMAL) factor = 1 / UNIT;
  }
  hasUnit = factor != 1;
  unit = Lanes.splat<T>(factor);
  gradScale = Lanes.splat<T>(scale / factor);
}

/** Multiplies the n numbers at p by the second factor. */
export function APPLY_UNIT<T extends number>(p: usize, n: usize): void {
  for (; n; n--) {
    Lanes.storeFirst<T>(p, v128.mul<T>(Lanes.loadSplat<T>(p), unit));
    p += sizeof<T>();
  }
}
