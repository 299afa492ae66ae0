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

const classOf = (code: ErrorCode): (new (message: string, options?: ErrorOptions) => Error) =>
  /TYPE/.test(code) ? TypeError : /SHAPE|OPTION|LABEL|MEMORY/.test(code) ? RangeError : Error;

/** An error of simdloss: one of the built-in classes with a `code`. */
export type LossError = Error & { readonly code: ErrorCode };

/**
 * Parts of a message may come from the caller or the engine: each is cut, so that messages are at most 200 letters long and say all
 * that is said here.
 */
export const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export function fail(code: ErrorCode, message: string, cause?: unknown): never {
  const error = new (classOf(code))(cut(message, 200), cause === undefined ? undefined : { cause });
  Object.defineProperty(error, 'code', bare({ value: code, enumerable: true }));
  throw error;
}

/** `"target" expected f32 as "input" has, got f64` */
export function expected(code: ErrorCode, name: string, wanted: string, got: string): never {
  fail(code, `"${name}" expected ${wanted}, got ${got}`);
}

/** What is known is said first, so much of it as there is room for: messages are cut, and the caller's word may be. */
export function unknown(what: string, name: string, known: readonly string[]): never {
  fail('ERR_OPTION', `known ${what} are ${cut(known.join(', '), 165)}, not ${show(name)}`);
}

/** The engine's limit was met. */
export function noRoom(what: string, cause: unknown): never {
  fail('ERR_MEMORY', `the engine has no room for ${what}`, cause);
}

/** Five axes of four digits are shown whole. */
export const showShape = (shape: readonly number[], most = 30): string => cut(`[${shape.join(', ')}]`, most);

/** A value as an error message shows it: short, and safe to build from anything. */
export function show(value: unknown): string {
  if (typeof value === 'string') return cut(JSON.stringify(value.slice(0, 40)), 60);
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
