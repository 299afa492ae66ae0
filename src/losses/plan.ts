import { FLAGS } from '../abi.ts';
import { KernelCall } from '../call.ts';
import { expected, fail, show, showShape } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { isFloat } from '../memory/dtype.ts';
import type { IndexArray, Shape } from '../types.ts';
import { type CallOptions, kernelName, type LossPlan } from './choice.ts';
import { Layout } from './layout.ts';
import {
  broadcastShape,
  commonDtype,
  currentArray,
  expectShape,
  fillNumbers,
  floats,
  Operand,
  operandOf,
  recheck,
  sameShape,
  scalarOperand,
} from './operands.ts';
import { type OptionSet, Options } from './options.ts';
import { checkApart, discard, givenOutput, newOutput, Output } from './outputs.ts';
import { type Compute, Wanted } from './wanted.ts';

/**
 * A call, looked at and checked: what goes to a backend, and what will be returned. Everything that a call needs is
 * here, so that one record can serve call after call without garbage.
 */
export class Plan {
  readonly call = new KernelCall();
  readonly options: Options<CallOptions>;
  readonly input = new Operand();
  readonly target = new Operand();
  readonly weight = new Operand();
  readonly posWeight = new Operand();
  readonly sampleWeight = new Operand();
  readonly gradOutput = new Operand();
  /** Everything that the call reads. */
  readonly reads: readonly Operand[] = [
    this.input,
    this.target,
    this.weight,
    this.posWeight,
    this.sampleWeight,
    this.gradOutput,
  ];
  readonly layout = new Layout();
  readonly wanted = new Wanted();
  /** Where the 'none' value goes; not given for a number. */
  readonly value = new Output();
  readonly grad = new Output();
  readonly gradTarget = new Output();
  /** Whether a call is under way with this record. */
  busy = false;

  constructor(options: OptionSet) {
    this.options = new Options(options);
  }

  /** The gradient that is returned: one, or an object by input names. */
  get gradient(): unknown {
    const { grad, gradTarget } = this;
    if (!this.wanted.named) return grad.given ? grad.result : gradTarget.result;
    const named: Record<string, unknown> = {};
    if (grad.given) named.input = grad.result;
    if (gradTarget.given) named.target = gradTarget.result;
    return named;
  }

  /** Frees what was made for a call that failed. */
  discardResults(): void {
    discard(this.value);
    discard(this.grad);
    discard(this.gradTarget);
  }

  /** Forgets all that is the caller's. */
  clear(): void {
    this.options.clear();
    for (let i = 0; i < this.reads.length; i++) this.reads[i].clear();
    this.wanted.clear();
    this.value.clear();
    this.grad.clear();
    this.gradTarget.clear();
    this.call.clear();
  }
}

/**
 * Checks everything that can be checked before labels are read, then allocates the results; the options are read
 * already. Where it throws, results that were made are to be discarded.
 */
