import type { Inputs, Options, Terms } from './options.ts';
import { sigmoid, sum } from './scalar.ts';
import { softmaxRow } from './softmax.ts';
import { isTensor, rowsOf, sizeOf } from './tensor.ts';

/** The terms of dice: one for each sample and class. `isSize`: the sizes of what results are made of. */
export function diceTerms({ input, target }: Inputs, options: Options, isSize = false): Terms {
  const { fromLogits = false, alpha = 0.5, beta = 0.5, smooth = 1, denominatorEps: e = 0 } = options;
  const { axis = -1, ignoreBackground = false, classWeight } = options;
  const { shape } = input;
  const rows = rowsOf(shape, axis);
  const { classes } = rows;
  const isOne = (axis < 0 ? axis + shape.length : axis) === 0;
  const samples = isOne ? 1 : shape[0];
  const first = Number(ignoreBackground);
  const count = classes - first;
  const positions = sizeOf(rows.shape) / (isOne ? 1 : samples || 1);
  const hasNumbers = target.shape.length === shape.length;

  const p = new Float64Array(input.data.length);
  const rest = new Float64Array(input.data.length);
  for (let row = 0; row < sizeOf(rows.shape); row++) {
    const at = Array.from({ length: classes }, (_, c) => rows.at(row, c));
    const x = at.map((i) => input.data[i]);
    const made = fromLogits === 'softmax' ? softmaxRow(x) : [];
    at.forEach((i, c) => {
      p[i] = made[c]?.p ?? (fromLogits ? sigmoid(x[c]) : x[c]);
      rest[i] = made[c]?.complement ?? (fromLogits ? sigmoid(-x[c]) : 1 - x[c]);
    });
  }
  const targetAt = (row: number, c: number): number =>
    hasNumbers ? target.data[rows.at(row, c)] : Number(Number(target.data[row]) === c);
  const rowsOfSample = (n: number): number[] =>
    Array.from({ length: positions }, (_, i) => n * positions + i);
  const abs = (v: number): number => (isSize ? Math.abs(v) : v);

  /** Of a sample and class TP, FP, FN and what the loss is made of. */
  const sums = (n: number, c: number) => {
    const over = rowsOfSample(n);
    const of = (term: (p: number, q: number, t: number) => number): number =>
      sum(over.map((row) => abs(term(p[rows.at(row, c)], rest[rows.at(row, c)], targetAt(row, c)))));
    const both = of((a, _, t) => a * t);
    const wrong = alpha * of((a, _, t) => a * (1 - t)) + beta * of((_, q, t) => q * t) + e;
    return { both, missed: of((_, q, t) => q * t), wrong, right: both + smooth };
  };
  const counts = (n: number, c: number): boolean => {
    const { sampleWeight } = options;
    return !isTensor(sampleWeight) || sampleWeight.data[n * count + c - first] !== 0;
  };
  const rarity = (c: number): number => {
    let there = 0;
    for (let n = 0; n < samples; n++) if (counts(n, c)) there += sums(n, c).both + sums(n, c).missed;
    return 1 / (there * there + 1e-7);
  };
  const rarities =
    classWeight === 'generalized' ? Array.from({ length: count }, (_, c) => rarity(first + c)) : [];
  const weightOf = (c: number): number => {
    if (rarities.length > 0) return (rarities[c - first] / sum(rarities)) * count;
    return isTensor(classWeight) ? abs(classWeight.data[c]) : 1;
  };
  const of = (i: number): [n: number, c: number] => [Math.floor(i / count), (i % count) + first];

  return {
    shape: isOne ? [count] : [samples, count],
    targetHasGradient: hasNumbers,
    ignored: () => false,
    mass: () => 1,
    value: (i) => {
      const [n, c] = of(i);
      const { wrong, right } = sums(n, c);
      return (wrong / (right + wrong)) * weightOf(c);
    },
    addGradient: (i, up, grads) => {
      const [n, c] = of(i);
      const { wrong, right } = sums(n, c);
      const d = right + wrong;
      const k = (up * weightOf(c)) / d;
      const sign = isSize ? 1 : -1;
      for (const row of rowsOfSample(n)) {
        const at = rows.at(row, c);
        const t = targetAt(row, c);
        const terms = [abs(1 - t) * alpha * (right / d), abs(t) * (beta * (right / d) + wrong / d)];
        const g = k * (terms[0] + sign * terms[1]);
        if (grads.target)
          grads.target[at] +=
            k * (abs(rest[at]) * beta * (right / d) + sign * abs(p[at]) * (alpha * (right / d) + wrong / d));
        if (fromLogits === 'softmax') {
          for (let j = 0; j < classes; j++) {
            const own = rows.at(row, j);
            grads.input[own] += j === c ? g * p[at] * rest[at] : sign * g * p[at] * p[own];
          }
        } else grads.input[at] += fromLogits ? g * p[at] * rest[at] : g;
      }
    },
  };
}
