// Cross entropy with label smoothing of rows with logits of −∞, over all lengths and through every loop. A class with a share, however
// small, costs the loss all it has: +∞; the gradient stays finite. A class whose weight is 0 has none.
import { expect, it } from 'vitest';
import { floats, loaded, matrix } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';

type Any = any;
const { POSITIVE_INFINITY: inf } = Number;

/** Lengths around every border of the loops: lanes of a tile, rows of few and of many groups, several blocks. */
const lengthOf = (r: Random): number => {
  const kind = r();
  if (kind < 0.2) return 1 + integer(r, 64);
  if (kind < 0.6) return 65 + integer(r, 200);
  return kind < 0.9 ? 900 + integer(r, 300) : 2000 + integer(r, 1500);
};

interface Row {
  readonly value: number;
  /** The sum of the magnitudes that the value is made of. */
  readonly size: number;
  readonly grad: readonly number[];
  readonly sizes: readonly number[];
}

/** The loss of logits x with the shares a, of which `counts` says whether they are above 0. */
function rowOf(x: readonly number[], a: readonly number[], counts: readonly boolean[]): Row {
  const m = Math.max(...x);
  const e = x.map((v) => Math.exp(v - m));
  const top = x.indexOf(m);
  const rest = e.reduce((sum, v, j) => (j === top ? sum : sum + v), 0);
  const total = a.reduce((sum, v) => sum + v, 0);
  const terms = x.map((v, j) => {
    if (!counts[j]) return 0;
    return v === -inf ? inf : a[j] * (m - v + Math.log1p(rest));
  });
  const value = terms.reduce((sum, v) => sum + v, 0);
  const p = e.map((v) => v / (1 + rest));
  // at the greatest logit 1 − p is rest / (1 + rest)
  const grad = p.map((v, j) => (j === top ? total - a[j] - (total * rest) / (1 + rest) : v * total - a[j]));
  return { value, size: value, grad, sizes: p.map((v, j) => v * total + a[j]) };
}

it.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const r = random(77);
  const bound = dtype === 'f32' ? 5e-6 : 1e-13;
  const least = dtype === 'f32' ? 2 ** -126 : 2 ** -1022;
  const bad: string[] = [];
  let infinite = 0;
  let finite = 0;
  for (let round = 0; round < 150; round++) {
    const classes = lengthOf(r);
    const inner = r() < 0.4 ? 1 + integer(r, 9) : 1;
    const rows = inner * (1 + integer(r, 2));
    const shape = inner > 1 ? [rows / inner, classes, inner] : [rows, classes];
    const outer = inner > 1 ? [rows / inner, inner] : [rows];
    // of any size, and often so small that a class's share is less than f32 has
    const epsilon = [0.49 * r(), 10 ** (-0.31 - 44.5 * r()), 10 ** (-41 - 4 * r())][integer(r, 3)];
    // no −∞, one, some, or nearly all
    const share = [0, 1 / classes, 0.3, 0.98][integer(r, 4)];
    const x = Array.from({ length: rows }, () => {
      const row = Array.from({ length: classes }, () => (r() < share ? -inf : 10 * r() - 5));
      row[integer(r, classes)] = 3;
      return [...floats(dtype, row)];
    });
    const isWeighted = r() < 0.5;
    // in half of the weighted calls a class of −∞ in every row has no weight
    const spares = isWeighted && r() < 0.5;
    const w = [
      ...floats(
        dtype,
        x[0].map((_, j) => (spares && x.some((row) => row[j] === -inf) ? 0 : 0.5 + r())),
      ),
    ];
    const isSoft = r() < 0.5;
    const open = x.map((row) => row.flatMap((v, j) => (v !== -inf && w[j] > 0 ? [j] : [])));
    if (open.some((list) => list.length === 0)) continue;
    const labels = open.map((list) => list[integer(r, list.length)]);
    const t = x.map((row) => [
      ...floats(
        dtype,
        row.map((v) => (v === -inf || r() < 0.2 ? 0 : r() / classes)),
      ),
    ]);
    const flat = (of: readonly (readonly number[])[]): Any => {
      const data = floats(dtype, new Float64Array(rows * classes));
      of.forEach((row, i) => {
        row.forEach((v, j) => {
          data[(Math.floor(i / inner) * classes + j) * inner + (i % inner)] = v;
        });
      });
      return { data, shape };
    };
    const wanted = x.map((row, i) => {
      const weights = row.map((_, j) => (isWeighted ? w[j] : 1));
      const hot = (j: number): number => (isSoft ? t[i][j] : j === labels[i] ? 1 : 0);
      const a = weights.map((v, j) => v * ((1 - epsilon) * hot(j) + epsilon / classes));
      return rowOf(
        row,
        a,
        weights.map((v) => v > 0),
      );
    });
    for (const { value } of wanted) value === inf ? infinite++ : finite++;
    const target = isSoft ? flat(t) : { data: Int32Array.from(labels), shape: outer };
    const divisors: Record<string, number> = {
      none: 1,
      sum: 1,
      mean: isSoft || !isWeighted ? rows : labels.reduce((sum, label) => sum + w[label], 0),
    };
    const input = flat(x);
    for (const reduction of ['none', 'sum', 'mean']) {
      const options = {
        labelSmoothing: epsilon,
        reduction,
        ...(isWeighted ? { weight: floats(dtype, w) } : {}),
      };
      const where = `${reduction} of ${shape}, smoothing ${epsilon}, −∞ ${share}, ${isSoft ? 'soft' : 'labels'}, weighted ${isWeighted}`;
      const divisor = divisors[reduction];
      const { value, grad } = F.crossEntropy.valueAndGrad(input, target, options);
      const alone = F.crossEntropy(input, target, options);
      const sum = wanted.reduce((total, row) => total + row.value, 0) / divisor;
      const values = reduction === 'none' ? wanted.map((row) => row.value) : [sum];
      values.forEach((want, i) => {
        for (const got of [value, alone].map((v) => (reduction === 'none' ? v.data[i] : v)))
          if (got !== want && !(want < inf && Math.abs(got - want) <= bound * want))
            bad.push(`value ${got}, not ${want}: ${where}`);
      });
      wanted.forEach((row, i) => {
        const at = (j: number): number => (Math.floor(i / inner) * classes + j) * inner + (i % inner);
        row.grad.forEach((v, j) => {
          const [got, want] = [grad.data[at(j)], v / divisor];
          if (!(Math.abs(got - want) <= (bound * row.sizes[j]) / divisor + least))
            bad.push(`gradient ${got}, not ${want} at ${j}: ${where}`);
        });
      });
    }
  }
  expect(bad.slice(0, 5), `${bad.length} in all`).toEqual([]);
  expect(Math.min(infinite, finite)).toBeGreaterThan(40);
});
