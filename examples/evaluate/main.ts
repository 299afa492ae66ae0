import { load } from 'simdloss';
import { formatTable } from '../train/table.ts';
import { predictions } from './digits.ts';
import { cut, evaluateAtOnce, evaluateShards } from './shards.ts';

const SHARDS = 4;

const F = await load();
const rows = predictions(F);
const all = await evaluateShards(F, cut(rows, SHARDS));
const { groups = [], ...total } = all.result();
const head = ['rows', 'count', 'loss', 'accuracy', 'top 2', 'perplexity', 'Brier', 'calibration error'];
const lines = [...groups, { ...total, key: 'all' }].map(
  ({ key, count, loss, accuracy, topK, perplexity, brier, ece }) =>
    [
      key,
      count,
      ...[loss, accuracy, topK![2], perplexity, brier, ece].map((figure) => figure!.toFixed(4)),
    ].map(String),
);
process.stdout.write(`${formatTable(head, lines, 1)}\n`);
const isSame = JSON.stringify(all.state()) === JSON.stringify(evaluateAtOnce(F, rows).state());
process.stdout.write(
  `${SHARDS} shards, a thread each; merged they are ${isSame ? '' : 'NOT '}what one evaluation says, to the bit\n`,
);
process.exitCode = isSame ? 0 : 1;
F.dispose();
