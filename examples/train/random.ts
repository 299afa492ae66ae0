// Seeded random numbers: every run of the example sees the same split and the same initial weights.

/** Uniform in [0, 1): xorshift with the shifts 13, 17, 5 (Marsaglia 2003), which needs a state other than 0. */
export function uniform(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** 0 … length − 1 in random order. */
export function permutation(length: number, seed: number): Uint32Array {
  const random = uniform(seed);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
