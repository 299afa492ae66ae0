import { between } from '../random.ts';
import { cosineOf, cosineSizes, dot, lostApart, unitOf } from '../reference/cosine.ts';
import type { RowLoss } from '../reference/features.ts';
import { features, isRelative } from './features.ts';
import type { Row } from './row.ts';

/** 1 − c, or without norms 1 − x·t */
const vectors: RowLoss = (given, { eps = 1e-8, normalize = true }) => {
  const [x, t] = given;
  const minus = (v: readonly number[]): number[] => v.map((n) => -n);
  if (!normalize) {
    const [a, b] = [unitOf(x), unitOf(t)];
    const units = [a.unit, b.unit].sort((m, n) => m - n);
    const value = 1 - dot(a.parts, b.parts) * units[0] * units[1];
    // what is NaN makes its whole row so
    return { value, grads: Number.isNaN(value) ? [x, t].map((v) => v.map(() => NaN)) : [minus(t), minus(x)] };
  }
  const { apart, slopes } = cosineOf(given, 0, eps);
  return { value: apart, grads: slopes.map(minus) };
};

const vectorSizes: RowLoss = (given, options) => {
  const { eps = 1e-8, normalize = true } = options;
  const point = vectors(given, options, 1, []);
  const [x, t] = given;
  if (!normalize) {
    const terms = x.reduce((s, v, i) => s + Math.abs(v * t[i]), 1);
    return cosineSizes(point, options, [t.map(() => 0), x.map(() => 0)], terms);
  }
  const { sizes } = cosineOf(given, 0, eps);
  return cosineSizes(point, options, sizes, lostApart(point.value, options));
};

export const cosineDistance: Row = {
  loss: 'cosineDistance',
  vectors,
  vectorSizes,
  isRelative,
  input: between(-3, 3),
  target: between(-3, 3),
  variants: [
    ...features,
    { title: 'eps greater than norms', shape: [7, 2], options: { eps: 2.5 } },
    { title: 'normalize: false', options: { normalize: false } },
    { title: 'normalize: false, rowwise', shape: [5, 131], options: { normalize: false } },
  ],
};
