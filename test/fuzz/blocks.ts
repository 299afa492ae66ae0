// Arrays with canaries around them, wherever a caller may keep his numbers.
import { createContext, runInContext } from 'node:vm';
import { constructorOf } from '../../src/dtypes.ts';
import type { DType, LossFunctions, Tensor, TypedArray } from '../../src/index.ts';

type Any = any;

export const CANARY = 64;
const FILL = 0xa5;
const realm = createContext({});
const constructors: Record<DType, Any> = constructorOf;

/** Where an array lies. The first four are in the instance's own memory, `end` flush with the memory's end. */
export const places = [
  'tensor',
  'attached',
  'view',
  'end',
  'plain',
  'shared',
  'fixed in a resizable',
  'resizable',
  'subclass',
  'realm',
  'other tensor',
  'numbers',
  'proxied numbers',
] as const;
export type Place = (typeof places)[number];

/** Someone's array: what is passed, and the bytes that must not change unasked. */
export interface Block {
  readonly place: Place;
  /** A Tensor, a typed array or a list of numbers. */
  readonly array: Tensor | TypedArray | number[];
  /** The array with its canaries as it is now; undefined where there are none or the array is gone. */
  bytes(): Uint8Array | undefined;
  /** Where the elements are among the bytes. */
  readonly from: number;
  readonly to: number;
  readonly tensor: Tensor | undefined;
  /** The elements as they are now, where growth may have detached the array that was passed. */
  current(): TypedArray | undefined;
  /** What is in the bytes now, even those of a tensor that was disposed; undefined where they are gone. */
  held(): TypedArray | undefined;
  /** The list behind 'numbers'. */
  readonly list: number[] | undefined;
  free(): void;
}

export interface World {
  readonly F: LossFunctions;
  /** Another instance, whose tensors are ordinary arrays here. */
  readonly G: LossFunctions;
  /** Where the tail begins: bytes at the end of the memory that are not the instance's. */
  readonly tail: number;
}

const toDtype = (values: readonly number[], dtype: DType): Any =>
  dtype === 'i64' ? values.map((v) => BigInt(v)) : values;

function overBuffer(
  place: Place,
  dtype: DType,
  values: readonly number[],
  shift: number,
): { array: TypedArray; buffer: ArrayBufferLike; from: number } {
  const size = constructors[dtype].BYTES_PER_ELEMENT;
  const from = CANARY + shift * size;
  const bytes = from + values.length * size;
  let make = constructors[dtype];
  let buffer: ArrayBufferLike = new ArrayBuffer(bytes + CANARY);
  if (place === 'shared') buffer = new SharedArrayBuffer(bytes + CANARY);
  if (place === 'fixed in a resizable')
    buffer = new (ArrayBuffer as Any)(bytes + CANARY, { maxByteLength: bytes + 4096 });
  if (place === 'resizable') buffer = new (ArrayBuffer as Any)(bytes, { maxByteLength: bytes + 4096 });
  if (place === 'subclass') make = class Sub extends make {};
  if (place === 'realm') {
    make = runInContext(make.name, realm);
    buffer = new (runInContext('ArrayBuffer', realm))(bytes + CANARY) as ArrayBuffer;
  }
  new Uint8Array(buffer).fill(FILL);
  const array = place === 'resizable' ? new make(buffer, from) : new make(buffer, from, values.length);
  array.set(toDtype(values, dtype));
  return { array, buffer, from };
}

/** Keeps the values at a place; `shift` elements away from the usual alignment. */
export function put(
  world: World,
  place: Place,
  dtype: DType,
  shape: readonly number[],
  values: readonly number[],
  shift: number,
): Block {
  const { F, G } = world;
  const size = constructors[dtype].BYTES_PER_ELEMENT;
  const length = values.length * size;
  const linear = F.memory.buffer !== undefined;
  const base = { place, tensor: undefined, list: undefined, from: 0, to: 0 };
  const none = () => undefined;
  if (place === 'numbers' || place === 'proxied numbers') {
    const list = [...values];
    return {
      ...base,
      bytes: none,
      current: none,
      held: none,
      list,
      array: place === 'numbers' ? list : new Proxy(list, {}),
      free: () => {},
    };
  }
  if (
    place === 'other tensor' ||
    place === 'tensor' ||
    (!linear && ['attached', 'view', 'end'].includes(place))
  ) {
    const from = place === 'other tensor' ? G : F;
    const tensor = from.tensor(shape, dtype);
    const { data, byteOffset } = tensor;
    (data as Any).set(toDtype(values, dtype));
    // taken down now: a tensor under attack may lie about its place
    const own = data.buffer;
    const now = () => (from.memory.buffer === undefined ? own : from.memory.buffer);
    const gone = () => tensor.disposed;
    return {
      ...base,
      array: tensor,
      tensor: place === 'other tensor' ? undefined : tensor,
      bytes: () => (gone() ? undefined : new Uint8Array(now(), byteOffset, length)),
      current: () => (gone() ? undefined : new constructors[dtype](now(), byteOffset, values.length)),
      held: () => new constructors[dtype](now(), byteOffset, values.length),
      to: length,
      free: () => {
        Reflect.set(tensor, 'byteOffset', byteOffset);
        Reflect.set(tensor, 'length', values.length);
        tensor.dispose();
      },
    };
  }
  if (place === 'attached' || place === 'view' || place === 'end') {
    const memory = (): ArrayBufferLike => F.memory.buffer!;
    const end = memory().byteLength;
    let at = end - length;
    let owner: Tensor | undefined;
    if (place !== 'end' || at % size !== 0 || at - CANARY < world.tail) {
      owner = F.tensor([2 * CANARY + shift * size + length], 'u8');
      at = owner.byteOffset + CANARY + shift * size;
    }
    const first = at - CANARY;
    const all = CANARY + length + (owner ? CANARY : 0);
    const bytes = (): Uint8Array => new Uint8Array(memory(), first, all);
    bytes().fill(FILL);
    const tensor = F.attach(at, shape, dtype);
    (tensor.data as Any).set(toDtype(values, dtype));
    return {
      ...base,
      array: place === 'view' ? tensor.data : tensor,
      tensor: place === 'view' ? undefined : tensor,
      bytes,
      current: () => new constructors[dtype](memory(), at, values.length),
      held: () => new constructors[dtype](memory(), at, values.length),
      from: CANARY,
      to: CANARY + length,
      free: () => {
        tensor.dispose();
        owner?.dispose();
      },
    };
  }
  const { array, buffer, from } = overBuffer(place, dtype, values, shift);
  return {
    ...base,
    array,
    bytes: () => (buffer.byteLength === 0 ? undefined : new Uint8Array(buffer)),
    current: () => array,
    held: () =>
      buffer.byteLength < from + length
        ? undefined
        : new constructors[dtype](buffer as ArrayBuffer, from, values.length),
    from,
    to: from + length,
    free: () => {},
  };
}
