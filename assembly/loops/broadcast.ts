// NumPy broadcasting of weights, a block at a time, so that no full copy of a broadcast weight ever exists.
import { Lanes } from '../simd/lanes';

/**
 * Writes the elements [from, from + n) of the broadcast weight at `source` to `to` and returns `to`. `shape` points to
 * u32s: the rank, then per dimension from the innermost its length and the source's step in elements (0 where
 * it is broadcast; 1 innermost otherwise).
 */
export function expand<T extends number>(
  to: usize,
  source: usize,
  shape: usize,
  from: usize,
  n: usize,
): usize {
  const rank = load<u32>(shape);
  const inner: usize = rank ? usize(load<u32>(shape, 4)) : n;
  const innerStep: usize = rank ? usize(load<u32>(shape, 8)) : 0;
  const start = to;
  while (n) {
    // the source of element `from`, and how far its innermost run goes
    let rest = from;
    let at = source;
    for (let d: usize = 0; d < rank; d++) {
      const length: usize = load<u32>(shape + 8 * d, 4);
      at += (rest % length) * load<u32>(shape + 8 * d, 8) * sizeof<T>();
      rest /= length;
    }
    const run = min(n, rank ? inner - (from % inner) : n);
    if (innerStep) Lanes.copy<T>(to, at, run);
    else Lanes.fill<T>(to, Lanes.loadSplat<T>(at), run);
    to += run * sizeof<T>();
    from += run;
    n -= run;
  }
  return start;
}
