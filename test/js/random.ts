/** A stream of numbers in (0, 1), the same at every run (mulberry32); index by index, so that shapes don't matter. */
function uniform(seed: number, i: number): number {
  let z = Math.imul(i + 1, 0x6d2b79f5) + Math.imul(seed, 0x9e3779b9);
  z = Math.imul(z ^ (z >>> 15), z | 1);
  z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
  return (((z ^ (z >>> 14)) >>> 0) + 0.5) / 2 ** 32;
}

export const uniforms =
  (seed: number, map: (u: number, i: number) => number = (u) => u) =>
  (i: number): number =>
    map(uniform(seed, i), i);

export const normals =
  (seed: number, deviation = 1) =>
  (i: number): number =>
    deviation *
    Math.sqrt(-2 * Math.log(uniform(seed, 2 * i))) *
    Math.cos(2 * Math.PI * uniform(seed, 2 * i + 1));
