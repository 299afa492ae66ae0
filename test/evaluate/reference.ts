// The figures from their definitions, in plain f64 loops.
import type { LossFunctions } from '../../src/index.ts';

export interface Case {
  readonly loss: string;
  readonly rows: number;
  /** 0 where there are none. */
  readonly classes: number;
  readonly input: Float32Array | Float64Array;
  readonly target: Int32Array | Float32Array | Float64Array;
  readonly extra: readonly (Float32Array | Float64Array)[];
  weights: Float32Array | Float64Array | undefined;
  mask: boolean[] | undefined;
  keys: (string | number)[] | undefined;
}

const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);

/** |Σ s (y − p)| of bins of p, added up, over Σ s. */
function ece(p: readonly number[], y: readonly number[], s: readonly number[]): number {
  const bins = new Float64Array(15);
  p.forEach((one, i) => {
    bins[Math.max(Math.ceil(one * 15) - 1, 0)] += s[i] * (y[i] - one);
  });
  return sum(Array.from(bins, Math.abs)) / sum([...s]);
}

/** Those of all rows, or of one group. */
export function figuresOf(
  all: Case,
  F: LossFunctions,
  { figures, topK = [] }: { readonly figures: readonly string[]; readonly topK?: readonly number[] },
  key?: string | number,
): Record<string, unknown> {
  const { loss, classes, input, target, extra, weights, mask, keys } = all;
  const isIn = (i: number): boolean =>
    mask?.[i] !== false && weights?.[i] !== 0 && !(classes > 0 && target[i] === -100);
  const every = Array.from({ length: all.rows }, (_, i) => i).filter(isIn);
  const rows = every.filter((i) => key === undefined || keys![i] === key);
  const s = rows.map((i) => weights?.[i] ?? 1);
  const mean = (of: (i: number) => number): number => sum(rows.map((i, k) => s[k] * of(i))) / sum(s);
  const x = classes > 0 ? { data: input, shape: [all.rows, classes] } : input;
  const call = F[loss as 'mse'] as (...args: unknown[]) => { data: ArrayLike<number> };
  const terms = call(x, target, ...extra, { reduction: 'none' }).data;
  const own: Record<string, () => unknown> =
    classes > 0
      ? ofClasses(all, rows, s, mean, topK)
      : Number.isInteger(target[0]) && figures.includes('accuracy')
        ? binary(all, rows, s, mean)
        : regression(all, mean);
  const result: Record<string, unknown> = { loss: mean((i) => terms[i]), count: rows.length, weight: sum(s) };
  for (const name of [...figures, ...(topK.length > 0 ? ['topK'] : [])]) {
    if (name === 'perplexityBySequence') {
      if (key !== undefined) continue;
      const each = [...new Set(keys ?? [])].map(
        (one) => figuresOf(all, F, { figures: ['perplexity'] }, one).perplexity as number,
      );
      result[name] = sum(each) / each.length;
    } else if (name === 'perClass')
      result[name] = Array.from({ length: classes }, (_, label) => {
        const of = rows.map((i, k) => [i, s[k]]).filter(([i]) => target[i] === label);
        const weight = sum(of.map(([, w]) => w));
        const right = sum(of.map(([i, w]) => (rankOf(all, i) === 0 ? w : 0)));
        return {
          count: of.length,
          loss: sum(of.map(([i, w]) => w * terms[i])) / weight,
          accuracy: right / weight,
        };
      });
    else result[name] = own[name]();
  }
  return result;
}

const rowOf = ({ input, classes }: Case, i: number): number[] =>
  Array.from(input.subarray(i * classes, (i + 1) * classes));

function rankOf(all: Case, i: number): number {
  const row = rowOf(all, i);
  const label = all.target[i];
  return row.filter((y, j) => y > row[label] || (y === row[label] && j < label)).length;
}

function softmax(row: readonly number[]): number[] {
  const m = Math.max(...row);
  const e = row.map((y) => Math.exp(y - m));
  return e.map((y) => y / sum(e));
}

function ofClasses(
  all: Case,
  rows: readonly number[],
  s: readonly number[],
  mean: (of: (i: number) => number) => number,
  topK: readonly number[],
): Record<string, () => unknown> {
  const { target, classes } = all;
  const p = new Map(rows.map((i) => [i, softmax(rowOf(all, i))]));
  const rank = (i: number) => rankOf(all, i);
  return {
    accuracy: () => mean((i) => Number(rank(i) === 0)),
    topK: () => Object.fromEntries(topK.map((k) => [k, mean((i) => Number(rank(i) < k))])),
    mrr: () => mean((i) => 1 / (rank(i) + 1)),
    perplexity: () => Math.exp(mean((i) => -Math.log(p.get(i)![target[i]]))),
    entropy: () => mean((i) => sum(p.get(i)!.map((q) => (q === 0 ? 0 : -q * Math.log(q))))),
    brier: () => mean((i) => sum(p.get(i)!.map((q, j) => (q - Number(j === target[i])) ** 2))),
    ece: () =>
      ece(
        rows.map((i) => Math.max(...p.get(i)!)),
        rows.map((i) => Number(rank(i) === 0)),
        s,
      ),
    confusion: () => {
      const matrix = Array.from({ length: classes }, () => Array<number>(classes).fill(0));
      for (const i of rows) {
        const row = rowOf(all, i);
        matrix[target[i]][row.indexOf(Math.max(...row))]++;
      }
      return matrix;
    },
  };
}

function binary(
  { loss, input, target }: Case,
  rows: readonly number[],
  s: readonly number[],
  mean: (of: (i: number) => number) => number,
): Record<string, () => unknown> {
  const y = (i: number) => Number(target[i] > 0);
  const p = (i: number) => (loss === 'bce' ? input[i] : 1 / (1 + Math.exp(-input[i])));
  const isYes = (i: number) => Number(loss === 'bce' ? input[i] > 0.5 : input[i] > 0);
  return {
    accuracy: () => mean((i) => Number(isYes(i) === y(i))),
    brier: () => mean((i) => (p(i) - y(i)) ** 2),
    ece: () => ece(rows.map(p), rows.map(y), s),
    auc: () => {
      // what shares the first 16 bits of an f32 counts half
      const top = (x: number) => new Uint32Array(Float32Array.of(x).buffer)[0] >>> 16;
      const signed = (x: number) => (x < 0 ? -top(-x) : top(x));
      const score = (i: number) =>
        loss !== 'bce' ? signed(input[i]) : input[i] < 0.5 ? top(input[i]) : 0x10000 - top(1 - input[i]);
      const [yes, no] = [1, 0].map((label) => rows.filter((i) => y(i) === label).map(score));
      const wins = sum(yes.map((a) => sum(no.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))));
      return wins / (yes.length * no.length);
    },
  };
}

function regression(
  { input, target }: Case,
  mean: (of: (i: number) => number) => number,
): Record<string, () => unknown> {
  const d = (i: number) => input[i] - target[i];
  return {
    mae: () => mean((i) => Math.abs(d(i))),
    rmse: () => Math.sqrt(mean((i) => d(i) ** 2)),
    r2: () => {
      const center = mean((i) => target[i]);
      return 1 - mean((i) => d(i) ** 2) / mean((i) => (target[i] - center) ** 2);
    },
  };
}
