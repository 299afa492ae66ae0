import { FLAGS, LANEWISE_CLASSES } from '../abi.ts';
import { KernelCall } from '../call.ts';
import { expected, fail, show, showShape } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { isFloat } from '../memory/dtype.ts';
import type { IndexArray, Shape } from '../types.ts';
import type { KernelName } from '../wasm/exports.ts';
import type { Descriptor, Loop } from './descriptor.ts';
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
  recheck,
  sameShape,
  scalarOperand,
} from './operands.ts';
import {
  checkApart,
  discard,
  givenOutput,
  isArrayLike,
  namedOutputs,
  newOutput,
  type Output,
} from './outputs.ts';

export type Compute = 'value' | 'grad' | 'valueAndGrad';

/** The options of a call after readOptions; each loss adds its own. */
export interface CallOptions {
  readonly reduction: 'mean' | 'sum' | 'none' | 'batchmean';
  readonly sampleWeight?: unknown;
  readonly gradOutput?: unknown;
  readonly wrt?: unknown;
  readonly out?: unknown;
  readonly compute?: Compute;
  readonly weight?: unknown;
  readonly posWeight?: unknown;
  readonly axis?: number;
  readonly ignoreIndex?: number;
  readonly allIgnored?: 'nan' | 'zero';
}

/** What a descriptor says, looked up once. */
export interface LossPlan {
  readonly descriptor: Descriptor;
  readonly isClassLoss: boolean;
  readonly probabilityTargets: boolean;
  /** Full kernel names by kernel and loop. */
  readonly kernels: Readonly<Record<string, Partial<Record<Loop, KernelName>>>>;
}

export function lossPlan(descriptor: Descriptor, all: readonly Descriptor[]): LossPlan {
  // a loss may name a kernel of another one (smoothL1 with beta 0 is l1)
  const specs = all.flatMap((d) => d.kernels);
  return {
    descriptor,
    isClassLoss: descriptor.family === 'classes',
    probabilityTargets: descriptor.probabilityTargets === true,
    kernels: Object.fromEntries(
      specs.map((k) => [k.name, Object.fromEntries(k.loops.map((l) => [l, `${k.name}_${l}`]))]),
    ),
  };
}

/** A call, checked: ready for a backend, with what it will return. */
export interface Plan {
  readonly call: KernelCall;
  /** Where the 'none' value goes; undefined for a number. */
  readonly value: Output | undefined;
  readonly grad: Output | undefined;
  readonly gradTarget: Output | undefined;
  /** Whether gradients are returned by name. */
  readonly named: boolean;
  /** Everything that the call reads. */
  readonly reads: readonly (Operand | undefined)[];
}

/** The gradient that is returned: one, or an object by input names. */
export function gradientOf(p: Plan): unknown {
  if (!p.named) return (p.grad ?? p.gradTarget)?.result;
  const named: Record<string, unknown> = {};
  if (p.grad !== undefined) named.input = p.grad.result;
  if (p.gradTarget !== undefined) named.target = p.gradTarget.result;
  return named;
}

/** Frees what was made for a call that failed. */
export function discardResults(p: Plan): void {
  discard(p.value);
  discard(p.grad);
  discard(p.gradTarget);
}

