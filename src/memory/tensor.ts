import type { DisposableWhereKnown } from '../dispose.ts';
import { type ArrayOf, type DType, isFloat, isHalf, type Shape, view } from '../dtypes.ts';
import { fail, showShape } from '../errors.ts';
import { bare } from '../given.ts';
import type { Halves } from '../half.ts';

/** What a tensor belongs to. */
export interface Owner {
  /** The linear memory's buffer; undefined where each tensor has its own. */
  readonly buffer: ArrayBufferLike | undefined;
  readonly halves: Halves | undefined;
  /** Called by dispose(). */
  release(tensor: Tensor): void;
}

/**
 * A dense tensor in the memory of one instance: kernels read and write it in place. Made by `F.tensor`, `F.attach`
 * or as the result of a call on Tensors; lives until `dispose()`, the end of its `F.scope` or `F.dispose()`.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: what the interface adds is set below
export class Tensor<D extends DType = DType> {
  readonly dtype: D;
  /** Elements. */
  readonly length: number;
  /** Address in the instance's memory; 0 on the JS backend, where each tensor has its own buffer. */
  readonly byteOffset: number;
  /** @internal */
  readonly arena: Owner;
  /** @internal The block of the arena that its bytes are in; 0 where they are somebody else's, or in no linear memory. */
  readonly block: number;
  // as consoles of browsers list them, which show five
  readonly #shape: Shape;
  #data: ArrayOf[D];
  #disposed = false;
  #frozen: Shape | undefined = undefined;

  /** @internal `sizes` stays the tensor's: nobody may change it. */
  constructor(
    arena: Owner,
    dtype: D,
    sizes: Shape,
    length: number,
    buffer: ArrayBufferLike,
    at: number,
    block: number,
  ) {
    this.arena = arena;
    this.dtype = dtype;
    this.#shape = sizes;
    this.length = length;
    this.byteOffset = at;
    this.block = block;
    this.#data = view(dtype, buffer, at, length);
    Object.freeze(this);
  }

  /** @internal Whether a value is a tensor: not a proxy of one, nor an object with its prototype. */
  static is(value: unknown): value is Tensor {
    try {
      // V8 takes 30 ns to find that a private name is not there
      return value instanceof Tensor && #disposed in value;
    } catch {
      return false; // a revoked proxy
    }
  }

  static #check(tensor: Tensor): void {
    if (!Tensor.is(tensor))
      fail('ERR_TYPE', 'this is no tensor, but a proxy of one or something with its prototype');
  }

  /**
   * The elements, as a view of the memory itself. Growing memory detaches views: read this property again rather
   * than keeping the view across calls that may allocate. Throws ERR_DISPOSED after dispose(), when a view that was
   * kept is no operand any more either. Of f16 and bf16 these are the bits.
   */
  get data(): ArrayOf[D] {
    Tensor.#check(this);
    if (this.#disposed) fail('ERR_DISPOSED', 'this tensor was disposed');
    return Tensor.elements(this);
  }

  /** @internal `data` of what is known to be a tensor that was not disposed. */
  static elements<D extends DType>(tensor: Tensor<D>): ArrayOf[D] {
    const data = tensor.#data;
    const { length } = tensor;
    // a detached view has length 0
    if (data.length === length && length > 0) return data;
    const buffer = (tensor.arena.buffer ?? data.buffer) as ArrayBuffer;
    try {
      tensor.#data = view(tensor.dtype, buffer, tensor.byteOffset, length);
    } catch (cause) {
      fail('ERR_SHAPE', 'the buffer of this tensor was transferred', cause);
    }
    return tensor.#data;
  }

  get shape(): Shape {
    Tensor.#check(this);
    this.#frozen ??= Object.freeze([...this.#shape]);
    return this.#frozen;
  }

  /** @internal `shape`, not frozen: V8's optimised code calls out to read an element of a frozen array. */
  static sizes(tensor: Tensor): Shape {
    return tensor.#shape;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Its dtype, shape and first numbers, as consoles show it: `Tensor f32 [4, 3]: 2, 1, 0.1, 0, 3, 0.5, …`. Never throws. */
  toString(): string {
    if (!Tensor.is(this)) return 'Tensor';
    const head = `Tensor ${this.dtype} ${showShape(this.#shape, 100)}`;
    if (this.#disposed) return `${head}, disposed`;
    const { dtype } = this;
    try {
      const { halves } = this.arena;
      const numbers = Array.from(Tensor.elements(this).subarray(0, 6) as Iterable<unknown>, (x) => {
        const number = isHalf(dtype) ? halves?.numberOf(dtype, x as number) : x;
        return String(isFloat(dtype) ? +Number(number).toPrecision(6) : number);
      });
      return `${head}: ${numbers.join(', ')}${this.length > 6 ? ', …' : ''}`;
    } catch {
      return `${head}, its buffer was transferred`;
    }
  }

  /** Gives the memory back. Doing it twice is harmless. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.arena.release(this);
  }
}

/** `using` frees the tensor at the end of its block. */
// biome-ignore lint/correctness/noUnusedVariables: declarations of one name have the same parameters
export interface Tensor<D extends DType = DType> extends DisposableWhereKnown {}

// what consoles ask for: browsers, Node and Bun, Deno; toString takes nothing of what they hand over
Object.defineProperty(Tensor.prototype, Symbol.toStringTag, bare({ value: 'Tensor' }));
for (const name of ['nodejs.util.inspect.custom', 'Deno.customInspect']) {
  Object.defineProperty(Tensor.prototype, Symbol.for(name), bare({ value: Tensor.prototype.toString }));
}

// `using` needs the symbol; engines without it (Node 20 has it, WebKit not yet) just lack the syntax
if (typeof Symbol.dispose === 'symbol') {
  Object.defineProperty(
    Tensor.prototype,
    Symbol.dispose,
    bare({
      value(this: Tensor): void {
        this.dispose();
      },
      writable: true,
      configurable: true,
    }),
  );
}
