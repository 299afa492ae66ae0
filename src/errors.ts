import { bare } from './given.ts';

/**
 * Every error that simdloss throws: a built-in class for the kind, a stable `code` for the cause, a sentence for
 * the text. Callers should test `code`; texts may improve.
 *
 * | code | class | cause |
 * |---|---|---|
 * | ERR_TYPE | TypeError | an argument is not the kind of thing that is expected |
 * | ERR_DTYPE | TypeError | element types that differ or don't fit; never converted silently |
 * | ERR_SHAPE | RangeError | shapes that don't fit together |
 * | ERR_OPTION | RangeError | an unknown option or a value outside its range |
 * | ERR_LABEL | RangeError | a class index outside [0, C) that is not ignoreIndex |
 * | ERR_MEMORY | RangeError | linear memory is full and may not or cannot grow |
 * | ERR_UNSUPPORTED | Error | the platform lacks something (SIMD, compilation, shared memory) |
 * | ERR_WORKER | Error | a worker thread was lost or failed in a way that leaves results undefined |
 * | ERR_DISPOSED | Error | a tensor, step or instance is used after dispose() |
 */
export type ErrorCode =
  | 'ERR_TYPE'
  | 'ERR_DTYPE'
  | 'ERR_SHAPE'
  | 'ERR_OPTION'
  | 'ERR_LABEL'
  | 'ERR_MEMORY'
  | 'ERR_UNSUPPORTED'
  | 'ERR_WORKER'
  | 'ERR_DISPOSED';

const classOf: Record<ErrorCode, new (message: string, options?: ErrorOptions) => Error> = {
  ERR_TYPE: TypeError,
  ERR_DTYPE: TypeError,
  ERR_SHAPE: RangeError,
  ERR_OPTION: RangeError,
  ERR_LABEL: RangeError,
  ERR_MEMORY: RangeError,
  ERR_UNSUPPORTED: Error,
  ERR_WORKER: Error,
  ERR_DISPOSED: Error,
};

/** An error of simdloss: one of the built-in classes with a `code`. */
export type LossError = Error & { readonly code: ErrorCode };

export function fail(code: ErrorCode, message: string, cause?: unknown): never {
  const error = new classOf[code](message, cause === undefined ? undefined : { cause });
  Object.defineProperty(error, 'code', bare({ value: code, enumerable: true }));
  throw error;
}

/** `"target" expected shape [32], got [31]` */
export function expected(code: ErrorCode, name: string, wanted: string, got: string): never {
  fail(code, `"${name}" expected ${wanted}, got ${got}`);
}

export const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** A value as an error message shows it: short, and safe to build from anything. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value);
  return isList(value) ? 'an array' : 'an object';
}

/** Array.isArray, which throws for a revoked proxy. */
export function isList(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Whether anything can be read of the value: not of a revoked proxy. */
export function isReadable(value: unknown): boolean {
  try {
    // not for its answer, which a minifier would see to be unused and drop the call
    return typeof Array.isArray(value) === 'boolean';
  } catch {
    return false;
  }
}
