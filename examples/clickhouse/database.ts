// ClickHouse in this process, with functions in WebAssembly, and the flights as a table.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONFIG = `<clickhouse>
  <allow_experimental_webassembly_udf>true</allow_experimental_webassembly_udf>
  <webassembly_udf_engine>wasmtime</webassembly_udf_engine>
</clickhouse>
`;

/** What is used of chdb's sessions. */
interface Session {
  query(sql: string, format?: string): string;
  queryAsync(sql: string, options: { format: string }): Promise<{ bytes(): Uint8Array }>;
  close(): void;
}

export class Database {
  readonly #folder = mkdtempSync(join(tmpdir(), 'simdloss-flights-'));
  readonly #session: Session;

  constructor() {
    const config = join(this.#folder, 'config.xml');
    writeFileSync(config, CONFIG);
    const { Session } = createRequire(import.meta.url)('chdb');
    this.#session = new Session(join(this.#folder, 'data'), { connectionArgs: [`--config-file=${config}`] });
  }

  run(sql: string): void {
    this.#session.query(sql);
  }

  rows<Row>(sql: string): Row[] {
    const lines = this.#session.query(sql, 'JSONEachRow').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  }

  /** A column of Float32. */
  async floats(sql: string): Promise<Float32Array> {
    const bytes = (await this.#session.queryAsync(sql, { format: 'RowBinary' })).bytes();
    return new Float32Array(Uint8Array.from(bytes).buffer);
  }

  close(): void {
    this.#session.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const file = fileURLToPath(new URL('node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));

/** The table `flights`: of the first `rows` of them those that have all that is looked at. */
export function loadFlights(database: Database, rows: number): void {
  database.run(`CREATE TABLE flights (n UInt32, hour UInt8, distance Float32, late UInt8, origin LowCardinality(String))
    ENGINE = MergeTree ORDER BY n`);
  database.run(`INSERT INTO flights
    SELECT rowNumberInAllBlocks() AS n, toHour(assumeNotNull(date)), assumeNotNull(distance), assumeNotNull(delay) > 15, assumeNotNull(origin)
    FROM (SELECT * FROM file('${file}') LIMIT ${rows})
    WHERE date IS NOT NULL AND distance IS NOT NULL AND delay IS NOT NULL AND origin IS NOT NULL
    SETTINGS max_threads = 1`);
}
