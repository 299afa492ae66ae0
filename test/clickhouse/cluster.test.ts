// Two servers that are shards of one table: partial sums, states, errors of a shard, and a shard that is lost.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exactSum, install, toState } from '../../src/clickhouse/index.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { load } from '../../src/index.ts';
import { missing } from '../missing.ts';
import { isThere, tell } from './chdb.ts';
import { type Cluster, launcher, local, start } from './servers.ts';

tell('a cluster of ClickHouse servers');
const folder = mkdtempSync(join(tmpdir(), 'simdloss-launcher-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = isThere ? launcher(folder) : undefined;
if (isThere && path === undefined)
  missing({
    what: 'a cluster of ClickHouse servers',
    why: 'gcc is not installed',
    install: 'apt-get install gcc libc6-dev',
  });

describe.skipIf(path === undefined)('two shards', () => {
  if (path === undefined) return;
  const ROWS = 200_000;
  /** Logits of many sizes, some infinite ones among them, labels, and groups: the same in SQL and here. */
  const z = (n: string) =>
    `toFloat32(multiIf(${n} % 50021 = 7, inf, (${n} * 7919 % 20011 - 10005) / pow(2, ${n} % 13)))`;
  const row = `${z('number')} AS z, number % 3 = 0 AS y, concat('g', toString(number % 5)) AS g`;
  let cluster: Cluster;

  it('the library has what starts a server', () => {
    expect(local(path, 'SELECT 6 * 7').trim()).toBe('42');
  });

  beforeAll(async () => {
    cluster = await start(path);
    const { servers } = cluster;
    const names = await install((sql, host) => servers.find((server) => server.host === host)!.run(sql), {
      hosts: servers.map(({ host }) => host),
      losses: ['bceWithLogits', 'crossEntropy', 'mse'],
    });
    expect(names).toContain('bceWithLogits_loss');
    for (const [i, server] of servers.entries()) {
      await server.run(
        'CREATE TABLE part (z Float32, y UInt8, g String, shard UInt8) ENGINE = MergeTree ORDER BY tuple()',
      );
      // not the same number each
      await server.run(
        `INSERT INTO part SELECT ${row}, ${i} FROM numbers(${ROWS}) WHERE (number % 3 = 1) = ${i}`,
      );
      await server.run('CREATE TABLE clicks AS part ENGINE = Distributed(both, default, part)');
    }
  }, 60_000);
  afterAll(() => cluster?.close());

  const logits = Float32Array.from({ length: ROWS }, (_, n) =>
    n % 50021 === 7 ? Infinity : (((n * 7919) % 20011) - 10005) / 2 ** (n % 13),
  );
  const labels = Float32Array.from({ length: ROWS }, (_, n) => Number(n % 3 === 0));
  const groups = Array.from({ length: ROWS }, (_, n) => `g${n % 5}`);

  const object = async (sql: string, settings = {}): Promise<Record<string, unknown>[]> =>
    (await cluster.servers[0].rows(`${sql} FORMAT JSONEachRow`, settings)) as never;
  const loss = 'bceWithLogits_loss(z, y)';

  it.each([
    { max_threads: 1 },
    { max_threads: 2, max_block_size: 1000 },
    { max_threads: 2, distributed_group_by_no_merge: 0, prefer_localhost_replica: 0 },
  ])('the exact sum is that of Node, to the bit: %j', async (settings) => {
    const F = await load();
    const here = evaluate(F, { loss: 'bceWithLogits' }).add(logits, labels, { group: groups });
    const found = await object(`SELECT g, ${exactSum(loss)} FROM clicks GROUP BY g`, settings);
    const state = toState(found, { loss: 'bceWithLogits', key: 'g' });
    expect(state).toEqual(here.state());
    expect(evaluate.from(F, state).result()).toEqual(here.result());
    const all = evaluate(F, { loss: 'bceWithLogits' }).add(logits, labels);
    const [total] = await object(`SELECT ${exactSum(loss, 'bce')} FROM clicks`, settings);
    expect(toState(total, { loss: 'bceWithLogits', as: 'bce' })).toEqual(all.state());
    F.dispose();
  });

  it('a materialized view keeps states, which are merged over the shards', async () => {
    const { servers } = cluster;
    for (const server of servers) {
      await server.run(
        `CREATE TABLE states (g String, ${exactSum.columns()}) ENGINE = AggregatingMergeTree ORDER BY g`,
      );
      await server.run('CREATE TABLE inserted (z Float32, y UInt8, g String) ENGINE = Null');
      await server.run(
        `CREATE MATERIALIZED VIEW view TO states AS SELECT g, ${exactSum.state(loss)} FROM inserted GROUP BY g`,
      );
      await server.run('CREATE TABLE all_states AS states ENGINE = Distributed(both, default, states)');
    }
    // in several inserts, to one shard and the other
    for (let k = 0; k < 4; k++)
      await servers[k % 2].run(
        `INSERT INTO inserted SELECT ${row} FROM numbers(${ROWS}) WHERE number % 4 = ${k}`,
      );
    const F = await load();
    const here = evaluate(F, { loss: 'bceWithLogits' }).add(logits, labels, { group: groups });
    const found = await object(`SELECT g, ${exactSum.merge()} FROM all_states GROUP BY g`);
    expect(toState(found, { loss: 'bceWithLogits', key: 'g' })).toEqual(here.state());
    const twice = await object(
      `SELECT ${exactSum.merge()} FROM (SELECT g, ${exactSum.mergeState()} FROM all_states GROUP BY g)`,
    );
    expect(toState(twice, { loss: 'bceWithLogits' })).toEqual(
      evaluate(F, { loss: 'bceWithLogits' }).add(logits, labels).state(),
    );
    F.dispose();
  });

  it('Parquet, spread over the servers', async () => {
    const [first] = cluster.servers;
    for (let k = 0; k < 4; k++)
      await first.run(
        `INSERT INTO FUNCTION file('${cluster.folder}/clicks${k}.parquet') SELECT ${row} FROM numbers(${ROWS}) WHERE number % 4 = ${k}`,
      );
    const files = `fileCluster('both', '${cluster.folder}/clicks*.parquet')`;
    const F = await load();
    const [found] = await object(`SELECT ${exactSum(loss)} FROM ${files}`);
    expect(toState(found, { loss: 'bceWithLogits' })).toEqual(
      evaluate(F, { loss: 'bceWithLogits' }).add(logits, labels).state(),
    );
    F.dispose();
  });

  it('an error of the other shard says what, where and whose it is', async () => {
    const [first, second] = cluster.servers;
    const port = second.host.split(':')[1];
    const bad = 'SELECT sum(crossEntropy_loss([1, 2], shard = 1 ? 9 : 1)) FROM clicks';
    await expect(first.rows(bad)).rejects.toThrow(
      new RegExp(
        `127\\.0\\.0\\.1:${port}[\\s\\S]*ERR_LABEL: "target" expected class indices in \\[0, 2\\)[\\s\\S]*got 9 in row 0 of its block`,
      ),
    );
    expect(await first.rows('SELECT mse_loss(3, 1)')).toEqual([[4]]);
  });

  it('a shard without the function fails the query', async () => {
    const [first, second] = cluster.servers;
    await second.run('DROP FUNCTION mse_loss_f32');
    await expect(first.rows('SELECT sum(mse_loss(z, y)) FROM clicks')).rejects.toThrow(/mse_loss_f32/);
    await install((sql) => second.run(sql), { losses: ['mse'] });
    expect((await first.rows('SELECT count(mse_loss(z, y)) FROM clicks'))[0]).toEqual([ROWS]);
  });

  it('a shard that is lost in the middle of a query: an error, and nothing instead of it', async () => {
    const [first, second] = cluster.servers;
    // ten seconds
    const slow = `SELECT sum(${loss}), sum(sleepEachRow(0.0001)) FROM clicks`;
    const answer = first
      .rows(slow, { max_threads: 1, function_sleep_max_microseconds_per_block: 60_000_000 })
      .then(
        (rows) => ({ rows }),
        (error: Error) => ({ error: error.message }),
      );
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const under = await second.rows(
      "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(0.0001)%'",
    );
    expect(Number(under[0][0])).toBeGreaterThan(0);
    second.stop();
    const { error } = (await answer) as { error?: string };
    expect(error).toMatch(
      new RegExp(`${second.host.split(':')[1]}|NETWORK_ERROR|ATTEMPT_TO_READ_AFTER_EOF|CONNECTION`),
    );
    expect(await first.rows('SELECT mse_loss(3, 1)')).toEqual([[4]]);
    await expect(first.rows(`SELECT ${exactSum(loss)} FROM clicks`)).rejects.toThrow();
  });
});
