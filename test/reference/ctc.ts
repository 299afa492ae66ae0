// CTC by its definition, in logarithms of f64 over one array of labels between blanks, as the paper has it.

import type { Inputs, Options, Terms } from './options.ts';
import { isTensor, type Tensor } from './tensor.ts';

/** A sequence: log-probabilities or logits by frame and class, and its labels. */
export interface Sequence {
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly blank: number;
  readonly fromLogits: boolean;
}

export interface CtcResult {
  readonly loss: number;
  /** By frame and class; NaN where no path spells the labels. */
  readonly grad: readonly (readonly number[])[];
  /** What the paths cost at most: the sum of |log-probability|, weighted by the share of the paths. */
  readonly size: number;
  /** Of logits the sum of the frames' entropies, of which what their exponentials add up to is made. */
  readonly entropy: number;
}

function join(...terms: number[]): number {
  const most = Math.max(...terms);
  if (most === -Infinity) return most;
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
}

/** Logits are brought to log-probabilities with the accuracy of a confident row. */
function logProbabilities(row: readonly number[]): number[] {
  const most = Math.max(...row);
  const at = row.indexOf(most);
  const rest = row.reduce((sum, x, c) => (c === at ? sum : sum + Math.exp(x - most)), 0);
  return row.map((x) => x - most - Math.log1p(rest));
}

export function ctcReference({ rows, labels, blank, fromLogits }: Sequence): CtcResult {
  const logs = fromLogits ? rows.map(logProbabilities) : rows;
  const frames = logs.length;
  const places = [blank, ...labels.flatMap((label) => [label, blank])];
  const last = places.length - 1;
  /** Whether the place two before leads here, too. */
  const skips = (s: number): boolean => s > 1 && places[s] !== blank && places[s] !== places[s - 2];
  const none = places.map(() => -Infinity);
  const alpha: number[][] = [];
  for (let t = 0; t < frames; t++) {
    alpha.push(
      places.map((c, s) => {
        if (t === 0) return s < 2 ? logs[0][c] : -Infinity;
        const from = [alpha[t - 1][s]];
        if (s > 0) from.push(alpha[t - 1][s - 1]);
        if (skips(s)) from.push(alpha[t - 1][s - 2]);
        return join(...from) + logs[t][c];
      }),
    );
  }
  const ends = frames === 0 ? (last === 0 ? [0] : []) : alpha[frames - 1].slice(-2);
  const total = join(-Infinity, ...ends);
  let size = 0;
  const grad = logs.map((row) => row.map((x) => (total === -Infinity ? NaN : fromLogits ? Math.exp(x) : 0)));
  let after = none.map((_, s) => (s >= last - 1 ? 0 : -Infinity));
  for (let t = frames - 1; t >= 0 && total !== -Infinity; t--) {
    places.forEach((c, s) => {
      const share = Math.exp(alpha[t][s] + after[s] - total);
      grad[t][c] -= share;
      if (share > 0) size += share * Math.abs(logs[t][c]);
    });
    const here = after.map((left, s) => left + logs[t][places[s]]);
    after = here.map((own, s) => {
      const to = [own];
      if (s < last) to.push(here[s + 1]);
      if (s + 2 <= last && skips(s + 2)) to.push(here[s + 2]);
      return join(...to);
    });
  }
  const entropyOf = (row: readonly number[]): number =>
    row.reduce((sum, x) => (x === -Infinity ? sum : sum - Math.exp(x) * x), 0);
  const entropy = fromLogits ? logs.reduce((sum, row) => sum + entropyOf(row), 0) : 0;
  return { loss: 0 - total, grad, size, entropy };
}

