import { FLAGS, LANEWISE_CLASSES } from '../abi.ts';
import { KernelCall } from '../call.ts';
import { expected, fail, show, showShape } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { isFloat } from '../memory/dtype.ts';
import { Tensor } from '../memory/tensor.ts';
import type { FloatDType, IndexArray, Shape } from '../types.ts';
import type { KernelName } from '../wasm/exports.ts';
import type { Descriptor } from './descriptor.ts';
import { layoutOf } from './layout.ts';
import {
  broadcastShape,
  commonDtype,
  currentArray,
  elements,
  expectShape,
  fillNumbers,
  floats,
  type Operand,
  operandOf,
  sameShape,
} from './operands.ts';
import { checkApart, givenOutput, isArrayLike, namedOutputs, newOutput, type Output } from './outputs.ts';

export type Compute = 'value' | 'grad' | 'valueAndGrad';
type InputName = 'input' | 'target';

/** A call, checked: ready for a backend, with what it will return. */
export interface Plan {
  readonly call: KernelCall;
  /** Where the 'none' value goes; undefined for a number. */
  readonly value: Output | undefined;
  /** The gradient that is returned: one, or an object by input names. */
  readonly grad: unknown;
  /** Tensors that must not have been disposed when the call runs. */
  readonly tensors: readonly Tensor[];
  /** Tensors made for this call. */
  readonly created: readonly Tensor[];
  /** Operands given as number[], to be read anew by prepared steps. */
  readonly numbers: readonly {
    from: readonly number[];
    to: Float32Array | Float64Array | Int32Array;
    name: string;
  }[];
}

