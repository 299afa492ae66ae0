// The one way in which anything is added up (NUMERICS: the same bits for any alignment, tail or schedule).
//
//   8 vectors   a fixed tree in T: at most three roundings, and exact on constant data
//   block       those sums promoted to f64 and added in order: 1024 elements, one f64 partial; where that is not finite, the
//               terms themselves in f64, since eight finite numbers may add up to more than f32 has
//   blocks      a pairwise tree over the partials, the same for any number of threads: block i's place in it
//               follows from i alone
import { BLOCK } from '../generated/abi';
import { Lanes } from '../simd/lanes';

/** Bytes of the group of eight vectors that the tree adds in T. */
export const GROUP: usize = 128;

export class Tree {
  @inline static add8<T extends number>(
    a: v128,
    b: v128,
    c: v128,
    d: v128,
    e: v128,
    f: v128,
    g: v128,
    h: v128,
  ): v128 {
    return v128.add<T>(
      v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)),
      v128.add<T>(v128.add<T>(e, f), v128.add<T>(g, h)),
    );
  }

  /** The tree over the eight vectors at p. */
  @inline static load8<T extends number>(p: usize): v128 {
    return Tree.add8<T>(
      v128.load(p),
      v128.load(p, 16),
      v128.load(p, 32),
      v128.load(p, 48),
      v128.load(p, 64),
      v128.load(p, 80),
      v128.load(p, 96),
      v128.load(p, 112),
    );
  }

  /** acc (f64x2) + all lanes of v, promoted. */
  @inline static accumulate<T extends number>(acc: v128, v: v128): v128 {
    if (sizeof<T>() == 4) {
      const low = f64x2.promote_low_f32x4(v);
      const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
      return v128.add<f64>(acc, v128.add<f64>(low, high));
    }
    return v128.add<f64>(acc, v);
  }

  @inline static fold(acc: v128): f64 {
    return f64x2.extract_lane(acc, 0) + f64x2.extract_lane(acc, 1);
  }

  /** Sum of the n <= BLOCK elements at p, which must have room to be padded with zeros to whole groups. */
  static block<T extends number>(p: usize, n: usize): f64 {
    const perGroup = GROUP / sizeof<T>();
    const groups = (n + perGroup - 1) / perGroup;
    Lanes.fill<T>(p + n * sizeof<T>(), Lanes.zero(), groups * perGroup - n);
    let acc = Lanes.zero();
    for (let g: usize = 0; g < groups; g++) {
      acc = Tree.accumulate<T>(acc, Tree.load8<T>(p));
      p += GROUP;
    }
    const sum = Tree.fold(acc);
    return Tree.isSettled<T>(sum) ? sum : Tree.wide(p, groups);
  }

  /** Whether a block's sum is what its terms add up to: f32 may have overflowed on the way where it is infinite or NaN. */
  @inline static isSettled<T extends number>(sum: f64): bool {
    return sizeof<T>() == 8 || sum - sum == 0;
  }

  /** Sum of the `groups` groups of f32 before `end`, each number promoted. */
  static wide(end: usize, groups: usize): f64 {
    let acc = Lanes.zero();
    for (let p = end - groups * GROUP; p != end; ) {
      let group = Lanes.zero();
      for (let i = 0; i < 8; i++) {
        group = Tree.accumulate<f32>(group, v128.load(p));
        p += 16;
      }
      acc = v128.add<f64>(acc, group);
    }
    return Tree.fold(acc);
  }

  /** Adds block number `index`'s sum to the pairwise tree whose pending nodes are at `stack`. */
  static push(stack: usize, index: usize, sum: f64): void {
    let depth = usize(popcnt<u32>(u32(index)));
    while (index & 1) {
      depth--;
      sum = load<f64>(stack + 8 * depth) + sum;
      index >>= 1;
    }
    store<f64>(stack + 8 * depth, sum);
  }

  /** The tree's total after `count` blocks. */
  static total(stack: usize, count: usize): f64 {
    let depth = usize(popcnt<u32>(u32(count)));
    if (depth == 0) return 0;
    depth--;
    let sum = load<f64>(stack + 8 * depth);
    while (depth > 0) {
      depth--;
      sum = load<f64>(stack + 8 * depth) + sum;
    }
    return sum;
  }

  @inline static blocks(n: usize): usize {
    return (n + BLOCK - 1) / BLOCK;
  }
}
