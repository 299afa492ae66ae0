// What a text costs a language model: each token, and all of them.
import type { LossFunctions } from 'simdloss';
import { evaluate } from 'simdloss/evaluate';
import type { Logits } from './runtimes/runtimes.ts';

/** How many tokens the model sees at once. */
const CONTEXT = 256;
/** The label of what does not count: crossEntropy's own `ignoreIndex`. */
const IGNORED = -100;

export interface Windows {
  /** Tokens for the model, [rows, CONTEXT]. */
  readonly ids: BigInt64Array;
  /** The same tokens; IGNORED behind the end of the text. */
  readonly labels: Int32Array;
  readonly shape: readonly [number, number];
}

/** Windows that begin with the last token of the one before, so that every token but the first is foretold, and once. */
export function windowsOf(tokens: ArrayLike<number | bigint>): Windows {
  const rows = Math.max(1, Math.ceil((tokens.length - 1) / (CONTEXT - 1)));
  const ids = new BigInt64Array(rows * CONTEXT);
  const labels = new Int32Array(rows * CONTEXT).fill(IGNORED);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < CONTEXT && row * (CONTEXT - 1) + i < tokens.length; i++) {
      const token = tokens[row * (CONTEXT - 1) + i];
      ids[row * CONTEXT + i] = BigInt(token);
      labels[row * CONTEXT + i] = Number(token);
    }
  }
  return { ids, labels, shape: [rows, CONTEXT] };
}

/** `loss` is in nats a token, `perplexity` its exponential; the logits at t are about the label at t + 1. */
export const costOf = (F: LossFunctions, logits: Logits, { labels, shape }: Windows) =>
  evaluate(F, { loss: 'crossEntropy', shift: 1, figures: ['perplexity', 'accuracy'] })
    .add(logits, { data: labels, shape })
    .result();

/** Of each token but the first, in nats. */
export function costs(F: LossFunctions, logits: Logits, { labels, shape }: Windows): Float32Array {
  const next = labels.map((_, i) => ((i + 1) % CONTEXT === 0 ? IGNORED : labels[i + 1]));
  const options = { axis: 2, reduction: 'none' } as const;
  const { data } = F.crossEntropy(logits, { data: next, shape }, options);
  return (data as Float32Array).filter((_, i) => next[i] !== IGNORED);
}

/** The words of a text that cost most, in nats: a word is the sum of its bytes. */
export function dearest(text: string, costs: Float32Array, count: number): { word: string; nats: number }[] {
  const encoder = new TextEncoder();
  let at = 0;
  const words = text.match(/\p{L}+|\P{L}+/gu)!.map((word) => {
    const { length } = encoder.encode(word);
    // nothing foretells the first byte of the text
    const own = costs.subarray(Math.max(0, at - 1), at + length - 1);
    at += length;
    return { word, nats: own.reduce((sum, cost) => sum + cost, 0) };
  });
  return words
    .filter(({ word }) => /\p{L}/u.test(word))
    .sort((a, b) => b.nats - a.nats)
    .slice(0, count);
}
