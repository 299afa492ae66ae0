import { expected, fail, isList, isReadable, show } from '../errors.ts';
import { has, isEverybodys } from '../given.ts';
import { Tensor } from '../memory/tensor.ts';

export type Compute = 'value' | 'grad' | 'valueAndGrad';

/** Which results a call is to make (`wrt`), and where it was told to write them (`out`). */
export class Wanted {
  /** Whether the gradients with respect to input and target are wanted, and whether they are returned by name. */
  wrtInput = true;
  wrtTarget = false;
  named = false;

  /** `out`, sorted: what was given for each result. */
  value: unknown = undefined;
  input: unknown = undefined;
  target: unknown = undefined;
  /** The one gradient before it is known which one it is, or all of them by name. */
  grad: unknown = undefined;

  clear(): void {
    this.value = undefined;
    this.input = undefined;
    this.target = undefined;
    this.grad = undefined;
  }

  readWrt(wrt: unknown, isIndex: boolean): void {
    this.wrtInput = wrt === undefined || wrt === 'input';
    this.wrtTarget = false;
    this.named = false;
    if (this.wrtInput) return;
    this.named = Array.isArray(wrt);
    const list: unknown[] = this.named ? [...(wrt as unknown[])] : [wrt];
    if (list.length === 0) expected('ERR_OPTION', 'wrt', 'at least one input', 'none');
    for (const name of list) {
      if (name !== 'input' && name !== 'target')
        expected('ERR_OPTION', 'wrt', '"input" or "target"', show(name));
      if (name === 'target' && isIndex)
        fail('ERR_OPTION', '"wrt" names class indices, which have no gradient');
    }
    this.wrtInput = list.includes('input');
    this.wrtTarget = list.includes('target');
  }

  readOut(out: unknown, compute: Compute): void {
    if (isArrayLike(out)) {
      if (compute === 'value') this.value = out;
      else this.grad = out;
    } else if (compute === 'value') this.#readNamed(out, VALUE);
    else if (compute === 'valueAndGrad') this.#readNamed(out, VALUE_AND_GRAD);
    else if (out !== null && typeof out === 'object' && has(out, 'grad')) this.#readNamed(out, GRAD);
    // .grad takes the gradient's place itself; prepared steps may say { grad }
    else this.grad = out;

    const grad = this.grad;
    if (grad === undefined) return;
    if (this.named) {
      this.#readNamed(grad, this.wrtInput ? (this.wrtTarget ? INPUT_AND_TARGET : INPUT) : TARGET);
    } else if (this.wrtTarget) this.target = grad;
    else this.input = grad;
  }

  /** The named outputs of an object, each left undefined where it is not given. */
  #readNamed(out: unknown, names: readonly Name[]): void {
    if (out === null || typeof out !== 'object' || isArrayLike(out)) {
      expected(
        'ERR_OPTION',
        'out',
        `an object with ${names.join(', ')}`,
        isArrayLike(out) ? 'one array' : show(out),
      );
    }
    let any = false;
    for (const name in out) {
      if (isEverybodys(out, name)) continue;
      any = true;
      if (!(names as readonly string[]).includes(name)) {
        fail('ERR_OPTION', `unknown output ${show(name)}: known are ${names.join(', ')}`);
      }
      this[name as Name] = (out as Record<string, unknown>)[name];
    }
    if (!any) expected('ERR_OPTION', 'out', `an object with ${names.join(', ')}`, 'an object without them');
  }
}

type Name = 'value' | 'grad' | 'input' | 'target';
const VALUE: readonly Name[] = ['value'];
const GRAD: readonly Name[] = ['grad'];
const VALUE_AND_GRAD: readonly Name[] = ['value', 'grad'];
const INPUT: readonly Name[] = ['input'];
const TARGET: readonly Name[] = ['target'];
const INPUT_AND_TARGET: readonly Name[] = ['input', 'target'];

/** Whether `out` is one tensor rather than an object of outputs. */
function isArrayLike(out: unknown): boolean {
  if (Tensor.is(out)) return true;
  if (!isReadable(out)) expected('ERR_TYPE', 'out', 'a tensor or an object of outputs', 'a revoked proxy');
  return (
    ArrayBuffer.isView(out) || isList(out) || (typeof out === 'object' && out !== null && has(out, 'data'))
  );
}
