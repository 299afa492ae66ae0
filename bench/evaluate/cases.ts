// What is measured: an evaluation beside the loss that it evaluates, and beside what is written by hand.
import type { LossFunctions } from 'simdloss';
import { evaluate } from 'simdloss/evaluate';
import { bitsOf } from '../../src/half.ts';
import { random } from '../../test/random.ts';
import { byRows, loop } from './naive.ts';

export interface Case {
  readonly name: string;
  readonly unit: 'logit' | 'term';
  /** How many of them a run has. */
  readonly units: number;
  /** The first is what the others are compared with. */
  readonly makes: Readonly<Record<string, () => unknown>>;
  /** The most that each may take: times the time of another, or ns of a unit beyond it. */
  readonly due: readonly Due[];
}

export interface Due {
  readonly of: string;
  readonly beside: string;
  readonly ratio?: number;
  /** ns. */
  readonly beyond?: number;
}

export type LogSoftmax = (row: Float32Array) => Float32Array;

const r = random(17);
const normal = (deviation: number): number =>
  deviation * Math.sqrt(-2 * Math.log(1 - r())) * Math.cos(2 * Math.PI * r());
const integers = (length: number, below: number): Int32Array =>
  Int32Array.from({ length }, () => Math.floor(r() * below));
/** Fewer different ones than there are: what is drawn for each takes longer than all else. */
function fill<A extends Float32Array | Float64Array>(numbers: A, deviation: number): A {
  const some = Float64Array.from({ length: 100_003 }, () => normal(deviation));
  for (let i = 0; i < numbers.length; i++) numbers[i] = some[i % some.length];
  return numbers;
}

const FIGURES = ['accuracy', 'mrr', 'entropy'] as const;

/** A language model's last layer, 77 MB, from an ordinary array. */
export function vocabulary(F: LossFunctions, logSoftmax: LogSoftmax | undefined): Case {
  const [rows, classes] = [127, 151_936];
  const shape = [rows, classes];
  const data = fill(new Float32Array(rows * classes), 2);
  const labels = integers(rows, classes);
  const logits = { data, shape };
  const half = { data: Uint16Array.from(data, (x) => bitsOf('f16', x)), shape, dtype: 'f16' as const };
  const options = { loss: 'crossEntropy', figures: FIGURES } as const;
  return {
    name: `[${rows}, ${classes}]`,
    unit: 'logit',
    units: rows * classes,
    makes: {
      'F.crossEntropy': () => F.crossEntropy(logits, labels),
      evaluate: () => evaluate(F, { loss: 'crossEntropy' }).add(logits, labels).result(),
      'with figures': () => evaluate(F, options).add(logits, labels).result(),
      'with figures, f16': () => evaluate(F, options).add(half, labels).result(),
      'JS loop': () => loop(data, labels, classes),
      ...(logSoftmax && { 'log_softmax by rows': () => byRows(logSoftmax, data, labels, classes) }),
    },
    due: [
      { of: 'with figures', beside: 'F.crossEntropy', ratio: 1.25 },
      { of: 'with figures, f16', beside: 'with figures', ratio: 1.3 },
      { of: 'with figures', beside: 'JS loop', ratio: 1 / 5 },
      ...(logSoftmax ? [{ of: 'with figures', beside: 'log_softmax by rows', ratio: 1 / 10 }] : []),
    ],
  };
}

const GROUPS = 100;

/** Exact sums beyond the terms themselves. */
export function terms(F: LossFunctions, dtype: 'f32' | 'f64'): Case {
  const n = 2 ** 20;
  const Numbers = dtype === 'f32' ? Float32Array : Float64Array;
  const x = fill(new Numbers(n), 3);
  const t = new Numbers(integers(n, 2));
  const group = integers(n, GROUPS);
  const names = Array.from(group, (i) => `group ${i}`);
  const options = { loss: 'bceWithLogits' } as const;
  return {
    name: `bceWithLogits, ${dtype}`,
    unit: 'term',
    units: n,
    makes: {
      "'none'": () => F.bceWithLogits(x, t, { reduction: 'none' }),
      evaluate: () => evaluate(F, options).add(x, t).result(),
      [`${GROUPS} groups`]: () => evaluate(F, options).add(x, t, { group }).result(),
      [`${GROUPS} groups, texts`]: () => evaluate(F, options).add(x, t, { group: names }).result(),
    },
    due: [
      { of: 'evaluate', beside: "'none'", beyond: dtype === 'f32' ? 1 : 2.5 },
      { of: `${GROUPS} groups`, beside: "'none'", beyond: 5 },
    ],
  };
}

const BATCHES = 10;

/** Rows of classes, batch by batch. */
export function rows(F: LossFunctions, classes: number): Case {
  const n = Math.round(2 ** 22 / classes);
  const logits = F.tensor(fill(new Float32Array(n * classes), 2), [n, classes]);
  const labels = integers(n, classes);
  const e = evaluate(F, { loss: 'crossEntropy' });
  /** Batches, as one takes a few milliseconds. */
  const each = (run: () => unknown) => () => {
    for (let i = 0; i < BATCHES; i++) run();
  };
  return {
    name: `crossEntropy, ${classes} classes`,
    unit: 'logit',
    units: BATCHES * n * classes,
    makes: {
      "'none'": each(() => F.crossEntropy(logits, labels, { reduction: 'none' }).dispose()),
      evaluate: each(() => e.add(logits, labels)),
    },
    due: [{ of: 'evaluate', beside: "'none'", ratio: 1.05 }],
  };
}
