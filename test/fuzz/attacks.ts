// What is done to a legal call to make it a hostile one.
import type { TypedArray } from '../../src/index.ts';
import { Tensor } from '../../src/index.ts';
import { type Block, isWithin } from './blocks.ts';

type Any = any;

/** Thrown by the caller's own getters: it must come through as it is. */
export class Sentinel extends Error {}

/** A call about to be made. */
export interface Stage {
  /** What is passed for each role, to be replaced. */
  readonly given: Record<string, Any>;
  readonly blocks: Record<string, Block>;
  readonly shapes: Record<string, readonly number[]>;
  /** Roles that may be one number. */
  readonly numeric: ReadonlySet<string>;
  options: Any;
  /** Roles that something else was passed for: the block is not what the call reads. */
  readonly replaced: Set<string>;
  /** A second object under the caller's control; what it does is of no concern here. */
  readonly seed: number;
}

/** An attack on one role; true where a call that goes through nevertheless is a bug. False where it does not apply. */
type Attack = (stage: Stage, role: string) => boolean | 'not applicable';

const junk: readonly (() => unknown)[] = [
  () => 3,
  () => null,
  () => 'abc',
  () => Symbol('s'),
  () => 10n,
  () => true,
  () => () => 1,
  () => ({}),
  () => ({ shape: [1] }),
  () => ({ data: 'x', shape: [1] }),
  () => ({ data: { length: 3 }, shape: [3] }),
  () => ({ data: new Float32Array(3), shape: 3 }),
  () => ({ data: new Float32Array(3), shape: { length: 1, 0: 3 } }),
  () => new Date(0),
  () => new DataView(new ArrayBuffer(64)),
  // as a mask it would do, were it not longer than all that is legal
  () => new Uint8ClampedArray(5000),
  () => new ArrayBuffer(8),
  () => ({ data: new ArrayBuffer(8), shape: [2] }),
  () => new Map(),
  () => Object.create(Tensor.prototype),
];
const badShapes: readonly ((shape: readonly number[]) => unknown)[] = [
  (s) => [...s, 2],
  (s) => [...s, 0.5],
  (s) => [-1, ...s],
  (s) => [...s, Number.NaN],
  (s) => [2 ** 53, ...s],
  (s) => [...s.slice(1), '3'],
  () => [...Array(20).fill(2 ** 53 - 1), 0],
  () => [2 ** 32, 2 ** 32],
  () => [undefined],
  () => [[3]],
  () => null,
  () => 'ab',
  () => [2 ** 31, 7],
];
const badOptions: readonly Record<string, unknown>[] = [
  { reducton: 'sum' },
  { reduction: 'avg' },
  { reduction: null },
  { reduction: ['mean'] },
  { wrt: 'weight' },
  { wrt: [] },
  { wrt: 3 },
  { wrt: ['input', 'nothing'] },
  { constructor: 1 },
  { hasOwnProperty: 1 },
  { out: 3 },
  { out: 'input' },
  { out: { grad: 3 } },
  { out: { nothing: 1 } },
  { out: [1, 2, 3] },
  { gradOutput: 'one' },
  { gradOutput: { data: [Symbol('g')], shape: [] } },
  { gradOutput: { data: ['2'], shape: [] } },
  { gradOutput: { data: [1n], shape: [] } },
  { gradOutput: 2n },
  { axis: 99 },
  { axis: 0.5 },
  { ignoreIndex: 2 ** 31 },
  { ignoreIndex: '1' },
  { delta: 0 },
  { delta: -1 },
  { beta: Number.NaN },
  { eps: Number.POSITIVE_INFINITY },
  { eps: -1.5 },
  { epsMode: 'both' },
  { labelSmoothing: 1.1 },
  { fromLogits: 1 },
  { logTarget: 'no' },
  { allIgnored: 0 },
  { compute: 'all' },
  { sampleWeight: 2 },
  { [`reduction${'n'.repeat(1000)}`]: 1 },
  JSON.parse('{"__proto__":3}'),
];
const notOptions: readonly unknown[] = [
  3,
  null,
  'sum',
  [],
  new Float32Array(2),
  () => 1,
  Symbol('o'),
  1n,
  true,
];

