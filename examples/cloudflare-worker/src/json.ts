import { chunksOf } from './binary.ts';
import { refuse } from './refusal.ts';

/** A JSON body is read as a whole. */
export const MOST_JSON_BYTES = 2 ** 20;

export interface Batch {
  readonly logits: readonly (readonly number[])[];
  /** Numbers, whether they are classes or not. */
  readonly labels: readonly number[];
}

export async function readJson(body: ReadableStream<Uint8Array>): Promise<Batch> {
  return batchOf(await textOf(body));
}

async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let text = '';
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.length;
    if (bytes > MOST_JSON_BYTES) {
      refuse(413, 'ERR_TOO_LARGE', `JSON of more than ${MOST_JSON_BYTES} bytes: send a binary body instead`);
    }
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    return refuse(400, 'ERR_JSON', 'the body is not UTF-8');
  }
}

function batchOf(text: string): Batch {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse(400, 'ERR_JSON', `the body is not JSON: ${(error as Error).message}`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    refuse(400, 'ERR_JSON', 'the body expected an object with "logits" and "labels"');
  }
  for (const name in value) {
    if (name !== 'logits' && name !== 'labels') {
      refuse(400, 'ERR_JSON', `unknown member "${name.slice(0, 40)}": known are logits, labels`);
    }
  }
  const { logits, labels } = value as Record<string, unknown>;
  if (!Array.isArray(logits) || logits.length === 0) {
    refuse(400, 'ERR_JSON', '"logits" expected an array of rows, at least one');
  }
  if (!isNumbers(labels, 'labels')) refuse(400, 'ERR_JSON', '"labels" expected an array of numbers');
  if (labels.length !== logits.length) {
    refuse(400, 'ERR_SHAPE', `"labels" expected ${logits.length}, one for each row, got ${labels.length}`);
  }
  logits.forEach((row: unknown, i) => {
    if (!isNumbers(row, `logits[${i}]`))
      refuse(400, 'ERR_JSON', `"logits[${i}]" expected an array of numbers`);
    if (row.length !== logits[0].length) {
      refuse(
        400,
        'ERR_SHAPE',
        `"logits[${i}]" expected ${logits[0].length} classes as the first row, got ${row.length}`,
      );
    }
  });
  if (logits[0].length === 0) refuse(400, 'ERR_SHAPE', '"logits" expected at least one class');
  return { logits, labels };
}

function isNumbers(list: unknown, name: string): list is number[] {
  if (!Array.isArray(list)) return false;
  const at = list.findIndex((value) => typeof value !== 'number');
  if (at >= 0)
    refuse(
      400,
      'ERR_JSON',
      `"${name}[${at}]" expected a number, got ${JSON.stringify(list[at]).slice(0, 40)}`,
    );
  return true;
}
