// Predictions and targets in the columns of tables, one file after the other.
import { unusable } from '../failure.ts';
import { csv } from './csv.ts';
import { byDuckdb, query } from './duckdb.ts';
import { jsonLines } from './jsonLines.ts';
import { batchesOf, type Records } from './records.ts';
import type { Layout, Places, Progress, Source } from './source.ts';

/** Rows that are read one by one, as a source. */
function ofRecords(open: () => Promise<Records>, places: Places, layout: Layout): Source {
  let records: Records | undefined;
  return {
    isInOrder: true,
    async *batches() {
      records = await open();
      yield* batchesOf(records, places, layout);
    },
    get progress(): Progress {
      return { unit: 'bytes', done: records?.file.bytesRead() ?? 0, total: records?.file.size };
    },
    async close() {
      records?.file.close();
    },
  };
}

function sourceOf(path: string, places: Places, layout: Layout): Source {
  if (/\.(csv|tsv)$/.test(path)) return ofRecords(() => csv(path), places, layout);
  if (/\.(jsonl|ndjson)$/.test(path)) return ofRecords(() => jsonLines(path), places, layout);
  return byDuckdb(path, places, layout);
}

/** Files, or what a query returns. */
export function tables(
  files: readonly string[],
  sql: string | undefined,
  places: Places,
  layout: Layout,
): Source {
  if (layout.shift > 0) unusable('--shift is of sequences, which tables have not');
  if (layout.axis !== undefined) unusable('--axis is of arrays: a row of a table is one row');
  if (sql !== undefined) return query(sql, places, layout);
  const sources = files.map((path) => sourceOf(path, places, layout));
  if (sources.length === 1) return sources[0];
  let present = 0;
  return {
    get isInOrder() {
      return sources.every(({ isInOrder }) => isInOrder);
    },
    async *batches() {
      for (; present < sources.length; present++) {
        yield* sources[present].batches();
        await sources[present].close();
      }
    },
    get progress(): Progress {
      // how much the next files are nobody has looked at
      const { unit, done } = sources[Math.min(present, sources.length - 1)].progress;
      return { unit, done, total: undefined };
    },
    async close() {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}