const choose = <T>(list: readonly T[], seed: number): T => list[seed % list.length];
const typedOf = (block: Block): TypedArray | undefined => {
  if (block.place.includes('numbers')) return undefined;
  // bytes of nobody, or of somebody else
  if (block.at >= 0 && !isWithin(block, block.kept())) return undefined;
  return ArrayBuffer.isView(block.array) ? block.array : (block.array as Tensor).data;
};
const asObject = ({ blocks, shapes }: Stage, role: string): Any => {
  const { array } = blocks[role];
  const data = Array.isArray(array) || ArrayBuffer.isView(array) ? array : array.data;
  return { data, shape: shapes[role] };
};

export const attacks: Record<string, Attack> = {
  'junk operand': (stage, role) => {
    stage.given[role] = choose(junk, stage.seed)();
    stage.replaced.add(role);
    return !(typeof stage.given[role] === 'number' && stage.numeric.has(role));
  },
  'no operand': (stage, role) => {
    stage.given[role] = undefined;
    stage.replaced.add(role);
    return role === 'input' || role === 'target' || role === 'upstream';
  },
  'bad shape': (stage, role) => {
    stage.given[role] = {
      ...asObject(stage, role),
      shape: choose(badShapes, stage.seed)(stage.shapes[role]),
    };
    const shape = stage.given[role].shape as number[];
    // a shape with a zero in it is right for no element, and a factor may broadcast
    return !(Array.isArray(shape) && shape.every((d) => Number.isSafeInteger(d) && d >= 0));
  },
  'bad strides': (stage, role) => {
    stage.given[role] = { ...asObject(stage, role), stride: stage.shapes[role].map(() => 77) };
    return stage.shapes[role].some((d) => d > 1);
  },
  'an offset': (stage, role) => {
    stage.given[role] = { ...asObject(stage, role), offset: 1 };
    return true;
  },
  'another dtype': (stage, role) => {
    const array = typedOf(stage.blocks[role]);
    // labels and lengths are of another kind altogether
    if (!(array instanceof Float32Array || array instanceof Float64Array) || role === 'target')
      return 'not applicable';
    const Other = array.BYTES_PER_ELEMENT === 8 ? Float32Array : Float64Array;
    stage.given[role] = { data: Other.from(array as ArrayLike<number>), shape: stage.shapes[role] };
    stage.replaced.add(role);
    return false;
  },
  'word among numbers': (stage, role) => {
    const { list } = stage.blocks[role];
    if (list === undefined || list.length === 0) return 'not applicable';
    (list as unknown[])[stage.seed % list.length] = choose(
      // a BigInt is one of a mask's
      ['1', null, undefined, () => 1, Symbol('e'), {}],
      stage.seed,
    );
    return true;
  },
  'disposed tensor': (stage, role) => {
    const { array } = stage.blocks[role];
    if (!(array instanceof Tensor)) return 'not applicable';
    array.dispose();
    return true;
  },
  'detached buffer': (stage, role) => {
    const { place } = stage.blocks[role];
    const array = typedOf(stage.blocks[role]);
    if (array === undefined || array.length === 0 || !detachable.has(place)) return 'not applicable';
    structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
    return !ArrayBuffer.isView(stage.given[role]);
  },
  'shrunk buffer': (stage, role) => {
    const array = typedOf(stage.blocks[role]);
    if (array === undefined || array.length === 0 || !stage.blocks[role].place.includes('resizable'))
      return 'not applicable';
    (array.buffer as Any).resize(array.byteOffset);
    // a bare array is as long as it says
    return !ArrayBuffer.isView(stage.given[role]);
  },
  'proxy of a tensor': (stage, role) => {
    const { array } = stage.blocks[role];
    if (!(array instanceof Tensor)) return 'not applicable';
    stage.given[role] = new Proxy(array, {});
    return false;
  },
  'proxy of an array': (stage, role) => {
    const array = typedOf(stage.blocks[role]);
    if (array === undefined) return 'not applicable';
    stage.given[role] = { data: new Proxy(array, {}), shape: stage.shapes[role] };
    return false;
  },
  'proxy that says it is a tensor': (stage, role) => {
    const { array } = stage.blocks[role];
    if (!(array instanceof Tensor)) return 'not applicable';
    const fake: Any = {
      arena: (array as Any).arena,
      dtype: array.dtype,
      shape: array.shape,
      length: array.length,
    };
    Object.assign(fake, { byteOffset: 2 ** 30, data: array.data, disposed: false, owned: true });
    stage.given[role] = new Proxy(fake, { getPrototypeOf: () => Tensor.prototype });
    return false;
  },
  'revoked proxy': (stage, role) => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    stage.given[role] = proxy;
    stage.replaced.add(role);
    return true;
  },
  'own length': (stage, role) => {
    const array = typedOf(stage.blocks[role]);
    if (array === undefined) return 'not applicable';
    own(array, 'length', choose([0, 3, 1e6], stage.seed));
    const shape = stage.shapes[role];
    stage.given[role] = shape.length === 1 ? array : { data: array, shape };
    return false;
  },
  'own place': (stage, role) => {
    const array = typedOf(stage.blocks[role]);
    if (array === undefined) return 'not applicable';
    own(array, 'byteOffset', choose([0, 64, 2 ** 30], stage.seed));
    own(array, 'byteLength', choose([0, 3, 2 ** 30], stage.seed >> 3));
    stage.given[role] = { data: array, shape: stage.shapes[role] };
    return false;
  },
  'own buffer': (stage, role) => {
    const array = typedOf(stage.blocks[role]);
    if (array === undefined) return 'not applicable';
    const tensor = Object.values(stage.blocks).find((b) => b.tensor !== undefined)?.tensor;
    own(array, 'buffer', tensor?.data.buffer ?? new ArrayBuffer(8));
    stage.given[role] = { data: array, shape: stage.shapes[role] };
    return false;
  },
  'prototype of another type': (stage, role) => {
    const array = typedOf(stage.blocks[role]);
    if (array === undefined) return 'not applicable';
    Object.setPrototypeOf(
      array,
      choose([Int32Array, Float64Array, BigInt64Array, Array], stage.seed).prototype,
    );
    stage.given[role] = { data: array, shape: stage.shapes[role] };
    return false;
  },
  'rewritten tensor': (stage, role) => {
    const { array } = stage.blocks[role];
    if (!(array instanceof Tensor)) return 'not applicable';
    Reflect.set(array, 'byteOffset', choose([2 ** 30, 0, 1], stage.seed));
    Reflect.set(array, 'length', choose([1e6, array.length], stage.seed >> 3));
    return false;
  },
  'bad option': (stage) => {
    stage.options = { ...stage.options, ...choose(badOptions, stage.seed) };
    return true;
  },
  'unknown option': (stage) => {
    stage.options = { ...stage.options, [`x${stage.seed}`]: undefined };
    return true;
  },
  'no options': (stage) => {
    stage.options = choose(notOptions, stage.seed);
    return true;
  },
  'proxy of the options': (stage) => {
    stage.options = new Proxy(stage.options, {});
    return false;
  },
  'frozen options without prototype': (stage) => {
    stage.options = Object.freeze(Object.assign(Object.create(null), stage.options));
    return false;
  },
};

/** Factors that may be one number, with every loss. */
export const NUMERIC = new Set(['weight', 'posWeight', 'gradOutput', 'logitScale']);
const detachable = new Set(['plain', 'fixed in a resizable', 'resizable', 'subclass', 'realm']);

const own = (array: TypedArray, name: string, value: unknown): void => {
  Object.defineProperty(array, name, { value, configurable: true });
};
