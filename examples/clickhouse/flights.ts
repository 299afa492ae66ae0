// Trains on some of the flights, and evaluates all of them where they lie: by the functions of simdloss, by SQL's own formula, and in Node.
import type { LossFunctions } from 'simdloss';
import { exactSum, install, toState } from 'simdloss/clickhouse';
import { evaluate } from 'simdloss/evaluate';
import { Database, loadFlights } from './database.ts';
import { logit, train } from './model.ts';

/** One in so many is trained on. */
const TRAINED = 10;

export interface Line {
  readonly key: string | number;
  readonly count: number;
  /** The mean log loss, of simdloss in ClickHouse and in Node, and of SQL's own formula. */
  readonly clickhouse: number;
  readonly node: number;
  readonly sql: number;
}

export interface Outcome {
  readonly rows: number;
  readonly byAirport: readonly Line[];
  readonly byHour: readonly Line[];
  /** Rows whose loss has other bits in ClickHouse than in Node. */
  readonly differing: number;
  /** Whether the exact sums are those of Node. */
  readonly areSumsEqual: boolean;
}

const FORMULA = 'greatest(z, 0) - z * late + log1p(exp(-abs(toFloat64(z))))';

export async function flights(F: LossFunctions, rows: number): Promise<Outcome> {
  const database = new Database();
  try {
    loadFlights(database, rows);
    await install((sql) => database.run(sql), { losses: ['bceWithLogits'] });
    const column = (expression: string, where = ''): Promise<Float32Array> =>
      database.floats(`SELECT toFloat32(${expression}) FROM flights ${where} ORDER BY n`);

    const sample = `WHERE n % ${TRAINED} = 0`;
    const model = train(
      F,
      await column('hour', sample),
      await column('distance', sample),
      await column('late', sample),
    );
    // logits are stored, not probabilities: a Float32 p has lost what lies near 1
    database.run(
      `CREATE TABLE predictions ENGINE = MergeTree ORDER BY n AS SELECT n, hour, origin, late, ${logit(model)} AS z FROM flights`,
    );

    const [z, late] = [await database.floats('SELECT z FROM predictions ORDER BY n'), await column('late')];
    const here = F.bceWithLogits(z, late, { reduction: 'none' });
    const there = await database.floats('SELECT bceWithLogits_loss(z, late) FROM predictions ORDER BY n');
    const [a, b] = [new Uint32Array(here.data.buffer), new Uint32Array(there.buffer)];
    let differing = Math.abs(a.length - b.length);
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) differing++;

    let areSumsEqual = true;
    const by = (key: 'origin' | 'hour'): Line[] => {
      const found = database.rows<{ key: string | number; sql: number }>(
        `SELECT ${key} AS key, avg(${FORMULA}) AS sql, ${exactSum('bceWithLogits_loss(z, late)')} FROM predictions GROUP BY key`,
      );
      const state = toState(found, { loss: 'bceWithLogits', key: 'key' });
      const keys = database.rows<{ key: string | number }>(
        `SELECT ${key} AS key FROM predictions ORDER BY n`,
      );
      const own = evaluate(F, { loss: 'bceWithLogits' }).add(z, late, { group: keys.map((row) => row.key) });
      areSumsEqual &&= JSON.stringify(state) === JSON.stringify(own.state());
      const node = new Map(own.result().groups!.map((group) => [group.key, group.loss]));
      const sql = new Map(found.map((row) => [row.key, row.sql]));
      return evaluate
        .from(F, state)
        .result()
        .groups!.map(({ key, count, loss }) => ({
          key,
          count,
          clickhouse: loss,
          node: node.get(key)!,
          sql: sql.get(key)!,
        }));
    };
    return { rows: z.length, byAirport: by('origin'), byHour: by('hour'), differing, areSumsEqual };
  } finally {
    database.close();
  }
}
