// docs/sql.md with what npm run bench:clickhouse has measured, and what follows from it for a billion rows.
import { existsSync, readFileSync } from 'node:fs';
import { type ClickHouseCase, readResults, resultsFile } from '../../bench/clickhouse/results.ts';
import { digits } from '../../bench/format.ts';
import { between } from './readme.ts';

const BILLION = 1e9;
const NODES = [1, 10, 100];
/** Bytes of what a node sends of a group: two integers of 256 bits and four counts of 64. */
const STATE = 2 * 32 + 4 * 8;

function times(): string {
  const { environment, cases } = readResults();
  const row = ({ name, per, ours, sql, formula, ratio }: ClickHouseCase): string => {
    const beside = sql === undefined ? '' : `${digits(sql)}${formula === undefined ? '' : ` (${formula})`}`;
    return `| ${name} | ${per} | ${digits(ours)} | ${beside} | ${ratio === undefined ? '' : ratio.toFixed(2)} |`;
  };
  const { cpu, node, clickhouse, date, others } = environment;
  return [
    'ns of CPU time, the least of the rounds, one thread; everything is in memory, and what reading takes is in all of them. The ratio is the',
    'median of the rounds, in which both were measured in turn: below 1 the function is faster than the formula.',
    '',
    '| | per | simdloss | SQL | ratio |',
    '|---|---|--:|--:|--:|',
    ...cases.map(row),
    '',
    `${cpu} · ClickHouse ${clickhouse} in this process (chdb 3.4.0) · Node ${node.slice(1)} · ${date} · others used ${Math.round(others * 100)} % of the cores · \`npm run bench:clickhouse\``,
  ].join('\n');
}

function billion(): string {
  const { cluster } = readResults();
  const { rows, one, two } = cluster;
  const perRow = one / rows;
  const seconds = (n: number): string => digits(((n === 1 ? one : two) / rows / n) * BILLION);
  return [
    `An exact sum of \`bceWithLogits_loss\` over ${rows.toExponential().replace('e+', '·10^')} rows took one server ${digits(one)} s of CPU time, reading included, and two`,
    `servers that share them ${digits(two)} s together, ${(two / one).toFixed(2)} times as much: ${digits(perRow * 1e9)} ns a row. On paper, for a billion rows of two columns:`,
    '',
    '| nodes | rows on each | CPU time of each, s | bytes that come back, for each group |',
    '|--:|--:|--:|--:|',
    ...NODES.map(
      (n) =>
        `| ${n} | ${(BILLION / n).toLocaleString('en')} | ${seconds(n)} | ${((n - 1) * STATE).toLocaleString('en')} |`,
    ),
    '',
    `What crosses the network with a query is its text and a state of ${STATE} bytes for each group and node, never rows: with a thousand groups on a`,
    `hundred nodes ${((99 * 1000 * STATE) / 1e6).toFixed(1)} MB.`,
  ].join('\n');
}

export function sqlSource(): string {
  const text = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');
  if (!existsSync(resultsFile)) return text;
  return between(between(text, 'times', times()), 'billion', billion());
}
