import { load } from 'simdloss';
import { formatTable } from '../train/table.ts';
import { flights, type Line } from './flights.ts';

const F = await load();
const { rows, byAirport, byHour, differing, areSumsEqual } = await flights(
  F,
  Number(process.argv[2] ?? 3_000_000),
);
const table = (name: string, lines: readonly Line[]): string =>
  formatTable(
    [name, 'flights', 'log loss', 'in Node', "SQL's formula"],
    lines.map(({ key, count, clickhouse, node, sql }) => [
      String(key),
      String(count),
      ...[clickhouse, node, sql].map((loss) => loss.toFixed(9)),
    ]),
    1,
  );
const busiest = [...byAirport].sort((a, b) => b.count - a.count).slice(0, 10);
process.stdout.write(`${table('airport', busiest)}\n\n${table('hour', byHour)}\n\n`);
process.stdout.write(
  `${rows} flights: ${differing === 0 ? 'the loss of each has the bits that it has in Node' : `${differing} have other bits than in Node`}; ` +
    `the sums are ${areSumsEqual ? '' : 'NOT '}those of Node, to the bit\n`,
);
process.exitCode = differing === 0 && areSumsEqual ? 0 : 1;
F.dispose();
