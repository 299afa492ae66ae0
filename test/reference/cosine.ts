import type { RowPoint } from './features.ts';
import type { Options } from './options.ts';

export const dot = (x: readonly number[], y: readonly number[]): number =>
  x.reduce((s, v, i) => s + v * y[i], 0);

/** A vector over a power of two near its greatest component, or near `least`: its square is a number. */
export function unitOf(x: readonly number[], least = 0) {
  const most = x.reduce((m, v) => Math.max(m, Math.abs(v)), Math.max(least, 2 ** -1021));
  const unit = Number.isFinite(most) ? 2 ** Math.floor(Math.log2(most)) : 1;
  return { unit, parts: x.map((v) => v / unit) };
}

/** Of each vector what is added to its square and the least norm; 1 − c by Lagrange's identity, in which nothing cancels. */
export function cosineOf(vectors: readonly (readonly number[])[], added: number, least: number) {
  const normed = vectors.map((vector) => {
    const { unit, parts } = unitOf(vector, Math.max(Math.sqrt(added), least));
    const square = dot(parts, parts);
    const more = added / unit / unit;
    const own = Math.sqrt(square + more);
    const norm = Math.max(own, least / unit);
    const isClipped = own < least / unit;
    // what the square of the norm that is divided by is more than that of the vector, in units of the former
    const rest = isClipped ? 1 - square / norm / norm : more / norm / norm;
    return { u: parts.map((v) => v / norm), norm, over: (v: number) => v / norm / unit, isClipped, rest };
  });
  const [x, y] = normed;
  // 0/0 also where there are no features
  const c = x.norm === 0 || y.norm === 0 ? NaN : dot(x.u, y.u);
  let area = 0;
  for (let i = 0; i < x.u.length; i++)
    for (let j = 0; j < i; j++) area += (x.u[i] * y.u[j] - x.u[j] * y.u[i]) ** 2;
  // (1 − c)(1 + c) = 1 − c² = area + r + s − rs
  const apart = c > 0 ? (area + x.rest + y.rest - x.rest * y.rest) / (1 + c) : 1 - c;
  /** dc/dx of one of the two: Σ_j u_j (v_i u_j − u_i v_j) + r v_i over its norm, or v over it; what is NaN makes its row so. */
  const slope = ({ u, over, isClipped, rest }: typeof x, { u: v }: typeof x): number[] =>
    u.map((ui, i) => {
      if (Number.isNaN(c)) return c;
      if (isClipped) return over(v[i]);
      const turned = u.reduce((sum, uj, j) => sum + uj * (v[i] * uj - ui * v[j]), 0);
      return over(turned + rest * v[i]);
    });
  const terms = x.u.reduce((sum, v, i) => sum + Math.abs(v * y.u[i]), 0);
  /** The sizes of what a slope is a difference of; c is as far off as its terms are great. */
  const size = ({ u, over }: typeof x, { u: v }: typeof x): number[] =>
    u.map((ui, i) => over(Math.abs(ui) * terms + Math.abs(v[i])));
  return { c, apart, slopes: [slope(x, y), slope(y, x)], sizes: [size(x, y), size(y, x)] };
}

/** The sizes of results that are right to `dtype` but for what the sums of a row have lost in f64. */
export function cosineSizes(
  { value, grads }: RowPoint,
  { dtype = 'f64' }: Options,
  sizes: readonly (readonly number[])[],
  cancels: number,
): RowPoint {
  const lost = dtype === 'f32' ? 1e-8 : 1;
  return {
    value: Math.abs(value) + lost * cancels,
    grads: grads.map((grad, i) => grad.map((g, j) => Math.abs(g) + lost * sizes[i][j])),
  };
}

/** What 1 − c loses in f64: differences of two numbers are squared. */
export const lostApart = (apart: number, { dtype = 'f64' }: Options): number =>
  dtype === 'f32' ? 1 : 2 * Math.sqrt(Math.abs(apart)) + 1e-15;
