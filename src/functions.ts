import { IN0 } from './abi.ts';
import type { DisposableWhereKnown } from './dispose.ts';
import {
  arrayName,
  constructorOf,
  type DType,
  type FloatArray,
  type HalfDType,
  isDtype,
  isHalf,
  type Shape,
  type TypedArray,
} from './dtypes.ts';
import { expected, fail, isReadable, show, showShape } from './errors.ts';
import type { Greatest } from './helpers/greatest.ts';
import type { Helpers, MathFunctions } from './helpers/helpers.ts';
import type { RowFigures } from './helpers/rowFigures.ts';
import type { Losses } from './losses/registry.ts';
import type { MemoryInfo } from './memory/arena.ts';
import type { HalfArray, HalfFloats, Input, NumberList, TensorOf, TensorWithDims } from './memory/inputs.ts';
import { currentArray, Operand, recheck } from './memory/operand.ts';
import { checkShape, elements } from './memory/shape.ts';
import type { Tensor } from './memory/tensor.ts';
import { halvesOf, operandOf } from './plan/read.ts';
import type { Host } from './plan/step.ts';

/** The losses and helpers of an instance, by name. */
export interface Members extends Losses, Helpers, MathFunctions, RowFigures, Greatest {}

/** What an instance has beside them: the memory that they work on. */
export interface Instance extends DisposableWhereKnown {
  /** 'wasm' or 'js'. */
  readonly backend: 'wasm' | 'js';
  /** 'relaxed' where fused multiply-add is in use. */
  readonly math: 'deterministic' | 'relaxed';
  /** How many threads work on calls, the calling one included: fewer than were asked for where workers die again and again. */
  readonly threads: number;
  /** The state of the instance's memory; every property is read anew. */
  readonly memory: MemoryInfo;

  /** Zeros in the instance's memory; dtype 'f32' unless given. Throws ERR_MEMORY where they don't fit. */
  zeros<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<D>;

  /** A copy of the data, with its dtype unless another is given; 1-D without a shape. */
  tensor<A extends TypedArray | HalfFloats>(data: A, shape?: Shape): TensorOf<A>;
  tensor<D extends DType>(data: Input, shape: Shape | undefined, dtype: D): Tensor<D>;
  /**
   * Lists, nested or not, are copied as f32 unless another dtype is given (in calls they have the dtype of what stands beside
   * them). `F.zeros(shape, dtype)` makes zeros. To f16 and bf16 numbers are rounded once, to the nearest, ties to even.
   */
  tensor(data: NumberList, shape?: Shape): Tensor<'f32'>;
  tensor<D extends HalfDType>(data: HalfArray & { readonly dtype: D }): Tensor<D>;
  tensor<A extends TypedArray | HalfFloats>(data: { readonly data: A; readonly shape: Shape }): TensorOf<A>;
  tensor<D extends DType>(data: Tensor<D>): Tensor<D>;
  tensor<A extends TypedArray>(data: { readonly data: A; readonly dims: Shape }): TensorOf<A>;
  /** What the data are is told when they are read. */
  tensor(data: TensorWithDims): Tensor;

  /**
   * A tensor over bytes that are already in the instance's memory, written by another module or instance. Outside the
   * instance's region they stay their owner's. Within it they are all of one tensor's, whose bytes then live as long as
   * the last tensor over them; or all free, and taken until dispose(); anything else is ERR_OPTION. `byteOffset` must be
   * a multiple of the element size. Throws ERR_SHAPE beyond the memory's end.
   */
  attach<D extends DType = 'f32'>(byteOffset: number, shape: Shape, dtype?: D): Tensor<D>;

  /**
   * Runs fn and frees every tensor and step made meanwhile, except what fn returns: alone, or in arrays, objects, Maps,
   * Sets and steps, however deep. An object has what its own enumerable properties are, at most 2,097,152 objects in all.
   * fn must be synchronous: a promise is ERR_TYPE.
   */
  scope<R>(fn: () => R): R;

  /** Frees everything; every later use throws ERR_DISPOSED. */
  dispose(): void;
}

/** What load() resolves to. */
export interface LossFunctions extends Members, Instance {}

/** What is known of an instance when it is made. */
export type About = Pick<Instance, 'math' | 'threads'>;

/** An instance with these losses and helpers. */
export function createInstance<M extends Partial<Members>>(
  host: Host,
  about: About,
  members: M,
): M & Instance {
  const { arena } = host;
  const functions = {
    backend: host.backend.name,
    math: about.math,
    get threads() {
      return about.threads;
    },
    memory: arena.info,
    ...members,
    zeros: (shape: unknown, dtype: unknown = 'f32'): Tensor => {
      arena.check();
      const sizes = checkShape(shape, 'shape');
      return arena.create(dtypeOption(dtype), sizes, elements(sizes));
    },
    tensor: (first: unknown, second?: unknown, third?: unknown): Tensor =>
      createTensor(host, first, second, third),
    attach: (byteOffset: unknown, shape: unknown, dtype: unknown = 'f32'): Tensor => {
      arena.check();
      const sizes = checkShape(shape, 'shape');
      return arena.attach(dtypeOption(dtype), sizes, elements(sizes), byteOffset as number);
    },
    scope: <R>(fn: () => R): R => {
      if (typeof fn !== 'function' || !isReadable(fn)) expected('ERR_TYPE', 'fn', 'a function', show(fn));
      return arena.scope(fn);
    },
    dispose: (): void => {
      arena.dispose();
      host.backend.dispose();
    },
  };
  if (typeof Symbol.dispose === 'symbol') Object.assign(functions, { [Symbol.dispose]: functions.dispose });
  return Object.freeze(functions) as unknown as M & Instance;
}

function dtypeOption(dtype: unknown): DType {
  return isDtype(dtype)
    ? dtype
    : expected('ERR_DTYPE', 'dtype', Object.keys(constructorOf).join(', '), show(dtype));
}

function createTensor({ arena }: Host, first: unknown, second: unknown, third: unknown): Tensor {
  arena.check();
  if (typeof second === 'string')
    fail(
      'ERR_TYPE',
      `"shape" expected an array of sizes, got ${show(second)}: F.zeros(shape, dtype) makes zeros`,
    );
  if (arrayName(first) === 'BigUint64Array')
    expected('ERR_DTYPE', 'data', 'a BigInt64Array', 'a BigUint64Array');
  const given = operandOf(first, 'data', arena, new Operand(IN0));
  const sizes = second === undefined ? given.shape : checkShape(second, 'shape');
  const length = elements(given.shape);
  if (elements(sizes) !== length) {
    fail('ERR_SHAPE', `"data" has ${length} elements but shape ${showShape(sizes)} has ${elements(sizes)}`);
  }
  const own = given.dtype ?? 'f32';
  const as = dtypeOption(third ?? own);
  if ((as === 'i64') !== (own === 'i64')) expected('ERR_DTYPE', 'dtype', own, as);
  const isConverted = as !== own && (isHalf(own) || isHalf(as));
  const halves = isConverted ? halvesOf(arena, 'dtype', as) : undefined;
  recheck(given, arena);
  arena.check();
  const tensor = arena.create(as, Object.freeze([...sizes]), length);
  const from = currentArray(given, arena);
  if (halves === undefined) (tensor.data as FloatArray).set(from as FloatArray);
  else halves.convert(own, as, from, tensor.data);
  return tensor;
}
