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
/** Further ones, in the instance's memory: by F.attach over free bytes, and an array that begins in a tensor and ends elsewhere. */
export const memoryPlaces = ['free', 'free view', 'straddling'] as const;
export type Place = (typeof places)[number] | (typeof memoryPlaces)[number];
/** Addresses [from, to). */
export type Span = readonly [number, number];

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
  /** Where the elements are in the instance's region; −1 where they are not in it. */
  readonly at: number;
  /** What of the region its tensors keep. */
  kept(): readonly Span[];
  /** Disposes of the tensor that the bytes came with, where another one is over them. */
  orphan(): void;
  /** Disposes of all of its tensors. */
  free(): void;
}

const memory: readonly Place[] = memoryPlaces;

export interface World {
  readonly F: LossFunctions;
  /** Another instance, whose tensors are ordinary arrays here. */
  readonly G: LossFunctions;
  /** Where the tail begins: bytes at the end of the memory that are not the instance's. */
  readonly tail: number;
  /** The memory's buffer as it was before the memory grew, where the bytes of the region are still there. */
  readonly old?: ArrayBufferLike;
}

const LINE = 64;
const line = (n: number): number => Math.ceil(n / LINE) * LINE;

/** Whether all of its elements are among these bytes of the region. */
export function isWithin({ at, held }: Block, spans: readonly Span[]): boolean {
  const end = at + (held()?.byteLength ?? 0);
  return end === at || spans.some(([from, to]) => from <= at && end <= to);
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
  const base = {
    ...{ place, tensor: undefined, list: undefined, from: 0, to: 0, at: -1 },
    ...{ kept: () => [], orphan: () => {} },
  };
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
    (!linear && (memory.includes(place) || ['attached', 'view', 'end'].includes(place)))
  ) {
    const from = place === 'other tensor' ? G : F;
    const tensor = from.zeros(shape, dtype);
    const { data, byteOffset } = tensor;
    (data as Any).set(toDtype(values, dtype));
    // taken down now: a tensor under attack may lie about its place
    const { buffer } = data;
    const now = () => (from.memory.buffer === undefined ? buffer : from.memory.buffer);
    const gone = () => tensor.disposed;
    const own = from === F && linear;
    return {
      ...base,
      at: own ? byteOffset : -1,
      kept: () => (own && !gone() ? [[byteOffset, byteOffset + Math.max(line(length), LINE)]] : []),
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
  if (memory.includes(place) || place === 'attached' || place === 'view' || place === 'end') {
    const now = (): ArrayBufferLike => F.memory.buffer!;
    const end = now().byteLength;
    let at = end - length;
    let owner: Tensor | undefined;
    let canary = CANARY;
    if (memory.includes(place)) {
      // where a tensor with room for all of it would be; no hole before it, or a memory to be filled would grow
      const room = F.zeros([2 * LINE + length], 'u8');
      at = room.byteOffset + ((shift * size) % LINE);
      room.dispose();
      canary = 0;
      if (place === 'straddling') {
        owner = F.attach(at - (at % LINE), [LINE], 'u8');
        at = owner.byteOffset + LINE - size;
      }
    } else if (place !== 'end' || at % size !== 0 || at - CANARY < world.tail) {
      owner = F.zeros([2 * CANARY + shift * size + length], 'u8');
      at = owner.byteOffset + CANARY + shift * size;
    }
    const first = at - canary;
    const all = canary + length + (owner ? canary : 0);
    const bytes = (): Uint8Array => new Uint8Array(now(), first, all);
    if (canary > 0) bytes().fill(FILL);
    const tensor = place === 'straddling' ? undefined : F.attach(at, shape, dtype);
    const view = () => new constructors[dtype](now(), at, values.length);
    view().set(toDtype(values, dtype));
    const isView = place.endsWith('view') || tensor === undefined;
    const own = owner !== undefined || canary === 0;
    const alive = () => tensor?.disposed === false || owner?.disposed === false;
    const span = owner ?? { byteOffset: at, length };
    const kept: Span = [span.byteOffset - (span.byteOffset % LINE), line(span.byteOffset + span.length)];
    const buffer = world.old !== undefined && shift % 2 === 1 ? world.old : now();
    return {
      ...base,
      array: isView ? new constructors[dtype](buffer, at, values.length) : tensor!,
      tensor: isView ? undefined : tensor,
      bytes: () => (own && !alive() ? undefined : bytes()),
      current: view,
      held: view,
      from: canary,
      to: canary + length,
      at: own ? at : -1,
      kept: () => {
        return own && alive() && (owner !== undefined || length > 0) ? [kept] : [];
      },
      orphan: () => {
        if (tensor !== undefined && length > 0) owner?.dispose();
      },
      free: () => {
        tensor?.dispose();
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
