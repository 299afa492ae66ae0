import { GRAD0, HESS, IN0, VALUE } from '../abi.ts';
import { KernelCall } from '../call.ts';
import type { DType, FloatDType, Shape } from '../dtypes.ts';
import type { Choice, FamilyOptions, Fitting } from '../families/family.ts';
import { Layout } from '../families/layout.ts';
import type { Descriptor, HessianKind } from '../losses/descriptor.ts';
import { Operand, overlap } from '../memory/operand.ts';
import { sameShape } from '../memory/shape.ts';
import { type OptionSet, Options } from '../options/read.ts';
import type { OperandSpec } from '../options/specs.ts';
import type { Dispatch } from './dispatch.ts';
import { discard } from './results.ts';
import { type Compute, onlyOf, Wanted } from './wanted.ts';

/** The options that every call looks at; each loss adds its own. */
export interface CallOptions extends FamilyOptions {
  readonly [name: string]: unknown;
  readonly gradOutput?: unknown;
  readonly allIgnored?: 'nan' | 'zero';
  readonly hessian?: HessianKind;
  readonly hessianScale?: number;
  readonly minHessian?: number;
}

/** An operand that is an option, and where it is looked up. */
export interface Extra {
  readonly name: string;
  readonly spec: OperandSpec;
  readonly operand: Operand;
}

/** What an input was when its call was checked last. */
interface Before {
  shape: Shape;
  dtype: DType | undefined;
}

/**
 * A call, looked at and checked: what goes to a backend, and what will be returned. Everything that a call needs is here, so that one
 * record can serve call after call without garbage.
 */
export class Plan implements Fitting {
  readonly descriptor: Descriptor;
  readonly call = new KernelCall();
  readonly options: Options<CallOptions>;
  readonly inputs: readonly Operand[];
  /** The first of them. */
  readonly first: readonly Operand[];
  /** What may have a gradient: the inputs, then options. */
  readonly sources: readonly Operand[];
  readonly extras: readonly Extra[];
  /** Everything that may be read: the inputs, then the extras. */
  readonly #all: readonly Operand[];
  readonly layout = new Layout();
  readonly wanted: Wanted;
  /** Where the 'none' value goes; not given for a number. */
  readonly value = new Operand(VALUE);
  /** By source. */
  readonly grads: readonly Operand[];
  readonly hess = new Operand(HESS);
  /** The results of the present call: the first `resultCount`. */
  readonly results: Operand[] = [];
  resultCount = 0;
  /** Whether a call is under way with this record. */
  busy = false;

  // what is found out on the way
  /** Of the 'none' result. */
  terms: Shape = [];
  choice!: Choice;
  readonly #dispatch: Dispatch;
  readonly #options: OptionSet;
  /** What `call` was checked for last, whose numbers it still has. */
  readonly #before: readonly Before[];
  /** What the last call computed, if it is kept: it was one on tensors alone, which the instance has anyway. */
  #kept: Compute | undefined = undefined;

  constructor(descriptor: Descriptor, options: OptionSet, dispatch: Dispatch) {
    this.descriptor = descriptor;
    this.call.name = descriptor.name;
    this.options = new Options(options);
    this.#options = options;
    this.#dispatch = dispatch;
    const { inputs } = descriptor;
    this.inputs = inputs.map(({ slot }, i) => new Operand(slot ?? IN0 + i));
    let own = IN0 + inputs.length;
    this.extras = options.operands.map(({ name, spec }) => ({
      name,
      spec,
      operand: new Operand(spec.slot === 'own' ? own++ : spec.slot),
    }));
    this.#all = [...this.inputs, ...this.extras.map(({ operand }) => operand)];
    this.first = this.inputs.slice(0, 1);
    const more = this.extras.filter(({ spec }) => spec.gradient);
    this.sources = [...this.inputs, ...more.map(({ operand }) => operand)];
    this.wanted = new Wanted([...inputs, ...more.map(({ name }) => ({ name, gradient: true }))]);
    this.grads = this.sources.map(({ slot }) => new Operand(GRAD0 + slot - IN0));
    this.#before = inputs.map(() => ({ shape: [], dtype: undefined }));
  }

