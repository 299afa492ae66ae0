// ClickHouse in this process, where it is installed: npm ci --prefix examples/clickhouse.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing } from '../missing.ts';

const home = fileURLToPath(new URL('../../examples/clickhouse/', import.meta.url));
export const isThere = existsSync(join(home, 'node_modules/chdb')) && process.platform === 'linux';

/** Tells the reporter what is not tested without it. */
export function tell(what: string): void {
  if (!isThere)
    missing({ what, why: 'chdb is not installed', install: 'npm ci --prefix examples/clickhouse' });
}

/** Where libchdb.so is, of the package for this machine. */
export const library = (): string =>
  join(home, `node_modules/@chdb/lib-linux-${process.arch}-gnu/libchdb.so`);

export const CONFIG = `<clickhouse>
  <allow_experimental_webassembly_udf>true</allow_experimental_webassembly_udf>
  <webassembly_udf_engine>wasmtime</webassembly_udf_engine>
</clickhouse>
`;

/** The columns of exactSum by their names, as clients return a row. */
export const namedSums = ([low, high, count, nan, infinity, minus]: readonly unknown[]) => ({
  loss_low: low,
  loss_high: high,
  loss_count: count,
  loss_nan: nan,
  loss_infinity: infinity,
  loss_minus_infinity: minus,
});

export interface Database {
  /** A folder of this process. */
  readonly folder: string;
  /** Runs SQL; the rows as JSON has them. */
  rows(sql: string): any[][];
  run(sql: string): void;
  close(): void;
}

export function open(config = CONFIG): Database {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-clickhouse-'));
  writeFileSync(join(folder, 'config.xml'), config);
  const { Session } = createRequire(join(home, 'package.json'))('chdb');
  const session = new Session(join(folder, 'data'), {
    connectionArgs: [`--config-file=${join(folder, 'config.xml')}`],
  });
  return {
    folder,
    rows: (sql) =>
      session
        .query(sql, 'JSONCompactEachRow')
        .split('\n')
        .filter((line: string) => line !== '')
        .map((line: string) => JSON.parse(line)),
    run: (sql) => void session.query(sql),
    close() {
      session.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

/** The bits of a Float32; all NaNs are one. */
export function bitsOf(x: number): number {
  floats[0] = x;
  return Number.isNaN(x) ? 0x7fc00000 : words[0];
}

/** The same of an expression in SQL. */
export const bits = (x: string): string => `if(isNaN(${x}), 2143289344, reinterpretAsUInt32(${x}))`;
export const bitsOfArray = (x: string): string => `arrayMap(v -> ${bits('v')}, ${x})`;
