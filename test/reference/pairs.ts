// Losses of all pairs of rows, from their definitions: similarities of rows, and slopes of these that go back through the product.
import { dot, unitOf } from './cosine.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { sum } from './scalar.ts';
import { isTensor, reader, type Tensor } from './tensor.ts';

/** How large the error of a result is beside its size: a relative one of e^s is the error of s, relative to its products' sizes. */
const OF_SIMILARITIES = 3;

/** A row and what is compared: itself or over its norm, which is `over`; 0 where it has none. */
interface Vector {
  readonly own: number[];
  over(v: number): number;
  /** Whether it is over its own norm. */
  readonly isUnit: boolean;
}

/** `least`: what norms are at least; where one is, a row is not over its own. */
function vectorsOf(
  { data, shape }: Tensor,
  rows: readonly number[],
  normalize: boolean,
  least: number,
): Vector[] {
  const [, features] = shape;
  return rows.map((i) => {
    const given = Array.from({ length: features }, (_, k) => data[i * features + k]);
    if (!normalize) return { own: given, over: (v) => v, isUnit: false };
    const { unit, parts } = unitOf(given);
    const norm = Math.sqrt(dot(parts, parts));
    if (norm * unit < least)
      return { own: given.map((v) => v / least), over: (v) => v / least, isUnit: false };
    if (norm === 0) return { own: given, over: () => 0, isUnit: false };
    return { own: parts.map((v) => v / norm), over: (v) => v / norm / unit, isUnit: true };
  });
}

/** A slope of the similarity of rows i and j. */
type Slopes = (i: number, j: number, slope: number) => void;

/** Similarities of the rows that count, and where slopes of them go. */
function compared(x: Tensor, y: Tensor, options: Options, scale: number, isSize: boolean, least = 0) {
  const [count] = x.shape;
  const weight = reader(options.sampleWeight, [count]);
  const rows = Array.from({ length: count }, (_, i) => i).filter((i) => weight(i) !== 0);
  const more = Array.from({ length: y.shape[0] - count }, (_, i) => count + i);
  const normalize = options.normalize ?? true;
  const others = [...rows, ...more];
  const a = vectorsOf(x, rows, normalize, least);
  const b = vectorsOf(y, others, normalize, least);
  const [, features] = x.shape;
  const size = (v: number): number => (isSize ? Math.abs(v) : v);
  const s = a.map(({ own }) => b.map((other) => scale * sum(own.map((v, k) => v * other.own[k]))));
  const sizes = a.map(({ own }) =>
    b.map((other) => scale * sum(own.map((v, k) => Math.abs(v * other.own[k])))),
  );
  /** Adds a gradient of what is compared to that of the row it is made of. */
  const back = ({ own, over, isUnit }: Vector, g: readonly number[], to: Float64Array, at: number): void => {
    const along = isUnit ? sum(g.map((v, k) => size(v * own[k]))) : 0;
    for (let k = 0; k < features; k++)
      to[at * features + k] += size(
        over(isSize ? Math.abs(g[k]) + along * Math.abs(own[k]) : g[k] - along * own[k]),
      );
  };
  /** Adds to the gradients what `slopes` says. */
  const pull = (
    slopes: (add: Slopes) => void,
    toX: Float64Array,
    toY?: Float64Array,
    toScale?: Float64Array,
  ): void => {
    const ofX = new Map<number, number[]>();
    const ofY = new Map<number, number[]>();
    const add = (to: Map<number, number[]>, i: number, slope: number, { own }: Vector): void => {
      const g = to.get(i) ?? new Array(features).fill(0);
      to.set(i, g);
      for (let k = 0; k < features; k++) g[k] += size(slope * scale * own[k]);
    };
    slopes((i, j, slope) => {
      add(ofX, i, slope, b[j]);
      add(ofY, j, slope, a[i]);
      if (toScale) toScale[0] += size(slope) * sum(a[i].own.map((v, k) => size(v * b[j].own[k])));
    });
    for (const [i, g] of ofX) back(a[i], g, toX, rows[i]);
    if (toY) for (const [j, g] of ofY) back(b[j], g, toY, others[j]);
  };
  return { rows, others, s, sizes, pull };
}