  /** For a call during a call. */
  another(): Plan {
    return new Plan(this.descriptor, this.#options, this.#dispatch);
  }

  /** Whether the inputs are all that the call reads: most do, and need not look at the others again and again. */
  get isPlain(): boolean {
    return this.options.operands === 0;
  }

  /** Everything that the call reads, and perhaps operands that are not given. */
  get reads(): readonly Operand[] {
    return this.isPlain ? this.inputs : this.#all;
  }

  choose(dtype: FloatDType, classes: number): Choice {
    this.choice = this.#dispatch.choose(this.options.values, dtype, classes);
    return this.choice;
  }

  /** The gradient that is returned: one, or an object by input names. */
  get gradient(): unknown {
    const { grads } = this;
    if (!this.wanted.named) {
      for (let i = 0; i < grads.length; i++) if (grads[i].given) return grads[i].source;
      return undefined;
    }
    // defined one by one: an assignment would ask Object.prototype
    return Object.fromEntries(
      this.wanted.names.flatMap((name, i) => (grads[i].given ? [[name, grads[i].source]] : [])),
    );
  }

  /** Whether options, shapes and dtypes are those of the last call that was checked: they need not be once more. */
  get isAsBefore(): boolean {
    if (!this.isPlain || !this.options.areAsBefore) return false;
    const { inputs } = this;
    for (let i = 0; i < inputs.length; i++) {
      const before = this.#before[i];
      if (inputs[i].dtype !== before.dtype || !sameShape(inputs[i].shape, before.shape)) return false;
    }
    return true;
  }

  /** Notes what this call is, which has been checked. */
  remember(): void {
    this.options.areAsBefore = true;
    for (let i = 0; i < this.inputs.length; i++) {
      this.#before[i].shape = this.inputs[i].shape;
      this.#before[i].dtype = this.inputs[i].dtype;
    }
  }

  /** Notes that a result is to be written. */
  addResult(result: Operand): void {
    this.results[this.resultCount++] = result;
  }

  /** Frees what was made for a call that failed. */
  discardResults(): void {
    for (let i = 0; i < this.resultCount; i++) discard(this.results[i]);
    this.#kept = undefined;
  }

  /**
   * Whether this is the last call once more, on the same tensors or others like them: then it is ready. If not, that call is
   * forgotten. Tensors have none of the caller's code.
   */
  isAgain(compute: Compute, a: unknown, b: unknown, c: unknown, d: unknown): boolean {
    if (this.#kept === undefined) return false;
    const { call, options } = this;
    const { count, operands } = call;
    const out = onlyOf(options.values.out, compute);
    const arity = this.inputs.length;
    let isAgain =
      this.#kept === compute &&
      options.areAsBefore &&
      (out !== undefined) === count > arity &&
      operands[0].takes(a) &&
      (arity < 2 || operands[1].takes(b)) &&
      (arity < 3 || operands[2].takes(c)) &&
      (arity < 4 || operands[3].takes(d)) &&
      (count === arity || operands[arity].takes(out));
    // in place is for the checks to decide
    for (let i = 0; isAgain && i < arity && count > arity; i++)
      isAgain = overlap(operands[i], operands[arity]) === 'none';
    if (!isAgain) this.#forget();
    return isAgain;
  }

  /** Ends a call that was made: of its tensors it may be the next one, too. */
  keep(compute: Compute): void {
    const { call, resultCount, results } = this;
    const isGiven = resultCount === 1 && !results[0].isMade && !this.wanted.named;
    let isKept = this.isPlain && (resultCount === 0 || isGiven);
    for (let i = 0; isKept && i < call.count; i++)
      isKept = call.operands[i].tensor !== undefined && call.operands[i].at >= 0;
    if (!isKept) return;
    this.#kept = compute;
  }

  /** Ends a call; forgets all that is the caller's, but for what is kept. */
  end(): void {
    if (this.#kept === undefined) this.#forget();
    this.options.clear();
    this.busy = false;
  }

  #forget(): void {
    this.#kept = undefined;
    const { reads, results } = this;
    for (let i = 0; i < reads.length; i++) reads[i].clear();
    if (this.resultCount > 0) {
      for (let i = 0; i < this.resultCount; i++) results[i].clear();
      this.resultCount = 0;
    }
    if (this.wanted.hasOut) this.wanted.clear();
    this.call.clear();
  }
}
