// Comma-separated values as RFC 4180 has them, with a line of names first.
import { parse } from 'csv-parse';
import { textOf, wrong } from '../failure.ts';
import { streamed } from './bytes.ts';
import type { Records, Row } from './records.ts';

/** Of a file that ends in .tsv, tabs are between the values. */
export async function csv(path: string): Promise<Records> {
  const { stream, ...file } = streamed(path);
  const parser = stream.pipe(
    parse({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: /\.tsv$/.test(path) ? '\t' : ',',
    }),
  );
  stream.on('error', (error) => parser.destroy(error));
  const lines = parser[Symbol.asyncIterator]() as AsyncIterator<{
    record: string[];
    info: { lines: number };
  }>;
  const next = () => lines.next().catch((error) => wrong(`${path}: ${textOf(error)}`));
  const first = await next();
  if (first.done) return wrong(`${path} is empty: its first line has the names of the columns`);
  const columns = first.value.record.map((name) => name.trim());

  async function* rows(): AsyncGenerator<Row> {
    for (let line = await next(); !line.done; line = await next()) {
      const { record: values, info } = line.value;
      const where = `${path}, line ${info.lines}`;
      if (values.length !== columns.length)
        wrong(`${where}: ${values.length} values, where there are ${columns.length} columns`);
      yield { values, where };
    }
  }
  return { columns, rows: rows(), file };
}
