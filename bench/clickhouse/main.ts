// npm run bench:clickhouse: the functions of simdloss/clickhouse beside SQL's own formulas, in turn, on one thread; and one server beside
// two. Needs npm ci --prefix examples/clickhouse, and gcc. --quick: fewer rounds, and nothing is written.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exactSum, install } from 'simdloss/clickhouse';
import { open } from '../../test/clickhouse/chdb.ts';
import { launcher, start } from '../../test/clickhouse/servers.ts';
import { columns, digits } from '../format.ts';
import { machine } from '../machine.ts';
import { othersShare } from '../peers/busy.ts';
import { median, rounded } from '../statistics.ts';
import { cases, LOGITS, losses, ROWS, tables } from './cases.ts';
import { type ClickHouseCase, type ClusterResult, writeResults } from './results.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const rounds = options.quick ? 2 : 9;
const shares: number[] = [];

/** ns of CPU time of this process. */
function cpuOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return 1000 * (user + system);
}

async function measureCases(): Promise<[version: string, cases: ClickHouseCase[]]> {
  const database = open();
  try {
    await install((sql) => database.run(sql), { losses });
    for (const statement of tables) database.run(statement);
    const times = cases.map(() => ({ ours: [] as number[], sql: [] as number[] }));
    for (let round = -1; round < rounds; round++) {
      if (round >= 0) shares.push(await othersShare());
      cases.forEach((one, i) => {
        for (const make of ['ours', 'sql'] as const) {
          const query = one[make];
          if (query === undefined) continue;
          const ns = cpuOf(() => void database.rows(`${query} SETTINGS max_threads = 1`));
          // the first round reads what the others find in memory
          if (round >= 0) times[i][make].push(ns / (one.per === 'row' ? ROWS : LOGITS));
        }
      });
    }
    const [[version]] = database.rows('SELECT version()');
    const measured = cases.map(({ name, per, sql, formula }, i) => ({
      name,
      per,
      ours: rounded(Math.min(...times[i].ours)),
      ...(sql !== undefined && {
        sql: rounded(Math.min(...times[i].sql)),
        ...(formula !== undefined && { formula }),
        ratio: rounded(median(times[i].ours.map((ns, k) => ns / times[i].sql[k]))),
      }),
    }));
    return [version, measured];
  } finally {
    database.close();
  }
}

/** Of each server; the one that has all rows reads its own twice. */
const SHARE = options.quick ? 5_000_000 : 50_000_000;

async function measureCluster(): Promise<ClusterResult> {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-launcher-'));
  const path = launcher(folder);
  if (path === undefined) throw new Error('gcc is not installed');
  const cluster = await start(path);
  try {
    const { servers } = cluster;
    const [first] = servers;
    for (const { run } of servers) {
      await install((sql) => run(sql), { losses: ['bceWithLogits'] });
      await run(
        'CREATE TABLE part (z Float32 CODEC(NONE), y UInt8 CODEC(NONE)) ENGINE = MergeTree ORDER BY tuple()',
      );
      await run(`INSERT INTO part SELECT randNormal(0, 3), rand(7) % 2 FROM numbers(${SHARE})`);
      await run('SYSTEM STOP MERGES');
    }
    const query = `SELECT ${exactSum('bceWithLogits_loss(z, y)')} FROM `;
    const from = {
      one: `(SELECT * FROM part UNION ALL SELECT * FROM part)`,
      two: `cluster('both', default.part)`,
    };
    const times = { one: [] as number[], two: [] as number[] };
    for (let round = -1; round < Math.min(rounds, 5); round++)
      for (const make of ['one', 'two'] as const) {
        const before = servers.map((server) => server.cpu());
        const [row] = await first.rows(query + from[make], { max_threads: 1 });
        if (Number(row[2]) !== 2 * SHARE) throw new Error(`${row[2]} rows`);
        const used = servers.reduce((sum, server, i) => sum + server.cpu() - before[i], 0);
        if (round >= 0) times[make].push(used);
      }
    return {
      rows: 2 * SHARE,
      one: rounded(Math.min(...times.one)),
      two: rounded(Math.min(...times.two)),
    };
  } finally {
    cluster.close();
    rmSync(folder, { recursive: true });
  }
}

const [clickhouse, measured] = await measureCases();
const cell = (x: number | undefined): string => (x === undefined ? '' : digits(x));
console.log(
  columns([
    ['', 'ns', 'SQL', 'ratio'],
    ...measured.map(({ name, ours, sql, ratio }) => [name, cell(ours), cell(sql), cell(ratio)]),
  ]),
);
const cluster = await measureCluster();
console.log(`${cluster.rows} rows: one server ${cluster.one} s of CPU time, two ${cluster.two} s`);

if (!options.quick) {
  writeResults({
    environment: {
      ...machine(),
      clickhouse,
      others: rounded(median(shares)),
    },
    cases: measured,
    cluster,
  });
  console.log('written to bench/results/clickhouse.json: npm run generate');
}
process.exit(0);