/** Checks everything that can be checked before labels are read, then allocates the results. */
export function plan(
  loss: LossPlan,
  arena: Arena,
  inputValue: unknown,
  targetValue: unknown,
  options: CallOptions,
  compute: Compute,
): Plan {
  const { descriptor, isClassLoss } = loss;
  const x = operandOf(inputValue, 'input', arena);
  const t = operandOf(targetValue, 'target', arena);
  const w = isClassLoss ? optional(options.weight, 'weight', arena) : factor(options.weight, 'weight', arena);
  const q = factor(options.posWeight, 'posWeight', arena);
  const s = optional(options.sampleWeight, 'sampleWeight', arena);
  const go =
    typeof options.gradOutput === 'number' ? undefined : optional(options.gradOutput, 'gradOutput', arena);

  const layout = isClassLoss ? layoutOf(x, options.axis!) : undefined;
  const isIndex = layout !== undefined && isIndexTarget(x, t, layout.rows, loss.probabilityTargets);
  if (!isIndex) expectShape(t, x.shape);
  const reads = [x, t, w, q, s, go];
  const dtype = commonDtype(reads, isIndex ? t : undefined);
  const shape = layout === undefined ? x.shape : layout.rows; // of the 'none' result
  const rows = elements(shape);
  const none = options.reduction === 'none';
  if (s !== undefined) expectShape(s, shape);
  if (layout !== undefined && w !== undefined) expectShape(w, [layout.classes]);

  const call = new KernelCall();
  call.dtype = dtype;
  if (go !== undefined) call.scale = upstream(go, none, shape);
  else if (options.gradOutput !== undefined) call.scale = options.gradOutput as number;
  const soft = isClassLoss && (!isIndex || descriptor.soft?.(options) === true);
  const wantValue = compute !== 'grad';
  const mean = options.reduction === 'mean';
  // what the mean divides by is known after the labels or the sample weights were read
  const counted = mean && (isIndex || s !== undefined);
  call.prepass = isIndex || counted;
  let flags = 0;
  if (wantValue) flags |= FLAGS.VALUE;
  if (isIndex) flags |= FLAGS.INDEX;
  if (soft) flags |= FLAGS.SOFT;
  if (counted) flags |= FLAGS.WEIGHTED_MEAN;
  if (counted && options.allIgnored === 'zero') flags |= FLAGS.EMPTY_IS_ZERO;
  call.flags = flags;
  if (mean) call.divisor = rows;
  else if (options.reduction === 'batchmean') call.divisor = x.shape.length > 0 ? x.shape[0] : 1;
  if (layout === undefined) call.inner = rows;
  else {
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.ignoreIndex = options.ignoreIndex!;
  }
  setParams(call, descriptor.params(options, dtype, call.classes));
  const wShape = isClassLoss || w === undefined ? undefined : broadcastShape(w, shape);
  const qShape = q === undefined ? undefined : broadcastShape(q, shape);

  // results: given ones are checked before any is made
  const wrt = wrtOf(options.wrt, isIndex);
  const given = options.out === undefined ? NO_OUTPUTS : readOut(options.out, compute, wrt);
  if (given.value !== undefined && !none) {
    fail('ERR_OPTION', `"out" for a value expected reduction 'none', got ${show(options.reduction)}`);
  }
  const wantGrad = compute !== 'value' && wrt.input;
  const wantTarget = compute !== 'value' && wrt.target;
  const alsoTarget = isIndex ? undefined : t;
  let value: Output | undefined;
  let grad: Output | undefined;
  let gradTarget: Output | undefined;
  if (given !== NO_OUTPUTS) {
    if (given.value !== undefined) {
      const [a, b] = isClassLoss ? [undefined, undefined] : [x, t];
      value = givenOutput(given.value, 'out', shape, dtype, arena, reads, a, b);
    }
    if (given.input !== undefined) {
      const name = wrt.named ? 'out.input' : 'out';
      grad = givenOutput(given.input, name, x.shape, dtype, arena, reads, x, alsoTarget);
    }
    if (given.target !== undefined) {
      const name = wrt.named ? 'out.target' : 'out';
      gradTarget = givenOutput(given.target, name, x.shape, dtype, arena, reads, x, alsoTarget);
    }
    checkApart(value, grad);
    checkApart(value, gradTarget);
    checkApart(grad, gradTarget);
  }
  // none of the caller's code runs from here on
  arena.check();
  for (let i = 0; i < reads.length; i++) if (reads[i] !== undefined) recheck(reads[i]!);
  if (value !== undefined) recheck(value.operand);
  if (grad !== undefined) recheck(grad.operand);
  if (gradTarget !== undefined) recheck(gradTarget.operand);
  try {
    if (wantValue && none && value === undefined) value = newOutput('value', shape, dtype, x, arena);
    if (wantGrad && grad === undefined) grad = newOutput('gradient', x.shape, dtype, x, arena);
    if (wantTarget && gradTarget === undefined) gradTarget = newOutput('gradient', x.shape, dtype, x, arena);

    const plain = w === undefined && s === undefined && go === undefined && q === undefined;
    const special = plain && !(none && wantValue);
    call.kernel = kernelName(loss, options, call, special, isIndex && !soft, wantGrad, wantTarget);

    call.input = floats(x, dtype, arena);
    call.inputAt = x.at;
    call.target = isIndex ? labelsOf(t, arena) : floats(t, dtype, arena);
    call.targetAt = t.at;
    if (!plain) {
      if (w !== undefined) {
        call.weight = floats(w, dtype, arena);
        call.weightAt = w.at;
        call.weightShape = wShape ?? null;
      }
      if (q !== undefined) {
        call.extra = floats(q, dtype, arena);
        call.extraAt = q.at;
        call.extraShape = qShape ?? null;
      }
      if (s !== undefined) {
        call.sampleWeight = floats(s, dtype, arena);
        call.sampleWeightAt = s.at;
      }
      if (go !== undefined && none) {
        call.gradOutput = floats(go, dtype, arena);
        call.gradOutputAt = go.at;
      }
    }
    if (value !== undefined) {
      call.value = floats(value.operand, dtype, arena);
      call.valueAt = value.operand.at;
    }
    if (grad !== undefined) {
      call.grad = floats(grad.operand, dtype, arena);
      call.gradAt = grad.operand.at;
    }
    if (gradTarget !== undefined) {
      call.gradTarget = floats(gradTarget.operand, dtype, arena);
      call.gradTargetAt = gradTarget.operand.at;
    }
    return { call, value, grad, gradTarget, named: wrt.named, reads };
  } catch (error) {
    discard(value);
    discard(grad);
    discard(gradTarget);
    throw error;
  }
}

