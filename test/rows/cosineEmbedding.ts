import { between } from '../random.ts';
import { cosineOf, cosineSizes, lostApart } from '../reference/cosine.ts';
import type { RowLoss } from '../reference/features.ts';
import { features, isRelative } from './features.ts';
import type { Row } from './row.ts';

const ADDED = Math.fround(1e-12);

/** 1 − c at label 1, max(0, c − margin) at −1, 0 at others */
const vectors: RowLoss = (given, { margin = 0 }, label) => {
  const { c, apart, slopes } = cosineOf(given, ADDED, 0);
  const times = (k: number): number[][] => slopes.map((slope) => slope.map((s) => k * s));
  if (Number.isNaN(c + label)) return { value: NaN, grads: times(NaN) };
  if (label === 1) return { value: apart, grads: times(-1) };
  if (label === -1 && c >= margin) return { value: c - margin, grads: slopes };
  return { value: 0, grads: times(0) };
};

const vectorSizes: RowLoss = (given, options, label) => {
  const point = vectors(given, options, label, []);
  const { c, sizes } = cosineOf(given, ADDED, 0);
  const cancels =
    label === 1 ? lostApart(point.value, options) : Math.abs(c) + Math.abs(options.margin ?? 0) + 1;
  return cosineSizes(point, options, sizes, cancels);
};

export const cosineEmbedding: Row = {
  loss: 'cosineEmbedding',
  vectors,
  vectorSizes,
  isRelative,
  input: between(-3, 3),
  target: between(-3, 3),
  third: (r) => (r() < 0.5 ? 1 : -1),
  joint: () => Infinity,
  variants: [
    ...features,
    { title: 'margin −0.5', options: { margin: -0.5 } },
    { title: 'margin −1, rowwise', shape: [5, 131], options: { margin: -1 } },
  ],
};
