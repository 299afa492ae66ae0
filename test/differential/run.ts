// Runs a case on a backend, in the form that it asks for.
import type { LossFunctions } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { floats } from '../instances.ts';
import { lossOf } from '../losses/roles.ts';
import { isTensor, type Tensor } from '../reference/tensor.ts';
import type { Case, Wrt } from './case.ts';

type Any = any;
/** The value, and gradients by what they are with respect to. */
export type Got = Readonly<Partial<Record<'value' | Wrt, ArrayLike<number>>>>;

const integers: Record<string, (data: ArrayLike<number>) => Any> = {
  i8: (d) => Int8Array.from(d),
  i16: (d) => Int16Array.from(d),
  i32: (d) => Int32Array.from(d),
  i64: (d) => BigInt64Array.from(Array.from(d, BigInt)),
  u8: (d) => Uint8Array.from(d),
  u16: (d) => Uint16Array.from(d),
  u32: (d) => Uint32Array.from(d),
  'number[]': (d) => Array.from(d),
};

export function run(F: LossFunctions, c: Case): Got {
  return F.scope(() => runIn(F, c));
}

function runIn(F: LossFunctions, c: Case): Got {
  let turn = c.seed;
  const place = (data: Any, shape: readonly number[]): Any => {
    const tensor = c.operands === 'tensors' || (c.operands === 'mixed' && turn++ % 2 === 0);
    if (tensor && !Array.isArray(data)) return F.tensor(data, [...shape]);
    return shape.length === 1 && turn % 3 === 0 ? data : { data, shape };
  };
  const float = ({ data, shape }: Tensor): Any => place(floats(c.dtype, data), shape);
  const input = float(c.input);
  const labels = ({ data, shape }: Tensor): Any => place(integers[c.labels!](data), shape);
  const isOfLabels = c.integers ? c.integers.includes('target') : c.labels !== undefined;
  const target = isOfLabels ? labels(c.target) : float(c.target);
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(c.options))
    options[name] = !isTensor(value) ? value : c.integers?.includes(name) ? labels(value) : float(value);
  if (c.call !== 'value' && c.wrt !== undefined) options.wrt = c.wrt;

  const names = c.wrt === undefined ? ['input'] : Array.isArray(c.wrt) ? c.wrt : [c.wrt as string];
  const out = outputs(c, input, target, names, place);
  if (out !== undefined) options.out = out;

  const loss = lossOf(F, c.loss);
  let value: unknown;
  let grad: Any;
  if (c.call === 'value') value = loss(input, target, options);
  else if (c.call === 'grad') grad = loss.grad(input, target, options);
  else if (c.call === 'valueAndGrad') ({ value, grad } = loss.valueAndGrad(input, target, options));
  else {
    const step = loss.prepare(input, target, options);
    value = step();
    grad = step.grad;
  }
  const list = (x: Any): ArrayLike<number> | undefined => {
    if (x === undefined) return undefined;
    return typeof x === 'number' ? [x] : Array.from((x.data ?? x) as ArrayLike<number>);
  };
  if (!Array.isArray(c.wrt)) return { value: list(value), [names[0]]: list(grad) };
  return { value: list(value), ...Object.fromEntries(names.map((name) => [name, list(grad?.[name])])) };
}

/** `out` as the case asks for it. A value or gradient may take the place of an input of its shape. */
function outputs(c: Case, input: Any, target: Any, names: readonly string[], place: Any): Any {
  if (c.out === 'new') return undefined;
  const fresh = (shape: readonly number[]) =>
    place(floats(c.dtype, { length: shape.reduce((a, b) => a * b, 1) }), shape);
  const none = c.reduction === 'none';
  const shape = c.terms;
  const elementwise = registry[c.loss].family.name === 'elementwise';
  if (c.call === 'value') {
    if (!none || !elementwise) return undefined;
    return c.out === 'in place' ? input : fresh(shape);
  }
  const own: Record<string, Any> = { input, target };
  const isOverFirst = registry[c.loss].family.inPlace.grad === 'first';
  const one = (name: string) => {
    const isOver = c.out === 'in place' && name in own && (name === 'input' || !isOverFirst);
    if (isOver) return own[name];
    const like = { input: c.input, target: c.target, ...c.options }[name] as Tensor;
    return fresh(like.shape);
  };
  // a step that overwrites its input is right once, which is all that is asked here
  if (!Array.isArray(c.wrt)) return one(names[0]);
  const grad = Object.fromEntries(names.map((n) => [n, one(n)]));
  return c.call === 'grad' ? grad : { grad };
}