/** The same by all paths that there are. */
export function byPaths({ rows, labels, blank, fromLogits }: Sequence): Omit<CtcResult, 'size' | 'entropy'> {
  const logs = fromLogits ? rows.map(logProbabilities) : rows;
  const shares = logs.map((row) => row.map(() => 0));
  let total = 0;
  const follow = (path: number[], log: number): void => {
    if (path.length < logs.length) {
      logs[path.length].forEach((x, c) => {
        follow([...path, c], log + x);
      });
      return;
    }
    const spelt = path.filter((c, t) => c !== blank && c !== path[t - 1]);
    if (spelt.length !== labels.length || spelt.some((c, n) => c !== labels[n])) return;
    total += Math.exp(log);
    path.forEach((c, t) => {
      shares[t][c] += Math.exp(log);
    });
  };
  follow([], 0);
  return {
    loss: 0 - Math.log(total),
    grad: logs.map((row, t) => row.map((x, c) => (fromLogits ? Math.exp(x) : 0) - shares[t][c] / total)),
  };
}

/** What is claimed of a loss and what its paths cost, of a share of them, of what is rounded at last; and by suites of all losses of a size. */
const CLAIMS = {
  f32: { loss: 2e-7, share: 2e-6, rounded: 2 ** -22, size: 4e-6 },
  f64: { loss: 1e-13, share: 1e-12, rounded: 2 ** -51, size: 1e-13 },
};
const PER_FRAME = 1e-15;

const numbersOf = (x: number | Tensor | undefined): number[] =>
  isTensor(x) ? Array.from(x.data, Number) : [Number(x)];

/**
 * The terms of ctc: one for each sequence. `isSize`: what the suites' bound is to be multiplied by for what is claimed. `isMean`:
 * whether each is divided by how many labels it has.
 */
export function ctcTerms(
  { input: { data, shape }, target }: Inputs,
  options: Options,
  isSize = false,
  isMean = (options.reduction ?? 'mean') === 'mean',
): Terms {
  const { blank = 0, fromLogits = false, zeroInfinity = false, dtype = 'f64' } = options;
  const isBatch = shape.length === 3;
  const sequences = isBatch ? shape[1] : 1;
  const classes = shape[shape.length - 1];
  const isPadded = !isBatch || target.shape.length === 2;
  const frames = numbersOf(options.third);
  const counts = numbersOf(options.fourth);
  const from = (n: number): number =>
    isPadded ? n * target.shape[target.shape.length - 1] : counts.slice(0, n).reduce((a, b) => a + b, 0);
  const results: (CtcResult | undefined)[] = [];
  const resultOf = (n: number): CtcResult =>
    (results[n] ??= ctcReference({
      rows: Array.from({ length: frames[n] }, (_, t) =>
        Array.from({ length: classes }, (_, c) => data[(t * sequences + n) * classes + c]),
      ),
      labels: Array.from({ length: counts[n] }, (_, k) => Number(target.data[from(n) + k])),
      blank,
      fromLogits: fromLogits === true,
    }));
  const { loss: perLoss, share: perShare, rounded, size: unit } = CLAIMS[dtype];
  const sizeOf = (claim: number, result: number): number => (claim + rounded * Math.abs(result)) / unit;
  const isLeftOut = (n: number): boolean => zeroInfinity && resultOf(n).loss === Infinity;
  const part = (n: number): number => (isMean ? 1 / Math.max(1, counts[n]) : 1);
  return {
    shape: isBatch ? [sequences] : [],
    targetHasGradient: false,
    ignored: () => false,
    mass: () => 1,
    value(n) {
      if (isLeftOut(n)) return 0;
      const { loss, size, entropy } = resultOf(n);
      return (
        part(n) * (isSize ? sizeOf(perLoss * (loss + size + entropy) + PER_FRAME * frames[n], loss) : loss)
      );
    },
    addGradient(n, up, grads) {
      if (isLeftOut(n)) return;
      const { grad, size } = resultOf(n);
      grad.forEach((row, t) => {
        row.forEach((g, c) => {
          const at = (t * sequences + n) * classes + c;
          const of = isSize ? sizeOf(perShare + PER_FRAME * size, g) : g;
          grads.input[at] += up * part(n) * of;
        });
      });
    },
  };
}