/** Checks everything that can be checked before labels are read, then allocates the results. */
export function plan(
  descriptor: Descriptor,
  arena: Arena,
  inputValue: unknown,
  targetValue: unknown,
  options: Record<string, unknown>,
  compute: Compute,
): Plan {
  const optional = (name: string): Operand | undefined =>
    options[name] === undefined ? undefined : operandOf(options[name], name, arena);
  const factor = (name: string): Operand | undefined =>
    typeof options[name] === 'number' ? scalar(options[name], name) : optional(name);

  const classes = descriptor.family === 'classes';
  const x = operandOf(inputValue, 'input', arena);
  const t = operandOf(targetValue, 'target', arena);
  const w = classes ? optional('weight') : factor('weight');
  const q = factor('posWeight');
  const s = optional('sampleWeight');
  const go = typeof options.gradOutput === 'number' ? undefined : optional('gradOutput');

  const layout = classes ? layoutOf(x, options.axis as number) : undefined;
  const isIndex =
    layout !== undefined && isIndexTarget(x, t, layout.rows, descriptor.probabilityTargets === true);
  if (!isIndex) expectShape(t, x.shape);
  const dtype = commonDtype(isIndex ? [x, w, q, s, go] : [x, t, w, q, s, go]);
  const shape = layout?.rows ?? x.shape; // of the 'none' result
  const rows = elements(shape);

  const reduction = options.reduction as string;
  const none = reduction === 'none';
  if (s !== undefined) expectShape(s, shape);
  if (classes && w !== undefined) expectShape(w, [layout!.classes]);
  const scale =
    go === undefined ? ((options.gradOutput as number | undefined) ?? 1) : upstream(go, none, shape);

  const call = new KernelCall();
  call.dtype = dtype;
  call.scale = scale;
  const soft = classes && (!isIndex || descriptor.soft?.(options) === true);
  const wantValue = compute !== 'grad';
  const wantGrad = compute !== 'value';
  const mean = reduction === 'mean';
  // what the mean divides by is known after the labels or the sample weights were read
  const counted = mean && (isIndex || s !== undefined);
  call.prepass = isIndex || counted;
  call.flags =
    (wantValue ? FLAGS.VALUE : 0) |
    (isIndex ? FLAGS.INDEX : 0) |
    (soft ? FLAGS.SOFT : 0) |
    (counted ? FLAGS.WEIGHTED_MEAN : 0) |
    (counted && options.allIgnored === 'zero' ? FLAGS.EMPTY_IS_ZERO : 0);
  call.divisor = mean ? rows : reduction === 'batchmean' ? (x.shape.length > 0 ? x.shape[0] : 1) : 1;
  if (layout !== undefined) {
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.ignoreIndex = options.ignoreIndex as number;
  } else call.inner = rows;
  const params = descriptor.params(options, dtype, call.classes);
  call.p0 = params[0] ?? 0;
  call.p1 = params[1] ?? 0;
  call.p2 = params[2] ?? 0;
  call.p3 = params[3] ?? 0;
  call.p4 = params[4] ?? 0;
  const wShape = classes || w === undefined ? undefined : broadcastShape(w, shape);
  const qShape = q === undefined ? undefined : broadcastShape(q, shape);

  // results
  const { names, single } = wrtNames(options.wrt, isIndex);
  const given = readOut(options.out, compute, single, names);
  if (given.value !== undefined && !none) {
    fail('ERR_OPTION', `"out" for a value expected reduction 'none', got ${show(reduction)}`);
  }
  const reads = [x, t, w, q, s, go];
  const created: Tensor[] = [];
  const output = (value: unknown, name: string, outShape: Shape, inPlace: readonly Operand[]): Output =>
    givenOutput(value, name, outShape, dtype, arena, reads, inPlace);
  const gradInPlace = isIndex ? [x] : [x, t];
  let value =
    given.value === undefined ? undefined : output(given.value, 'out', shape, classes ? [] : gradInPlace);
  const grads: Record<string, Output> = {};
  if (wantGrad) {
    for (const name of names) {
      const to = given.grads[name];
      if (to !== undefined) grads[name] = output(to, single ? 'out' : `out.${name}`, x.shape, gradInPlace);
    }
    checkApart(value, grads.input);
    checkApart(value, grads.target);
    checkApart(grads.input, grads.target);
  }
  try {
    const make = (name: string, outShape: Shape): Output => {
      const made = newOutput(name, outShape, dtype, x, arena);
      if (made.operand.tensor !== undefined) created.push(made.operand.tensor);
      return made;
    };
    if (wantValue && none) value ??= make('value', shape);
    if (wantGrad) for (const name of names) grads[name] ??= make(`grad.${name}`, x.shape);

    call.kernel = kernelName(descriptor, options, dtype, call, isIndex, soft, {
      plain: w === undefined && s === undefined && go === undefined && q === undefined,
      wantTarget: grads.target !== undefined,
      none,
      wantValue,
      wantGrad,
    });
    const numbers: Plan['numbers'][number][] = [];
    const floatsOf = (o: Operand | undefined) => {
      if (o === undefined) return null;
      const array = floats(o, dtype, arena);
      if (o.dtype === undefined)
        numbers.push({ from: o.array as readonly number[], to: array, name: o.name });
      return array;
    };
    call.weight = floatsOf(w);
    call.weightShape = wShape ?? null;
    call.extra = floatsOf(q);
    call.extraShape = qShape ?? null;
    call.sampleWeight = floatsOf(s);
    call.gradOutput = none ? floatsOf(go) : null;
    call.input = floatsOf(x);
    if (!isIndex) call.target = floatsOf(t);
    else if (t.dtype !== undefined) call.target = currentArray(t, arena) as IndexArray;
    else {
      const labels = new Int32Array(t.array.length);
      fillNumbers(labels, t.array as readonly number[], 'target');
      numbers.push({ from: t.array as readonly number[], to: labels, name: 'target' });
      call.target = labels;
    }
    const arrayOf = (o: Output | undefined) => (o === undefined ? null : floats(o.operand, dtype, arena));
    call.value = arrayOf(value);
    call.grad = arrayOf(grads.input);
    call.gradTarget = arrayOf(grads.target);

    const tensors: Tensor[] = [];
    for (const o of [...reads, value?.operand, grads.input?.operand, grads.target?.operand]) {
      if (o?.source instanceof Tensor) tensors.push(o.source);
    }
    let grad: unknown;
    if (wantGrad) {
      if (single) grad = grads[names[0]].result;
      else grad = Object.fromEntries(names.map((name) => [name, grads[name].result]));
    }
    return { call, value, grad, tensors, created, numbers };
  } catch (error) {
    for (const tensor of created) tensor.dispose();
    throw error;
  }
}

const scalar = (x: number, name: string): Operand => ({
  name,
  shape: [],
  dtype: undefined,
  array: [x],
  tensor: undefined,
  at: -1,
  source: undefined,
});