/** log Σ e^v, and each e^v over that sum. */
function softmax(values: readonly number[]) {
  const m = values.reduce((most, v) => (v > most ? v : most), -Infinity);
  const top = values.indexOf(m);
  const exps = values.map((v) => Math.exp(v - m));
  const rest = sum(exps.filter((_, j) => j !== top));
  return {
    /** −log of its share. */
    cost: (j: number): number => Math.log1p(rest) + (m - values[j]),
    share: (j: number): number => exps[j] / (1 + rest),
    /** That less 1. */
    lack: (j: number): number => (j === top ? -rest / (1 + rest) : exps[j] / (1 + rest) - 1),
  };
}

export function infoNceTerms({ input, target }: Inputs, options: Options, isSize = false): Terms {
  const { logitScale = 1 / 0.07, symmetric = true } = options;
  const scale = isTensor(logitScale) ? logitScale.data[0] : logitScale;
  const { rows, others, s, sizes, pull } = compared(input, target, options, scale, isSize);
  const column = <V>(of: readonly (readonly V[])[], j: number): V[] => of.map((row) => row[j]);
  const half = symmetric ? 0.5 : 1;
  const at = (row: number): number => rows.indexOf(row);
  const factor = (i: number): number =>
    isSize ? 1 + OF_SIMILARITIES * Math.max(...sizes[i], ...(symmetric ? column(sizes, i) : [])) : 1;
  return {
    shape: [input.shape[0]],
    targetHasGradient: true,
    ignored: () => false,
    mass: () => 1,
    value(row) {
      const i = at(row);
      const cost = softmax(s[i]).cost(i) + (symmetric ? softmax(column(s, i)).cost(i) : 0);
      return half * cost * factor(i);
    },
    addGradient(row, up, grads) {
      const i = at(row);
      const of = up * half * factor(i);
      const slopes = (add: Slopes): void => {
        const { share, lack } = softmax(s[i]);
        for (let j = 0; j < others.length; j++) add(i, j, of * (i === j ? lack(j) : share(j)));
        if (!symmetric) return;
        const down = softmax(column(s, i));
        for (let k = 0; k < rows.length; k++) add(k, i, of * (i === k ? down.lack(k) : down.share(k)));
      };
      pull(slopes, grads.input, grads.target, grads.logitScale);
    },
  };
}

/** As in optax, the root of the dtype's distance from 1 to the next number. */
const LEAST_NORM = { f32: 2 ** -11.5, f64: 2 ** -26 };

export function ntxentTerms({ input, target }: Inputs, options: Options, isSize = false): Terms {
  const { temperature = 0.07 } = options;
  const least = LEAST_NORM[options.dtype ?? 'f64'];
  const { rows, s, sizes, pull } = compared(input, input, options, 1 / temperature, isSize, least);
  const labels = rows.map((i) => Number(target.data[i]));
  const places = labels.map((_, i) => i);
  const peersOf = (i: number): number[] => places.filter((j) => j !== i && labels[j] === labels[i]);
  const strangersOf = (i: number): number[] => places.filter((j) => labels[j] !== labels[i]);
  const at = (row: number): number => rows.indexOf(row);
  /** log(1 + Σ e^(s_ik − s_ij)), and its slopes. */
  const pair = (i: number, j: number) => softmax([s[i][j], ...strangersOf(i).map((k) => s[i][k])]);
  const factor = (i: number): number => (isSize ? 1 + OF_SIMILARITIES * Math.max(0, ...sizes[i]) : 1);
  return {
    shape: [input.shape[0]],
    targetHasGradient: false,
    // a row of no pair has no term
    ignored: (row) => at(row) < 0 || peersOf(at(row)).length === 0,
    mass: (row) => peersOf(at(row)).length,
    value: (row) => factor(at(row)) * sum(peersOf(at(row)).map((j) => pair(at(row), j).cost(0))),
    addGradient(row, up, grads) {
      const i = at(row);
      const slopes = (add: Slopes): void => {
        for (const j of peersOf(i)) {
          const { share, lack } = pair(i, j);
          add(i, j, up * factor(i) * lack(0));
          strangersOf(i).forEach((k, n) => {
            add(i, k, up * factor(i) * share(n + 1));
          });
        }
      };
      // the same rows on either side
      pull(slopes, grads.input, grads.input);
    },
  };
}
