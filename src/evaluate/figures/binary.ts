// Figures of losses whose targets are one of two labels, 0 and 1 or −1 and 1.
import { type Dyadic, quotient } from '../rational.ts';
import { type Batch, calibration, type Figure, forEach, mean, type Setup } from './figure.ts';

const isYes = ({ target }: Batch, i: number): number => Number(target[i] > 0);

/** What is above 0, or a probability above ½, says label 1. */
const accuracy = ({ areProbabilities }: Setup): Figure => {
  const least = areProbabilities ? 0.5 : 0;
  return mean('accuracy', ['labels'], (batch, i) => {
    const x = batch.input[i];
    return Number(!Number.isNaN(x) && Number(x > least) === isYes(batch, i));
  });
};

/** (p − t)² */
const brier = (): Figure =>
  mean('brier', ['labels', 'probability'], (batch, i) => {
    const d = batch.probability![i] - isYes(batch, i);
    return d * d;
  });

/** Of the probability of label 1. */
const ece = (setup: Setup): Figure =>
  calibration(setup, ['labels', 'probability'], ({ probability }, i) => probability![i], isYes);

const number = new Float32Array(1);
const bits = new Uint32Array(number.buffer);
/** The first 16 bits of the f32 nearest to x. */
const top = (x: number): number => {
  number[0] = x;
  return bits[0] >>> 16;
};
/** The same, greater for what is greater. */
const ofScore = (x: number): number => {
  const key = top(x === 0 ? 0 : x);
  return key < 0x8000 ? key + 0x8000 : 0xffff - key;
};
/** Probabilities near 1 are told apart by what is missing to it. */
const ofProbability = (p: number): number => (p < 0.5 ? top(p === 0 ? 0 : p) : 0xffff - top(1 - p));

const BINS = 2 ** 16;

/** Area under the ROC curve: of two histograms, of the first 16 bits of f32; what shares a bin counts half. */
const auc = ({ areProbabilities }: Setup): Figure => {
  const keyOf = areProbabilities ? ofProbability : ofScore;
  const integer = (n: bigint): Dyadic => ({ mantissa: n, exponent: 0 });
  return {
    name: 'auc',
    sums: 0,
    // one more for what is NaN
    counts: 2 * BINS + 1,
    needs: ['labels', 'unweighted'],
    add(table, batch, _, count) {
      const { input } = batch;
      forEach(table, batch, (i, __, ___, counts) => {
        const bin = Number.isNaN(input[i]) ? 2 * BINS : isYes(batch, i) * BINS + keyOf(input[i]);
        table.counts[counts + count + bin]++;
      });
    },
    value({ counts }, _, __, count) {
      if (counts[count + 2 * BINS] > 0) return Number.NaN;
      let below = 0;
      let yes = 0;
      let twice = 0n;
      for (let bin = 0; bin < BINS; bin++) {
        const no = counts[count + bin];
        const more = counts[count + BINS + bin];
        if (more > 0) twice += BigInt(more) * BigInt(2 * below + no);
        below += no;
        yes += more;
      }
      return quotient(integer(twice), integer(2n * BigInt(yes) * BigInt(below)));
    },
  };
};

export const binaryFigures = { accuracy, auc, brier, ece };
