// Values that nobody expects, of every kind; each is made anew, as some don't outlive a call.
import { Tensor } from '../../src/index.ts';

type Any = any;

/** Thrown by the caller's own code: it comes through as it is. */
export class Sentinel extends Error {}

const raise = (): never => {
  throw new Sentinel();
};

export function revoked(target: object): Any {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A list whose length is what it says. */
const lengthy = (length: unknown, list: unknown[] = [1, 2]): unknown =>
  new Proxy(list, { get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)) });

export const detached = <A extends { buffer: ArrayBufferLike }>(array: A): A => {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
};

function* forever(item: unknown): Generator<unknown> {
  for (;;) yield item;
}
const withIterator = (list: unknown[]): unknown =>
  Object.assign(list, { [Symbol.iterator]: () => forever(list[0]) });

function nested(depth: number): unknown[] {
  let list: unknown[] = [];
  for (let i = 0; i < depth; i++) list = [list];
  return list;
}
const endlessChain = (): Any => new Proxy({}, { getPrototypeOf: () => endlessChain() });
const circle: unknown[] = [];
circle.push(circle);
const LONG = Array(3e5).fill(1);
const LONG_NAMES = Array(3e5).fill('input');
const DEEP = nested(1e5);

type Values = Record<string, () => unknown>;
const named = (prefix: string, list: readonly unknown[]): Values =>
  Object.fromEntries(list.map((value, i) => [`${prefix} ${i}`, () => value]));

const lengths = [
  ...[Symbol('length'), Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 40],
  ...['3', 3n, 10n ** 3000n, null, undefined, [2], { valueOf: () => 2 }, revoked({})],
];

export const lists: Values = {
  ...Object.fromEntries(lengths.map((length, i) => [`a list of length ${i}`, () => lengthy(length)])),
  ...named('a list', [[], [Symbol('s')], [10n ** 3000n], [undefined], [[1]], [null], ['x'.repeat(1e5)]]),
  'a long list': () => LONG,
  'a list of large numbers': () => Array(60).fill(2 ** 53 - 1),
  'a list of nothing and large numbers': () => [0, ...Array(60).fill(2 ** 53 - 1)],
  'an endless list': () => withIterator(['input', 'target']),
  'an endless list of numbers': () => withIterator([1, 2]),
  'names without end': () => lengthy(Number.POSITIVE_INFINITY, ['input', 'target']),
  'a long list of names': () => LONG_NAMES,
  'a deep list': () => DEEP,
  'a list in itself': () => circle,
  'a list like a list': () => ({ length: 2 ** 53, 0: 1 }),
  'a list of a class': () => new (class extends Array {})(3),
  'a list without prototype': () => Object.setPrototypeOf(new Array(3), revoked({})),
  'a list that throws': () => new Proxy([1, 2], { get: raise }),
  'a list that has been revoked': () => revoked([]),
  iterator: () => forever('input'),
};

const shapes: Values = { ...lists, ...named('a shape', [Symbol('s'), 3, null, '2', 10n ** 3000n]) };

export const values: Values = {
  ...named('a number', [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 2 ** 53, 2 ** 32, -0, 1e308, 5e-324]),
  ...named('a word', ['', 'x'.repeat(1e6), '\0'.repeat(1e3), '\ud800'.repeat(1e3), 'mean', '__proto__']),
  ...named('a symbol', [Symbol('s'), Symbol.iterator, Symbol.for('x'.repeat(1e5))]),
  ...named('a big number', [1n, -1n, 2n ** 64n, 1n << 8_000_000n, -(1n << 8_000_000n)]),
  ...named('a thing', [null, true, new Date(), /x/, new Map(), new Set([1]), new Error('x'), new WeakMap()]),
  ...named('a buffer', [new ArrayBuffer(8), new SharedArrayBuffer(8), new DataView(new ArrayBuffer(8))]),
  ...named('an array', [
    new Uint8ClampedArray(3),
    new BigInt64Array(3),
    new Float32Array(0),
    new Int8Array(2),
  ]),
  'a function': () => () => 1,
  'a detached array': () => detached(new Float32Array(6)),
  'a detached buffer': () => detached(new Uint8Array(6)).buffer,
  'an array that shrank': () => {
    const buffer = new (ArrayBuffer as Any)(64, { maxByteLength: 64 });
    const array = new Float32Array(buffer, 32, 4);
    buffer.resize(16);
    return array;
  },
  'an array with a length of its own': () =>
    Object.defineProperty(new Float32Array(2), 'length', { value: 9 }),
  'a revoked object': () => revoked({}),
  'a revoked function': () => revoked(() => 1),
  'what inherits from a revoked object': () => Object.create(revoked({})),
  'an object without prototype': () => Object.create(null),
  'an object that throws': () =>
    new Proxy({}, { get: raise, has: raise, ownKeys: raise, getPrototypeOf: raise }),
  'an object whose data throw': () =>
    Object.defineProperty({ shape: [1] }, 'data', { get: raise, enumerable: true }),
  'a tensor’s prototype': () => Object.create(Tensor.prototype),
  'data alone': () => ({ data: new Float32Array(2) }),
  'a shape alone': () => ({ shape: [2] }),
  'revoked data': () => ({ data: revoked([]), shape: [2] }),
  'a revoked stride': () => ({ data: new Float32Array(2), shape: [2], stride: revoked([]) }),
  'a stride of a symbol': () => ({ data: new Float32Array(2), shape: [2], stride: [Symbol('s')] }),
  'a stride without end': () => ({ data: new Float32Array(2), shape: [2], stride: lengthy(Symbol('l')) }),
  'a large offset': () => ({ data: new Float32Array(2), shape: [2], offset: 1n << 8_000_000n }),
  'symbols as numbers': () => ({ data: [Symbol('a'), 2], shape: [2] }),
  'a long unknown name': () => ({ ['n'.repeat(1e6)]: 1 }),
  'a name that is a symbol': () => ({ [Symbol('n')]: 1 }),
  ...lists,
  ...Object.fromEntries(
    Object.entries(shapes).map(([name, make]) => [
      `data of shape: ${name}`,
      () => ({ data: new Float32Array(2), shape: make() }),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(lists).map(([name, make]) => [
      `data that are ${name}`,
      () => ({ data: make(), shape: [2] }),
    ]),
  ),
};

/** What takes a while: a tenth of a second, or gigabytes that nobody touches. */
export const slow: Values = {
  'what inherits without end': endlessChain,
  'a list of holes': () => new Array(2 ** 32 - 1),
  'a list that says that it is long': () => lengthy(2 ** 32),
  'data that say that they are many': () => ({ data: lengthy(2 ** 32), shape: [2 ** 16, 2 ** 16] }),
};

const codes = [
  ...['ERR_TYPE', 'ERR_DTYPE', 'ERR_SHAPE', 'ERR_OPTION', 'ERR_LABEL', 'ERR_MEMORY', 'ERR_UNSUPPORTED'],
  ...['ERR_WORKER', 'ERR_DISPOSED'],
];

/** What is wrong with what was thrown; undefined where nothing is. */
export function complaint(error: Any): string | undefined {
  if (error instanceof Sentinel) return undefined;
  if (!(error instanceof Error) || !codes.includes((error as Any).code)) return `no code: ${error?.stack}`;
  const { length } = error.message;
  if (length > 200) return `${length} letters`;
  // where it had to be cut, that is at what was given, which stands last
  const isCut = length === 200 && error.message.endsWith('…');
  return isCut && !/^known \w+ are [^"]*, not "/.test(error.message) ? `cut: ${error.message}` : undefined;
}
