import { expected, fail, isList, show } from '../errors.ts';
import type { MemoryInfo } from '../memory/arena.ts';
import { constructorOf, isDtype } from '../memory/dtype.ts';
import type { Tensor } from '../memory/tensor.ts';
import type { DType, FloatArray, NDArray, Shape, TensorOf, TypedArray } from '../types.ts';
import { createLoss, familyOf, type Host } from './callable.ts';
import { createHelpers, type Helpers, type MathFunctions } from './helpers.ts';
import { checkShape, currentArray, elements, operandOf, recheck } from './operands.ts';
import { descriptors, type Losses, registry } from './registry.ts';

/** What load() resolves to: the losses, the helpers and the memory that they work on. */
export interface LossFunctions extends Losses, Helpers, MathFunctions {
  /** 'wasm' or 'js'. */
  readonly backend: 'wasm' | 'js';
  /** 'relaxed' where fused multiply-add is in use. */
  readonly math: 'deterministic' | 'relaxed';
  /** How many threads work on calls, the calling one included: fewer than were asked for where workers die again and again. */
  readonly threads: number;
  /** The state of the instance's memory; every property is read anew. */
  readonly memory: MemoryInfo;

  /** Zeros in the instance's memory; dtype 'f32' unless given. Throws ERR_MEMORY where they don't fit. */
  tensor<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<D>;
  tensor<D extends DType = 'f32'>(shape: Shape, unused: undefined, dtype?: D): Tensor<D>;
  /** A copy of the data, with its dtype unless another is given; 1-D without a shape. */
  tensor<A extends TypedArray>(data: A, shape?: Shape): TensorOf<A>;
  tensor<D extends DType>(
    data: TypedArray | readonly number[],
    shape: Shape | undefined,
    dtype: D,
  ): Tensor<D>;
  tensor(data: readonly number[], shape: Shape): Tensor<'f32'>;
  tensor<A extends TypedArray>(data: NDArray<A>): TensorOf<A>;
  tensor<D extends DType>(data: Tensor<D>): Tensor<D>;

  /**
   * A tensor over bytes that are already in the instance's memory, written by another module or instance. dispose() does
   * not free them. `byteOffset` must be a multiple of the element size. Throws ERR_SHAPE beyond the memory's end.
   */
  attach<D extends DType = 'f32'>(byteOffset: number, shape: Shape, dtype?: D): Tensor<D>;

  /**
   * Runs fn and frees every tensor and step made meanwhile, except what fn returns (alone, or in arrays and objects).
   * fn must be synchronous: a promise is ERR_TYPE.
   */
  scope<R>(fn: () => R): R;

  /** Frees everything; every later use throws ERR_DISPOSED. */
  dispose(): void;
}

export function createFunctions(host: Host, about: Pick<LossFunctions, 'math' | 'threads'>): LossFunctions {
  const { arena } = host;
  const family = familyOf(descriptors);
  const losses = Object.fromEntries(
    Object.entries(registry).map(([name, descriptor]) => [
      name,
      createLoss(descriptor as never, family, host),
    ]),
  ) as unknown as Losses;
  const functions = {
    backend: host.backend.name,
    math: about.math,
    get threads() {
      return about.threads;
    },
    memory: arena.info,
    ...losses,
    ...createHelpers(host),
    tensor: (first: unknown, second?: unknown, third?: unknown): Tensor =>
      createTensor(host, first, second, third),
    attach: (byteOffset: unknown, shape: unknown, dtype: unknown = 'f32'): Tensor => {
      arena.check();
      const sizes = checkShape(shape, 'shape');
      return arena.attach(dtypeOption(dtype), sizes, elements(sizes), byteOffset as number);
    },
    scope: <R>(fn: () => R): R => {
      if (typeof fn !== 'function') expected('ERR_TYPE', 'fn', 'a function', show(fn));
      return arena.scope(fn);
    },
    dispose: (): void => {
      arena.dispose();
      host.backend.dispose();
    },
  };
  if (typeof Symbol.dispose === 'symbol') Object.assign(functions, { [Symbol.dispose]: functions.dispose });
  return Object.freeze(functions) as unknown as LossFunctions;
}

function dtypeOption(dtype: unknown): DType {
  return isDtype(dtype)
    ? dtype
    : expected('ERR_DTYPE', 'dtype', Object.keys(constructorOf).join(', '), show(dtype));
}

function createTensor({ arena }: Host, first: unknown, second: unknown, third: unknown): Tensor {
  arena.check();
  // tensor(shape, dtype) as well as tensor(shape, undefined, dtype)
  const [shape, dtype] =
    typeof second === 'string' && third === undefined ? [undefined, second] : [second, third];
  if (isList(first) && shape === undefined) {
    const sizes = checkShape(first, 'shape');
    return arena.create(dtypeOption(dtype ?? 'f32'), sizes, elements(sizes));
  }
  const given = operandOf(first, 'data', arena);
  const sizes = shape === undefined ? given.shape : checkShape(shape, 'shape');
  const length = elements(given.shape);
  if (elements(sizes) !== length) {
    fail('ERR_SHAPE', `"data" has ${length} elements but shape [${sizes.join(', ')}] has ${elements(sizes)}`);
  }
  const own = given.dtype ?? 'f32';
  const as = dtypeOption(dtype ?? own);
  if ((as === 'i64') !== (own === 'i64')) expected('ERR_DTYPE', 'dtype', own, as);
  recheck(given);
  arena.check();
  const tensor = arena.create(as, Object.freeze([...sizes]), length);
  (tensor.data as FloatArray).set(currentArray(given, arena) as FloatArray);
  return tensor;
}
