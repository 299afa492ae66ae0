// Losses that are a function φ of a class's cross entropy ℓ, as in assembly/loops/curve.ts: p = e^−ℓ, q = 1 − p.
//   φ   q^γ ℓ + ε q
//   φ′  q^γ (1 + γ p ℓ/q) + ε p
//   φ″  p (γ q^γ/q (2 + (γ − 1) p ℓ/q − ℓ) − ε)
import type { KernelCall } from '../call.ts';

const times = (u: number, v: number): number => (u === 0 ? 0 : u * v);

/** p ℓ/q */
function ratio(l: number, q: number): number {
  const p = Math.exp(-l);
  return p === 0 ? 0 : p * (q === 0 ? 1 : l / q);
}

export class Curve {
  readonly #gamma: number;
  readonly #epsilon: number;

  constructor({ p5: gamma, p6: epsilon }: KernelCall) {
    this.#gamma = gamma;
    this.#epsilon = epsilon;
  }

  value(l: number): number {
    const q = -Math.expm1(-l);
    return times(q ** this.#gamma, l) + this.#epsilon * q;
  }

  slope(l: number): number {
    const q = -Math.expm1(-l);
    const turn = this.#gamma * ratio(l, q);
    return times(q ** this.#gamma, 1 + turn) + this.#epsilon * Math.exp(-l);
  }

  bend(l: number): number {
    const p = Math.exp(-l);
    if (p === 0) return 0;
    const q = -Math.expm1(-l);
    const gamma = this.#gamma;
    const inner = 2 + (gamma - 1) * ratio(l, q) - l;
    const focal = gamma === 0 ? 0 : gamma * q ** (gamma - 1) * inner;
    return p * (focal - this.#epsilon);
  }
}
