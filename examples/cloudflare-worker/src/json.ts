import { chunksOf } from './body.ts';
import { Budget, type Lease } from './budget.ts';
import { refuse } from './refusal.ts';

/** A JSON body is read as a whole. */
const MOST_BYTES = 2 ** 20;
/** An object of arrays of arrays of numbers is three deep. Whatever walks a value that was sent can rely on this. */
const DEEPEST = 16;

const budget = new Budget(16 * 2 ** 20);

export interface Batch {
  readonly logits: readonly (readonly number[])[];
  /** Numbers, whether they are classes or not. */
  readonly labels: readonly number[];
}

/** `length`: of a body that says it. */
export async function readJson(body: ReadableStream<Uint8Array>, length = MOST_BYTES): Promise<Batch> {
  if (length > MOST_BYTES) tooLarge();
  // a character of a string may take two bytes
  const lease = budget.lease(2 * length);
  try {
    return batchOf(await textOf(body, lease));
  } finally {
    lease.release();
  }
}

async function textOf(body: ReadableStream<Uint8Array>, lease: Lease): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let text = '';
  for await (const chunk of chunksOf(body, lease)) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) tooLarge();
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

const tooLarge = (): never =>
  refuse(413, 'ERR_TOO_LARGE', `JSON of more than ${MOST_BYTES} bytes: send a binary body instead`);

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    return refuse(400, 'ERR_JSON', 'the body is not UTF-8');
  }
}

/** Whether brackets are nested deeper than DEEPEST, if it is JSON. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') quoted = !quoted;
    else if (quoted) i += Number(character === '\\');
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}

function batchOf(text: string): Batch {
  if (isDeep(text)) refuse(400, 'ERR_JSON', `the body is nested more than ${DEEPEST} deep`);
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
  if (at >= 0) refuse(400, 'ERR_JSON', `"${name}[${at}]" expected a number, got ${show(list[at])}`);
  return true;
}

/** A value as a message shows it: short, whatever was sent. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
