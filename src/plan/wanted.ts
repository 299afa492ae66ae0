import { expected, fail, isList, isReadable, show, unknown } from '../errors.ts';
import type { Input } from '../families/family.ts';
import { has, isForeign, isLiteral, plain } from '../given.ts';
import type { Operand } from '../memory/operand.ts';
import { lengthOf } from '../memory/shape.ts';
import { Tensor } from '../memory/tensor.ts';

type Source = Pick<Input, 'name' | 'gradient'>;

export type Compute = 'value' | 'grad' | 'valueAndGrad' | 'gradAndHess';
export const computes: readonly Compute[] = ['value', 'grad', 'valueAndGrad', 'gradAndHess'];

/** Which results a call is to make (`wrt`), and where it was told to write them (`out`). */
export class Wanted {
  readonly #sources: readonly Source[];
  /** What may have a gradient: the inputs, then options. */
  readonly names: readonly string[];
  /** Of these, whose gradients are wanted, as bits, and whether they are returned by name. */
  gradients = 1;
  named = false;

  /** Whether an `out` was read, which may have failed midway. */
  hasOut = false;
  /** `out`, sorted: what was given for each result. */
  value: unknown = undefined;
  hess: unknown = undefined;
  /** By source. */
  readonly grads: unknown[];

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
    this.names = sources.map(({ name }) => name);
    this.grads = sources.map(() => undefined);
  }

  /** Whether the gradient with respect to source i is wanted. */
  wants(i: number): boolean {
    return (this.gradients & (1 << i)) !== 0;
  }

  clear(): void {
    this.hasOut = false;
    this.value = undefined;
    this.hess = undefined;
    for (let i = 0; i < this.grads.length; i++) this.grads[i] = undefined;
  }

  readWrt(wrt: unknown, operands: readonly Operand[]): void {
    this.named = isList(wrt);
    const list = this.named ? (wrt as unknown[]) : [wrt];
    const { names } = this;
    const length = lengthOf(list, 'wrt');
    if (length === 0) expected('ERR_OPTION', 'wrt', 'at least one input', 'none');
    if (length > names.length)
      expected('ERR_OPTION', 'wrt', `at most ${names.join(', ')}`, `${length} names`);
    this.gradients = 0;
    for (let k = 0; k < length; k++) {
      const name = list[k];
      const i = names.indexOf(name as string);
      if (i < 0) expected('ERR_OPTION', 'wrt', names.map((n) => `"${n}"`).join(' or '), show(name));
      if (!operands[i].given) fail('ERR_OPTION', `"wrt" names "${names[i]}", which is not given`);
      if (operands[i].isIndex || !this.#sources[i].gradient)
        fail('ERR_OPTION', '"wrt" names class indices, which have no gradient');
      if (typeof operands[i].source === 'number')
        fail('ERR_OPTION', `"wrt" names "${names[i]}", a number, which has no gradient`);
      this.gradients |= 1 << i;
    }
  }

  readOut(out: unknown, compute: Compute): void {
    this.hasOut = true;
    const isOne = isArrayLike(out);
    let grad: unknown;
    if (compute === 'value') this.value = isOne ? out : this.#named(out, VALUE)[0];
    else if (compute === 'gradAndHess') {
      if (isOne) expected('ERR_OPTION', 'out', 'an object with grad, hess', 'one array');
      [grad, this.hess] = this.#named(out, GRAD_AND_HESS);
    } else if (isOne) grad = out;
    else if (compute === 'valueAndGrad') [this.value, grad] = this.#named(out, VALUE_AND_GRAD);
    // .grad takes the gradient's place itself; prepared steps may say { grad }
    else grad = out !== null && typeof out === 'object' && has(out, 'grad') ? this.#named(out, GRAD)[0] : out;

    if (grad === undefined) return;
    if (this.named) {
      const wanted = this.names.filter((_, i) => this.wants(i));
      const given = this.#named(grad, wanted);
      for (let i = 0; i < this.grads.length; i++) if (this.wants(i)) this.grads[i] = given.shift();
    } else {
      for (let i = 0; i < this.grads.length; i++) if (this.wants(i)) this.grads[i] = grad;
    }
  }

  /** The named outputs of an object, in their order, each undefined where it is not given. */
  #named(out: unknown, names: readonly string[]): unknown[] {
    if (out === null || typeof out !== 'object' || isArrayLike(out)) wrong(out, names);
    const found = names.map((): unknown => undefined);
    let any = false;
    const given = plain(out, names);
    for (const name in given) {
      if (isForeign(given, name)) continue;
      any = true;
      const i = names.indexOf(name);
      if (i < 0) unknown('outputs', name, names);
      found[i] = given[name];
    }
    if (!any) wrong(out, names);
    return found;
  }
}

function wrong(out: unknown, names: readonly string[]): never {
  const got =
    out === null || typeof out !== 'object'
      ? show(out)
      : isArrayLike(out)
        ? 'one array'
        : 'an object without them';
  return expected('ERR_OPTION', 'out', `an object with ${names.join(', ')}`, got);
}

const VALUE = ['value'];
const GRAD = ['grad'];
const VALUE_AND_GRAD = ['value', 'grad'];
const GRAD_AND_HESS = ['grad', 'hess'];

/** What `out` gives where it gives one tensor alone: itself, or beside a value the one in { grad }; else something else. */
export function onlyOf(out: unknown, compute: Compute): unknown {
  if (compute !== 'valueAndGrad' || out === null || typeof out !== 'object' || !isLiteral(out)) return out;
  for (const name in out) if (name !== 'grad') return out;
  return Object.hasOwn(out, 'grad') ? (out as { grad: unknown }).grad : out;
}

/** Whether `out` is one tensor rather than an object of outputs. */
function isArrayLike(out: unknown): boolean {
  if (Tensor.is(out)) return true;
  if (!isReadable(out)) expected('ERR_TYPE', 'out', 'a tensor or an object of outputs', 'a revoked proxy');
  return (
    ArrayBuffer.isView(out) || isList(out) || (typeof out === 'object' && out !== null && has(out, 'data'))
  );
}
