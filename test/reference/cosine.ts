import type { RowPoint } from './features.ts';
import type { Options } from './options.ts';

const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((s, v, i) => s + v * y[i], 0);

/** Of each vector what is added to its square and the least norm; 1 − c by Lagrange's identity, in which nothing cancels. */
export function cosineOf([x, y]: readonly (readonly number[])[], added: number, least: number) {
  const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)];
  const [a, b] = [xx, yy].map((s) => Math.max(Math.sqrt(s + added), least));
  const isClipped = [xx, yy].map((s) => Math.sqrt(s + added) < least);
  const c = xy / a / b;
  const [ux, uy] = [x.map((v) => v / a), y.map((v) => v / b)];
  // what the squares of the norms that are divided by are more than the squares of the vectors, in units of the former
  const [r, s] = [xx, yy].map((square, i) => {
    const norm = [a, b][i];
    return isClipped[i] ? 1 - square / norm / norm : added / norm / norm;
  });
  let area = 0;
  for (let i = 0; i < x.length; i++) for (let j = 0; j < i; j++) area += (ux[i] * uy[j] - ux[j] * uy[i]) ** 2;
  // (1 − c)(1 + c) = 1 − c² = area + r + s − rs
  const apart = c > 0 ? (area + r + s - r * s) / (1 + c) : 1 - c;
  /** dc/dx of one of the two: Σ_j u_j (v_i u_j − u_i v_j) + r v_i over its norm, or v over it. */
  const slope = (u: number[], v: number[], norm: number, rest: number, clipped: boolean): number[] =>
    u.map((ui, i) => {
      if (clipped) return v[i] / norm;
      const turned = u.reduce((sum, uj, j) => sum + uj * (v[i] * uj - ui * v[j]), 0);
      return (turned + rest * v[i]) / norm;
    });
  return {
    c,
    apart,
    slopes: [slope(ux, uy, a, r, isClipped[0]), slope(uy, ux, b, s, isClipped[1])],
    /** The sizes of what a slope is a difference of. */
    sizes: [
      ux.map((u, i) => (Math.abs(u * c) + Math.abs(uy[i])) / a),
      uy.map((u, i) => (Math.abs(u * c) + Math.abs(ux[i])) / b),
    ],
  };
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
