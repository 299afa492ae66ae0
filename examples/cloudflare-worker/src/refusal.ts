/** Why a request gets no answer: a status, a stable code and a sentence. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function refuse(
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
): never {
  throw new Refusal(status, code, message, headers);
}

/** The library's codes that are the request's fault; ERR_MEMORY is the moment's, and the rest would be ours. */
const statusOf: Record<string, number> = {
  ERR_LABEL: 400,
  ERR_OPTION: 400,
  ERR_SHAPE: 400,
  ERR_TYPE: 400,
  ERR_DTYPE: 400,
  ERR_MEMORY: 503,
};

export function responseOf(error: unknown): Response {
  const { code = 'ERR_INTERNAL', message } = error as { code?: string; message: string };
  const own = error instanceof Refusal;
  const status = own ? error.status : (statusOf[code] ?? 500);
  const text = status === 500 ? 'something is wrong with this worker' : message;
  if (status === 500) console.error(error);
  return Response.json({ error: { code, message: text } }, { status, headers: own ? error.headers : {} });
}
