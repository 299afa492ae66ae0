// Losses that are a function φ of a class's cross entropy ℓ, as in assembly/loops/curve.ts: p = e^−ℓ, q = 1 − p.
//   φ   q^γ ℓ + ε q
//   φ′  q^γ (1 + γ p ℓ/q) + ε p
//   φ″  p (γ q^γ/q (2 + (γ − 1) p ℓ/q − ℓ) − ε)
// Functions of numbers, as an object would be garbage.

const times = (u: number, v: number): number => (u === 0 ? 0 : u * v);

/** p ℓ/q */
function ratio(l: number, q: number): number {
  const p = Math.exp(-l);
  return p === 0 ? 0 : p * (q === 0 ? 1 : l / q);
}

export function curveValue(l: number, gamma: number, epsilon: number): number {
  const q = -Math.expm1(-l);
  return times(q ** gamma, l) + epsilon * q;
}

export function curveSlope(l: number, gamma: number, epsilon: number): number {
  const q = -Math.expm1(-l);
  return times(q ** gamma, 1 + gamma * ratio(l, q)) + epsilon * Math.exp(-l);
}

export function curveBend(l: number, gamma: number, epsilon: number): number {
  const p = Math.exp(-l);
  if (p === 0) return 0;
  const q = -Math.expm1(-l);
  const inner = 2 + (gamma - 1) * ratio(l, q) - l;
  const focal = gamma === 0 ? 0 : gamma * q ** (gamma - 1) * inner;
  return p * (focal - epsilon);
}
