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

/** Parts of a message, and messages, may come from the caller: they stay readable however long that is. */
const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export function fail(code: ErrorCode, message: string, cause?: unknown): never {
  const error = new classOf[code](cut(message, 400), cause === undefined ? undefined : { cause });
  Object.defineProperty(error, 'code', bare({ value: code, enumerable: true }));
  throw error;
}

/** `"target" expected shape [32], got [31]` */
export function expected(code: ErrorCode, name: string, wanted: string, got: string): never {
  fail(code, `"${name}" expected ${wanted}, got ${got}`);
}

export const showShape = (shape: readonly number[]): string => cut(`[${shape.join(', ')}]`, 100);

/** A value as an error message shows it: short, and safe to build from anything. */
export function show(value: unknown): string {
  if (typeof value === 'string') return cut(JSON.stringify(value.slice(0, 40)), 100);
  if (typeof value === 'symbol') return 'a symbol';
  // writing a huge one out takes minutes
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? `${value}n` : 'a large bigint';
  if (value === null || (typeof value !== 'object' && typeof value !== 'function'))
    return Object.is(value, -0) ? '-0' : String(value);
  if (!isReadable(value)) return 'a revoked proxy';
  if (typeof value === 'function') return 'a function';
  return isList(value) ? 'an array' : 'an object';
}

/** Whether it is an array whose elements can be read. */
export function isList(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value) && isReadable(value);
  } catch {
    return false; // Array.isArray throws for a revoked proxy
  }
}

/**
 * Whether properties can be read of the value: neither it nor what it inherits from is a revoked proxy, and the chain
 * of prototypes ends.
 */
export function isReadable(value: unknown): boolean {
  try {
    let object = value;
    for (let i = 0; i < 100 && object !== null; i++) {
      object = Object.getPrototypeOf(object);
      // what most inherit from: asking for each prototype takes the engine 50 ns
      if (object === Object.prototype || object === Array.prototype) return true;
    }
    return object === null;
  } catch {
    return false;
  }
}