export function plan(
  p: Plan,
  loss: LossPlan,
  arena: Arena,
  inputValue: unknown,
  targetValue: unknown,
  compute: Compute,
): void {
  const { isClassLoss } = loss;
  const { call, reads, wanted, layout } = p;
  const options = p.options.values;
  const x = operandOf(inputValue, 'input', arena, p.input);
  const t = operandOf(targetValue, 'target', arena, p.target);
  const w = p.weight;
  if (isClassLoss) optional(options.weight, 'weight', arena, w);
  else factor(options.weight, 'weight', arena, w);
  const q = p.posWeight;
  factor(options.posWeight, 'posWeight', arena, q);
  const s = p.sampleWeight;
  optional(options.sampleWeight, 'sampleWeight', arena, s);
  const go = p.gradOutput;
  if (typeof options.gradOutput !== 'number') optional(options.gradOutput, 'gradOutput', arena, go);

  let isIndex = false;
  let shape = x.shape; // of the 'none' result
  if (isClassLoss) {
    layout.set(x, options.axis!);
    isIndex = isIndexTarget(x, t, layout, loss.probabilityTargets);
    shape = isIndex ? t.shape : layout.rowsOf(x.shape);
  }
  if (!isIndex) expectShape(t, x.shape);
  const dtype = commonDtype(reads, isIndex ? t : undefined);
  const rows = isClassLoss ? layout.outer * layout.inner : x.length;
  const none = options.reduction === 'none';
  if (s.given) expectShape(s, shape);
  if (isClassLoss && w.given && !(w.shape.length === 1 && w.shape[0] === layout.classes)) {
    expectShape(w, [layout.classes]);
  }

  call.dtype = dtype;
  call.scale = 1;
  if (go.given) call.scale = upstream(go, none, shape);
  else if (options.gradOutput !== undefined) call.scale = options.gradOutput as number;
  const choice = loss.choose(p.options, dtype, layout.classes);
  const soft = isClassLoss && (!isIndex || choice.soft);
  const wantValue = compute !== 'grad';
  const mean = options.reduction === 'mean';
  // what the mean divides by is known after the labels or the sample weights were read
  const counted = mean && (isIndex || s.given);
  call.prepass = isIndex || counted;
  let flags = 0;
  if (wantValue) flags |= FLAGS.VALUE;
  if (isIndex) flags |= FLAGS.INDEX;
  if (soft) flags |= FLAGS.SOFT;
  if (counted) flags |= FLAGS.WEIGHTED_MEAN;
  if (counted && options.allIgnored === 'zero') flags |= FLAGS.EMPTY_IS_ZERO;
  call.flags = flags;
  call.divisor = 1;
  if (mean) call.divisor = rows;
  else if (options.reduction === 'batchmean') call.divisor = x.shape.length > 0 ? x.shape[0] : 1;
  if (isClassLoss) {
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.ignoreIndex = options.ignoreIndex!;
  } else call.inner = rows;
  setParams(call, choice.params);
  const wShape = isClassLoss || !w.given ? null : broadcastShape(w, shape);
  const qShape = q.given ? broadcastShape(q, shape) : null;

  // results: given ones are checked before any is made
  wanted.readWrt(options.wrt, isIndex);
  wanted.readOut(options.out, compute);
  if (wanted.value !== undefined && !none) {
    fail('ERR_OPTION', `"out" for a value expected reduction 'none', got ${show(options.reduction)}`);
  }
  const wantGrad = compute !== 'value' && wanted.wrtInput;
  const wantTarget = compute !== 'value' && wanted.wrtTarget;
  const alsoTarget = isIndex ? undefined : t;
  const { value, grad, gradTarget } = p;
  if (wanted.any) {
    if (wanted.value !== undefined) {
      const a = isClassLoss ? undefined : x;
      const b = isClassLoss ? undefined : t;
      givenOutput(value, wanted.value, 'out', shape, dtype, arena, reads, a, b);
    }
    if (wanted.input !== undefined) {
      const name = wanted.named ? 'out.input' : 'out';
      givenOutput(grad, wanted.input, name, x.shape, dtype, arena, reads, x, alsoTarget);
    }
    if (wanted.target !== undefined) {
      const name = wanted.named ? 'out.target' : 'out';
      givenOutput(gradTarget, wanted.target, name, x.shape, dtype, arena, reads, x, alsoTarget);
    }
    checkApart(value, grad);
    checkApart(value, gradTarget);
    checkApart(grad, gradTarget);
  }
  // none of the caller's code runs from here on
  arena.check();
  for (let i = 0; i < reads.length; i++) if (reads[i].given) recheck(reads[i]);
  if (value.given) recheck(value.operand);
  if (grad.given) recheck(grad.operand);
  if (gradTarget.given) recheck(gradTarget.operand);

  if (wantValue && none && !value.given) newOutput(value, 'value', shape, dtype, x, arena);
  if (wantGrad && !grad.given) newOutput(grad, 'gradient', x.shape, dtype, x, arena);
  if (wantTarget && !gradTarget.given) newOutput(gradTarget, 'gradient', x.shape, dtype, x, arena);

  const plain = !w.given && !s.given && !go.given && !q.given;
  const special = plain && !(none && wantValue);
  call.kernel = kernelName(choice, isClassLoss, call, special, isIndex && !soft, wantGrad, wantTarget);

  call.input = floats(x, dtype, arena);
  call.inputAt = x.at;
  call.target = isIndex ? labelsOf(t, arena) : floats(t, dtype, arena);
  call.targetAt = t.at;
  if (w.given) {
    call.weight = floats(w, dtype, arena);
    call.weightAt = w.at;
    call.weightShape = wShape;
  }
  if (q.given) {
    call.extra = floats(q, dtype, arena);
    call.extraAt = q.at;
    call.extraShape = qShape;
  }
  if (s.given) {
    call.sampleWeight = floats(s, dtype, arena);
    call.sampleWeightAt = s.at;
  }
  if (go.given && none) {
    call.gradOutput = floats(go, dtype, arena);
    call.gradOutputAt = go.at;
  }
  if (value.given) {
    call.value = floats(value.operand, dtype, arena);
    call.valueAt = value.operand.at;
  }
  if (grad.given) {
    call.grad = floats(grad.operand, dtype, arena);
    call.gradAt = grad.operand.at;
  }
  if (gradTarget.given) {
    call.gradTarget = floats(gradTarget.operand, dtype, arena);
    call.gradTargetAt = gradTarget.operand.at;
  }
}

function optional(value: unknown, name: string, arena: Arena, into: Operand): void {
  if (value !== undefined) operandOf(value, name, arena, into);
}

/** A weight that may be a number. */
function factor(value: unknown, name: string, arena: Arena, into: Operand): void {
  if (typeof value === 'number') scalarOperand(name, value, into);
  else optional(value, name, arena, into);
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
function isIndexTarget(x: Operand, t: Operand, layout: Layout, probabilities: boolean): boolean {
  if (layout.isRowsOf(t.shape, x.shape)) {
    if (t.dtype !== undefined && isFloat(t.dtype)) {
      expected('ERR_DTYPE', 'target', 'class indices of an integer type', t.dtype);
    }
    return true;
  }
  if (probabilities && sameShape(t.shape, x.shape)) return false;
  const rows = layout.rowsOf(x.shape);
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
