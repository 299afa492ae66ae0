// An instance whose f32 operands become numbers of 16 bits on the way, and one whose f32 operands are rounded to them: what the first
// says is what the second says.
import { bitsOf, numberOf } from '../../src/half.ts';
import { Tensor } from '../../src/index.ts';
import { integer, random } from '../random.ts';

type Any = any;
export type Kind = 'f32' | 'f16' | 'bf16';

const Floats16: Any = (globalThis as Any).Float16Array;

const rounded = (kind: Kind, data: Float32Array): Float32Array =>
  kind === 'f32' ? data : data.map((x) => numberOf(kind, bitsOf(kind, x)));
const bits = (kind: 'f16' | 'bf16', data: Float32Array): Uint16Array =>
  Uint16Array.from(data, (x) => bitsOf(kind, x));

/** Whether it is an object of several results or outputs. */
const isMany = (x: Any): boolean =>
  typeof x === 'object' &&
  x !== null &&
  !Tensor.is(x) &&
  !ArrayBuffer.isView(x) &&
  !Array.isArray(x) &&
  x.data === undefined;

/** A function with other properties than its own, which are frozen in what an instance has. */
const instead = (run: Any, get: (name: string) => unknown): Any =>
  new Proxy(() => {}, { apply: (_, __, args) => run(...args), get: (_, name) => get(name as string) });

/** `seed`: which operands become what. */
export function through(F: Any, isHalf: boolean, seed: number, always?: Kind): Any {
  const r = random(seed);
  const kinds = new WeakMap<object, Kind>();
  const known = new Map<unknown, unknown>();
  const draw = (): Kind => always ?? (['f32', 'f16', 'bf16'] as const)[integer(r, 3)];

  const note = <T extends object>(x: T, kind: Kind): T => {
    kinds.set(x, kind);
    return x;
  };
  const make = (data: Float32Array, shape: readonly number[], isBare: boolean): object => {
    const kind = draw();
    const form = integer(r, 3);
    if (!isHalf || kind === 'f32') {
      const own = rounded(kind, data);
      return note(isBare ? own : { data: own, shape }, kind);
    }
    const data16 = bits(kind, data);
    if (kind === 'f16' && form === 0 && Floats16 !== undefined) {
      const floats = new Floats16(data16.buffer);
      return note(isBare ? floats : { data: floats, shape }, kind);
    }
    if (form === 1) return note({ data: data16, dims: shape, type: kind.replace('f', 'float') }, kind);
    return note({ data: data16, shape, dtype: kind }, kind);
  };
  const operand = (x: Any): unknown => {
    if (known.has(x)) return known.get(x);
    const isBare = x instanceof Float32Array;
    if (!isBare && !(x?.data instanceof Float32Array && !Tensor.is(x))) return x;
    const made = make(isBare ? x : x.data, isBare ? [x.length] : x.shape, isBare);
    known.set(x, made);
    return made;
  };
  const each = (x: Any, of: (x: Any) => unknown): unknown =>
    isMany(x) ? Object.fromEntries(Object.entries(x).map(([name, y]) => [name, each(y, of)])) : of(x);

  /** A result's numbers; f32 ones that stand for others are rounded. */
  const result = (x: Any): unknown => {
    if (typeof x !== 'object' || x === null) return x;
    const kind = kinds.get(x) ?? 'f32';
    const data = x.data ?? x;
    const shape = x.shape ?? x.dims ?? [data.length];
    if (!(data instanceof Float32Array)) {
      const own = new Uint16Array(data.buffer, data.byteOffset, data.length);
      return { data: Float32Array.from(own, (b) => numberOf(kind as 'f16', b)), shape };
    }
    return { data: rounded(kind, data), shape };
  };
  const call =
    (of: Any) =>
    (...args: unknown[]) =>
      each(of(...args.map((x) => each(x, operand))), result);
  const step = (run: Any): Any =>
    instead(
      () => each(run(), result),
      (name) => (name === 'grad' || name === 'hess' ? each(run[name], result) : run[name]),
    );
  const own: Any = {
    tensor: (data: Any, shape: Any, ...rest: unknown[]) => {
      if (!(data instanceof Float32Array)) return F.tensor(data, shape, ...rest);
      const kind = draw();
      return note(isHalf ? F.tensor(data, shape, kind) : F.tensor(rounded(kind, data), shape), kind);
    },
  };
  const loss = (of: Any): Any =>
    instead(call(of), (name) => {
      if (typeof of[name] !== 'function') return of[name];
      if (name !== 'prepare') return call(of[name]);
      return (...args: unknown[]) => step(of.prepare(...args.map((x) => each(x, operand))));
    });
  const plain = ['scope', 'dispose', 'zeros', 'attach'];
  // an object of its own: an instance's properties can't be others
  return new Proxy({} as Any, {
    get: (_, name) =>
      own[name] ??
      (plain.includes(name as string) || typeof F[name] !== 'function' ? F[name] : loss(F[name])),
  });
}
