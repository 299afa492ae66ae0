// Wrong results are not worth timing: before a case is measured, the backends have to agree on it.
import type { FloatDType } from 'simdloss';

/** The kernels' own bounds are several times tighter; this is to notice what is wrong, not what is inaccurate. */
const tolerance: Record<FloatDType, number> = { f32: 2e-5, f64: 1e-11 };

export function checkValue(id: string, dtype: FloatDType, wasm: number, js: number): void {
  // written so that NaN fails
  if (!(Math.abs(wasm - js) <= tolerance[dtype] * Math.abs(js))) {
    throw new Error(`${id}: the value is ${wasm} on wasm but ${js} on js`);
  }
}

/** Of so many elements one may be where a gradient leaps, and on the other side of it by a rounding. */
const LEAP = 1e7;

/** Relative to each element, and to the mean magnitude where an element is a difference that cancels. */
export function checkGradient(
  id: string,
  dtype: FloatDType,
  wasm: ArrayLike<number>,
  js: ArrayLike<number>,
): void {
  let sum = 0;
  for (let i = 0; i < js.length; i++) sum += Math.abs(js[i]);
  const relative = tolerance[dtype];
  const floor = (relative * sum) / js.length;
  let leaps = Math.floor(js.length / LEAP);
  for (let i = 0; i < js.length; i++) {
    if (!(Math.abs(wasm[i] - js[i]) <= relative * Math.abs(js[i]) + floor) && leaps-- <= 0) {
      throw new Error(`${id}: gradient ${i} is ${wasm[i]} on wasm but ${js[i]} on js`);
    }
  }
}
