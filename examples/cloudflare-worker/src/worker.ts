// POST /loss: cross entropy of a batch of logits and labels, per-class losses and the norm of the gradient.
import { bytesOf, readBinary } from './binary.ts';
import { readJson } from './json.ts';
import { type Parameters, parametersOf } from './parameters.ts';
import { refuse, responseOf } from './refusal.ts';
import { type Answer, MOST_CLASSES, Summary } from './summary.ts';

interface Env {
  /** The largest body that is taken. */
  readonly MAX_BYTES: number;
}

/** Labels are held until their rows arrive. */
const MOST_ROWS = 2 ** 20;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      return Response.json(await answerTo(request, env));
    } catch (error) {
      return responseOf(error);
    }
  },
};

async function answerTo(request: Request, env: Env): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== '/loss') refuse(404, 'ERR_PATH', 'there is nothing but /loss');
  if (request.method !== 'POST') {
    refuse(405, 'ERR_METHOD', `expected POST, got ${request.method.slice(0, 40)}`, { allow: 'POST' });
  }
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity')
    refuse(415, 'ERR_ENCODING', `a body in ${encoding.slice(0, 40)} is not taken: send it plain`);
  const parameters = parametersOf(searchParams);
  const length = lengthOf(request);
  if (length !== undefined && length > env.MAX_BYTES) tooLarge(length, env);
  const { body } = request;
  if (body === null || length === 0) refuse(400, 'ERR_BODY', 'the request has no body');
  const type = request.headers.get('content-type')?.split(';')[0].trim().toLowerCase();
  if (type === 'application/json') return ofJson(body, parameters, length);
  if (type === 'application/octet-stream') return ofBinary(body, parameters, length, env);
  return refuse(
    415,
    'ERR_CONTENT_TYPE',
    `expected application/json or application/octet-stream, got ${type?.slice(0, 40) ?? 'no content type'}`,
  );
}

async function ofJson(
  body: ReadableStream<Uint8Array>,
  { shape, options }: Parameters,
  length: number | undefined,
): Promise<Answer> {
  if (shape !== undefined)
    refuse(400, 'ERR_PARAMETER', '"shape" is for binary bodies: the arrays of JSON tell');
  const { logits, labels } = await readJson(body, length);
  const classes = logits[0].length;
  checkClasses(classes);
  const summary = new Summary(classes, options);
  for (let at = 0; at < labels.length; at += summary.most) {
    const some = labels.slice(at, at + summary.most);
    summary.add(some, (data) => {
      for (let i = 0; i < some.length; i++) data.set(logits[at + i], i * classes);
    });
  }
  return summary.answer();
}

async function ofBinary(
  body: ReadableStream<Uint8Array>,
  { shape, options }: Parameters,
  length: number | undefined,
  env: Env,
): Promise<Answer> {
  if (shape === undefined) refuse(400, 'ERR_PARAMETER', 'a binary body needs its shape: ?shape=rows,classes');
  const [rows, classes] = shape;
  checkClasses(classes);
  if (rows > MOST_ROWS) refuse(413, 'ERR_TOO_LARGE', `${rows} rows are too many: at most ${MOST_ROWS}`);
  const bytes = bytesOf(rows, classes);
  if (bytes > env.MAX_BYTES) tooLarge(bytes, env);
  if (length !== undefined && length !== bytes) {
    refuse(400, 'ERR_LENGTH', `the body expected ${bytes} bytes for its shape, got ${length}`);
  }
  const summary = new Summary(classes, options);
  await readBinary(body, rows, classes, summary);
  return summary.answer();
}

/** Of a body that says how long it is. */
function lengthOf(request: Request): number | undefined {
  const text = request.headers.get('content-length') ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function checkClasses(classes: number): void {
  if (classes > MOST_CLASSES) {
    refuse(413, 'ERR_TOO_LARGE', `${classes} classes are too many: at most ${MOST_CLASSES}`);
  }
}

const tooLarge = (bytes: number, { MAX_BYTES }: Env): never =>
  refuse(413, 'ERR_TOO_LARGE', `a body of ${bytes} bytes is too large: at most ${MAX_BYTES}`);
