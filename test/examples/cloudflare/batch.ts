// Batches, what single calls of the library say of one, and requests that carry them to the worker.
import { type ClientRequest, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import type { LossFunctions } from '../../../src/index.ts';
import { random } from '../../random.ts';

export interface Batch {
  readonly rows: number;
  readonly classes: number;
  readonly logits: Float32Array;
  readonly labels: Int32Array;
}

/** Logits in (−8, 8); every 50th label is ignored. */
export function batchOf(seed: number, rows: number, classes: number): Batch {
  const r = random(seed);
  return {
    rows,
    classes,
    logits: Float32Array.from({ length: rows * classes }, () => 16 * r() - 8),
    labels: Int32Array.from({ length: rows }, (_, i) => (i % 50 === 49 ? -100 : Math.floor(r() * classes))),
  };
}

/** The wire format: labels, then logits. */
export function bytesOf({ labels, logits }: Batch): Uint8Array {
  const bytes = new Uint8Array(labels.byteLength + logits.byteLength);
  bytes.set(new Uint8Array(labels.buffer));
  bytes.set(new Uint8Array(logits.buffer), labels.byteLength);
  return bytes;
}

export interface Answer {
  loss: number;
  rows: number;
  gradientNorm: number;
  perClass: { rows: number; loss: number | null }[];
}

/** The same from calls on the whole batch, one for each class. */
export function atOnce(F: LossFunctions, { rows, classes, logits, labels }: Batch, options = {}): Answer {
  const input = { data: logits, shape: [rows, classes] };
  const { value, grad } = F.crossEntropy.valueAndGrad(input, labels, options);
  const squares = grad.data.reduce((sum, g) => sum + g * g, 0);
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) if (label >= 0) counts[label]++;
  const of = (label: number): number =>
    F.crossEntropy(input, labels, {
      ...options,
      sampleWeight: Float32Array.from(labels, (l) => Number(l === label)),
    });
  return {
    loss: value,
    rows: counts.reduce((sum, count) => sum + count),
    gradientNorm: Math.sqrt(squares),
    perClass: counts.map((count, label) => ({ rows: count, loss: count === 0 ? null : of(label) })),
  };
}

/** The greatest relative difference of two answers, which must agree in everything that is counted. */
export function difference(a: Answer, b: Answer): number {
  const counts = ({ rows, perClass }: Answer) =>
    JSON.stringify([rows, perClass.map((c) => [c.rows, c.loss === null])]);
  if (counts(a) !== counts(b)) return Number.POSITIVE_INFINITY;
  const numbers = ({ loss, gradientNorm, perClass }: Answer) =>
    [loss, gradientNorm, ...perClass.map((c) => c.loss ?? 0)] as number[];
  const theirs = numbers(b);
  return Math.max(
    ...numbers(a).map((x, i) => (x === theirs[i] ? 0 : Math.abs(x - theirs[i]) / Math.abs(theirs[i]))),
  );
}

export interface Reply {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: any;
}

/** A request that is under way. */
export interface Sending {
  /** What is answered, be the body complete or not. */
  readonly reply: Promise<Reply>;
  /** Sends the headers. */
  flush(): void;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Goes away in the middle. */
  abort(): void;
  /** Ends the body, unless the reply is there. */
  end(): Promise<Reply>;
}

export function open(
  port: number,
  path: string,
  headers: OutgoingHttpHeaders = {},
  method = 'POST',
): Sending {
  const request: ClientRequest = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers,
    agent: false,
  });
  request.setNoDelay(true);
  let failure: Error | undefined;
  request.on('error', (error) => {
    failure = error;
  });
  const reply = new Promise<Reply>((resolve, reject) => {
    request.on('response', async (response) => {
      let text = '';
      response.setEncoding('utf8');
      try {
        for await (const part of response) text += part;
        resolve({ status: response.statusCode!, headers: response.headers, body: JSON.parse(text) });
      } catch (error) {
        reject(error);
      }
    });
    request.on('close', () => reject(failure ?? new Error('no response')));
  });
  reply.catch(() => {});
  return {
    reply,
    flush: () => request.flushHeaders(),
    // called in any case: a request that was answered early goes away
    write: (bytes) => new Promise((resolve) => request.write(bytes, () => resolve())),
    abort: () => request.destroy(),
    end() {
      request.end();
      return reply;
    },
  };
}

export const BINARY = { 'content-type': 'application/octet-stream' };

/** Posts bytes with their length told, or text as JSON. */
export async function post(
  port: number,
  path: string,
  body: Uint8Array | string,
  headers: OutgoingHttpHeaders = typeof body === 'string' ? { 'content-type': 'application/json' } : BINARY,
): Promise<Reply> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const sending = open(port, path, { 'content-length': bytes.length, ...headers });
  if (bytes.length > 0) await sending.write(bytes);
  return sending.end();
}

/** Asks again where the connection was reset before the answer came: a body that is left unread may do that. */
export async function insist(ask: () => Promise<Reply>, times = 5): Promise<Reply> {
  try {
    return await ask();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (times === 1 || !['ECONNRESET', 'EPIPE'].includes(code)) throw error;
    return insist(ask, times - 1);
  }
}
