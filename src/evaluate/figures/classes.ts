// Figures of rows of classes with class indices as labels: of what F.rowFigures says of each row. A row with a NaN is wrong.
import { calibration, type Figure, forEach, mean, type Setup } from './figure.ts';

const isCorrect = (rank: number): number => Number(rank === 0);

const accuracy = (): Figure => mean('accuracy', ['rows', 'rank'], ({ rows }, i) => isCorrect(rows!.rank[i]));

/** 1/(rank + 1) */
const mrr = (): Figure =>
  mean('mrr', ['rows', 'rank'], ({ rows }, i) => {
    const rank = rows!.rank[i];
    return Number.isNaN(rank) ? 0 : 1 / (rank + 1);
  });

const entropy = (): Figure => mean('entropy', ['rows', 'entropy'], ({ rows }, i) => rows!.entropy[i]);
const brier = (): Figure => mean('brier', ['rows', 'brier'], ({ rows }, i) => rows!.brier[i]);
const perplexity = ({ exp }: Setup): Figure =>
  mean('perplexity', ['rows', 'nll'], ({ rows }, i) => rows!.nll[i], exp);

/** The mean over groups of the perplexity of each: what has no key is no sequence. */
const perplexityBySequence = (setup: Setup): Figure => {
  const each = perplexity(setup);
  return {
    ...each,
    name: 'perplexityBySequence',
    value(table, group, _, count) {
      if (group !== table.total) return undefined;
      let all = 0;
      let sequences = 0;
      for (const one of table.inKeyOrder()) {
        all += each.value(table, one, table.cellsOf(this, one).sum, count) as number;
        sequences++;
      }
      return all / sequences;
    },
  };
};

const topK = ({ topK }: Setup): Figure => ({
  name: 'topK',
  sums: topK.length,
  counts: 0,
  needs: ['rows', 'rank'],
  add(table, batch, sum) {
    const { rank } = batch.rows!;
    forEach(table, batch, (i, weight, sums) => {
      for (let n = 0; n < topK.length; n++) if (rank[i] < topK[n]) table.sums.add(sums + sum + n, weight);
    });
  },
  value: (table, group, sum) =>
    Object.fromEntries(topK.map((k, n) => [k, table.quotient(sum + n, table.weightOf(group))])),
});

/** Of the most probable class. */
const ece = (setup: Setup): Figure =>
  calibration(
    setup,
    ['rows', 'rank', 'confidence'],
    ({ rows }, i) => rows!.confidence[i],
    ({ rows }, i) => isCorrect(rows!.rank[i]),
  );

/** Of each label: how many rows, their mean loss and accuracy. */
const perClass = ({ classes }: Setup): Figure => ({
  name: 'perClass',
  sums: 4 * classes,
  counts: classes,
  needs: ['rows', 'rank'],
  add(table, batch, sum, count) {
    const { terms, divisors } = batch;
    const labels = batch.labels!;
    const { rank } = batch.rows!;
    forEach(table, batch, (i, weight, sums, counts) => {
      const at = sums + sum + 4 * labels[i];
      table.counts[counts + count + labels[i]]++;
      table.sums.add(at, terms[i]);
      table.sums.add(at + 1, divisors === undefined ? 1 : divisors[i]);
      table.sums.add(at + 2, weight);
      if (isCorrect(rank[i]) === 1) table.sums.add(at + 3, weight);
    });
  },
  value: (table, _, sum, count) =>
    Array.from({ length: classes }, (__, label) => ({
      count: table.counts[count + label],
      loss: table.quotient(sum + 4 * label, sum + 4 * label + 1),
      accuracy: table.quotient(sum + 4 * label + 3, sum + 4 * label + 2),
    })),
});

/** How many rows of each label have each class as the most probable one; rows with a NaN have none. */
const confusion = ({ classes }: Setup): Figure => ({
  name: 'confusion',
  sums: 0,
  counts: classes * classes,
  needs: ['rows', 'argmax', 'unweighted'],
  add(table, batch, _, count) {
    const labels = batch.labels!;
    const { argmax } = batch.rows!;
    forEach(table, batch, (i, __, ___, counts) => {
      if (!Number.isNaN(argmax[i])) table.counts[counts + count + labels[i] * classes + argmax[i]]++;
    });
  },
  value: (table, _, __, count) =>
    Array.from({ length: classes }, (___, label) =>
      Array.from(table.counts.subarray(count + label * classes, count + (label + 1) * classes)),
    ),
});

export const classFigures = {
  accuracy,
  topK,
  mrr,
  perplexity,
  perplexityBySequence,
  entropy,
  brier,
  ece,
  perClass,
  confusion,
};
