// JSON lines: an object a line, whose values may be lists of numbers.
import { createInterface } from 'node:readline';
import { textOf, wrong } from '../failure.ts';
import { streamed } from './bytes.ts';
import type { Records, Row } from './records.ts';

/** The first line says which columns there are. */
export async function jsonLines(path: string): Promise<Records> {
  const { stream, ...file } = streamed(path);
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]();
  let number = 0;
  const next = async (): Promise<{ object: Record<string, unknown>; where: string } | undefined> => {
    for (;;) {
      const line = await lines.next().catch((error) => wrong(`${path}: ${textOf(error)}`));
      if (line.done) return undefined;
      number++;
      if (line.value.trim() !== '')
        return { object: parsed(line.value, `${path}, line ${number}`), where: `${path}, line ${number}` };
    }
  };
  const first = await next();
  if (first === undefined) return wrong(`${path} is empty`);
  const columns = Object.keys(first.object);

  async function* rows(): AsyncGenerator<Row> {
    for (let line: typeof first | undefined = first; line !== undefined; line = await next()) {
      const { object, where } = line;
      yield {
        values: columns.map((name) => (Object.hasOwn(object, name) ? object[name] : undefined)),
        where,
      };
    }
  }
  return { columns, rows: rows(), file };
}

function parsed(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return wrong(`${where}: ${textOf(error)}`);
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : wrong(`${where} is no object`);
}
