import { Lanes } from '../simd/lanes';

/** Maximum of the n elements at x in every lane; NaNs lose (they reach the result through the sum). */
export function ROW_MAX<T extends number>(x: usize, n: usize): v128 {
  let a = Lanes.minusInfinity<T>();
  let b = a;
  let c = a;
  let d = a;
  let left = n * sizeof<T>();
  for (; left >= 64; left -= 64) {
    a = v128.pmax<T>(a, v128.load(x));
    b = v128.pmax<T>(b, v128.load(x, 16));
    c = v128.pmax<T>(c, v128.load(x, 32));
    d = v128.pmax<T>(d, v128.load(x, 48));
    x += 64;
  }
  for (; left >= 16; left -= 16) {
    a = v128.pmax<T>(a, v128.load(x));
    x += 16;
  }
  for (; left; left -= sizeof<T>()) {
    b = v128.pmax<T>(b, Lanes.loadSplat<T>(x));
    x += sizeof<T>();
  }
  return Lanes.foldMax<T>(v128.pmax<T>(v128.pmax<T>(a, b), v128.pmax<T>(c, d)));
}