/** Index or probability target is told by shape. */
function isIndexTarget(x: Operand, t: Operand, rows: Shape, probabilities: boolean): boolean {
  if (sameShape(t.shape, rows)) {
    if (t.dtype !== undefined && isFloat(t.dtype)) {
      expected('ERR_DTYPE', 'target', 'class indices of an integer type', t.dtype);
    }
    return true;
  }
  if (probabilities && sameShape(t.shape, x.shape)) return false;
  const wanted = probabilities
    ? `shape ${showShape(rows)} (class indices) or ${showShape(x.shape)} (probabilities)`
    : `shape ${showShape(rows)}`;
  return expected('ERR_SHAPE', 'target', wanted, showShape(t.shape));
}

/** A gradOutput given as an array: the number it stands for, or 1 where it is read element by element. */
function upstream(go: Operand, none: boolean, shape: Shape): number {
  if (none) {
    expectShape(go, shape);
    return 1;
  }
  if (go.shape.length > 0) {
    expected(
      'ERR_SHAPE',
      'gradOutput',
      "a number (an array needs reduction 'none')",
      `shape ${showShape(go.shape)}`,
    );
  }
  return Number((go.array as ArrayLike<number>)[0]);
}

function wrtNames(wrt: unknown, isIndex: boolean): { names: InputName[]; single: boolean } {
  if (wrt === undefined) return { names: ['input'], single: true };
  const single = !Array.isArray(wrt);
  const list: unknown[] = single ? [wrt] : [...(wrt as unknown[])];
  if (list.length === 0) expected('ERR_OPTION', 'wrt', 'at least one input', 'none');
  const names: InputName[] = [];
  for (const name of list) {
    if (name !== 'input' && name !== 'target')
      expected('ERR_OPTION', 'wrt', '"input" or "target"', show(name));
    if (name === 'target' && isIndex) fail('ERR_OPTION', '"wrt" names class indices, which have no gradient');
    if (!names.includes(name)) names.push(name);
  }
  return { names, single };
}

/** Sorts `out` into the value's and the gradients'. */
function readOut(
  out: unknown,
  compute: Compute,
  single: boolean,
  names: readonly string[],
): { value: unknown; grads: Record<string, unknown> } {
  if (out === undefined) return { value: undefined, grads: {} };
  const gradsOf = (grad: unknown): Record<string, unknown> =>
    grad === undefined ? {} : single ? { [names[0]]: grad } : namedOutputs(grad, names);
  if (compute === 'grad') {
    // .grad takes the gradient's place itself; prepared steps may say { grad }
    const wrapped = !isArrayLike(out) && out !== null && typeof out === 'object' && 'grad' in out;
    return { value: undefined, grads: gradsOf(wrapped ? namedOutputs(out, ['grad']).grad : out) };
  }
  if (isArrayLike(out))
    return compute === 'value' ? { value: out, grads: {} } : { value: undefined, grads: gradsOf(out) };
  const named = namedOutputs(out, compute === 'value' ? ['value'] : ['value', 'grad']);
  return { value: named.value, grads: gradsOf(named.grad) };
}

/** Depends on shape and options alone. */
function kernelName(
  descriptor: Descriptor,
  options: Record<string, unknown>,
  dtype: FloatDType,
  call: KernelCall,
  isIndex: boolean,
  soft: boolean,
  of: { plain: boolean; wantTarget: boolean; none: boolean; wantValue: boolean; wantGrad: boolean },
): KernelName {
  const name = descriptor.kernel(options, dtype);
  const loops = descriptor.kernels.find((k) => k.name === name)?.loops ?? ['any', 'sum', 'grad', 'sumgrad'];
  let loop: string;
  if (descriptor.family === 'elementwise') {
    const special = of.plain && !(of.none && of.wantValue);
    const byResult = of.wantValue ? (of.wantGrad ? 'sumgrad' : 'sum') : 'grad';
    if (special && loops.includes('softplus')) loop = 'softplus';
    else loop = special && !of.wantTarget && loops.includes(byResult) ? byResult : 'any';
  } else if (isIndex && !soft && loops.includes('pick')) loop = 'pick';
  else
    loop = loops.includes('rows') && call.inner === 1 && call.classes > LANEWISE_CLASSES ? 'rows' : 'lanes';
  return `${name}_${loop}` as KernelName;
}