const optional = (value: unknown, name: string, arena: Arena): Operand | undefined =>
  value === undefined ? undefined : operandOf(value, name, arena);

/** A weight that may be a number. */
function factor(value: unknown, name: string, arena: Arena): Operand | undefined {
  return typeof value === 'number' ? scalarOperand(name, value) : optional(value, name, arena);
}

function setParams(call: KernelCall, params: readonly number[]): void {
  const n = params.length;
  if (n > 0) call.p0 = params[0];
  if (n > 1) call.p1 = params[1];
  if (n > 2) call.p2 = params[2];
  if (n > 3) call.p3 = params[3];
  if (n > 4) call.p4 = params[4];
}

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

function labelsOf(t: Operand, arena: Arena): IndexArray {
  if (t.dtype !== undefined) return currentArray(t, arena) as IndexArray;
  const labels = new Int32Array(t.array.length);
  fillNumbers(labels, t.array as Float64Array as unknown as readonly number[], 'target');
  return labels;
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
  return go.array[0] as number;
}

/** Which inputs' gradients are wanted, and whether they are returned by name. */
interface Wrt {
  readonly input: boolean;
  readonly target: boolean;
  readonly named: boolean;
}
const INPUT_ALONE: Wrt = { input: true, target: false, named: false };

function wrtOf(wrt: unknown, isIndex: boolean): Wrt {
  if (wrt === undefined) return INPUT_ALONE;
  const named = Array.isArray(wrt);
  const list: unknown[] = named ? [...wrt] : [wrt];
  if (list.length === 0) expected('ERR_OPTION', 'wrt', 'at least one input', 'none');
  for (const name of list) {
    if (name !== 'input' && name !== 'target')
      expected('ERR_OPTION', 'wrt', '"input" or "target"', show(name));
    if (name === 'target' && isIndex) fail('ERR_OPTION', '"wrt" names class indices, which have no gradient');
  }
  return { input: list.includes('input'), target: list.includes('target'), named };
}

/** `out`, sorted. */
interface GivenOutputs {
  readonly value?: unknown;
  readonly input?: unknown;
  readonly target?: unknown;
}
const NO_OUTPUTS: GivenOutputs = {};

function readOut(out: unknown, compute: Compute, wrt: Wrt): GivenOutputs {
  let value: unknown;
  let grad: unknown;
  if (isArrayLike(out)) {
    if (compute === 'value') value = out;
    else grad = out;
  } else if (compute === 'value') ({ value } = namedOutputs(out, ['value']));
  else if (compute === 'valueAndGrad') ({ value, grad } = namedOutputs(out, ['value', 'grad']));
  else {
    // .grad takes the gradient's place itself; prepared steps may say { grad }
    const wrapped = out !== null && typeof out === 'object' && 'grad' in out;
    grad = wrapped ? namedOutputs(out, ['grad']).grad : out;
  }
  if (grad === undefined) return { value };
  if (!wrt.named) return wrt.target ? { value, target: grad } : { value, input: grad };
  const names = [...(wrt.input ? ['input' as const] : []), ...(wrt.target ? ['target' as const] : [])];
  return { value, ...namedOutputs(grad, names) };
}

/** Depends on shape and options alone, never on N: so do the bits. */
function kernelName(
  loss: LossPlan,
  options: CallOptions,
  call: KernelCall,
  special: boolean,
  hard: boolean,
  wantGrad: boolean,
  wantTarget: boolean,
): KernelName {
  const loops = loss.kernels[loss.descriptor.kernel(options, call.dtype)];
  if (loss.isClassLoss) {
    if (hard && loops.pick !== undefined) return loops.pick;
    return loops.rows !== undefined && call.inner === 1 && call.classes > LANEWISE_CLASSES
      ? loops.rows
      : loops.lanes!;
  }
  if (special) {
    if (loops.softplus !== undefined) return loops.softplus;
    const wantValue = (call.flags & FLAGS.VALUE) !== 0;
    const byResult = wantValue ? (wantGrad ? loops.sumgrad : loops.sum) : loops.grad;
    if (byResult !== undefined && !wantTarget) return byResult;
  }
  return loops.any!;
}
