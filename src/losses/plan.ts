import { FLAGS, LANEWISE_CLASSES } from '../abi.ts';
import { KernelCall } from '../call.ts';
import { expected, fail, show, showShape } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { isFloat } from '../memory/dtype.ts';
import type { DType, IndexArray, Shape } from '../types.ts';
import type { KernelName } from '../wasm/exports.ts';
import type { CallOptions, Choice, LossPlan } from './choice.ts';
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
  readonly #all: readonly Operand[] = [
    this.input,
    this.target,
    this.weight,
    this.posWeight,
    this.sampleWeight,
    this.gradOutput,
  ];
  readonly #two: readonly Operand[] = [this.input, this.target];
  /** Whether input and target are all that the call reads: most do, and need not look at the others again and again. */
  plain = true;
  readonly layout = new Layout();
  readonly wanted = new Wanted();
  /** Where the 'none' value goes; not given for a number. */
  readonly value = new Output();
  readonly grad = new Output();
  readonly gradTarget = new Output();
  /** Whether a call is under way with this record. */
  busy = false;

  // what is found out on the way
  isIndex = false;
  soft = false;
  /** Of the 'none' result. */
  shape: Shape = this.input.shape;
  choice!: Choice;
  /** What `call` was checked for last, whose numbers it still has. */
  #inputShape: Shape = this.shape;
  #targetShape: Shape = this.shape;
  #inputDtype: DType | undefined = undefined;
  #targetDtype: DType | undefined = undefined;

  constructor(options: OptionSet) {
    this.options = new Options(options);
  }

  /** Everything that the call reads, and perhaps operands that are not given. */
  get reads(): readonly Operand[] {
    return this.plain ? this.#two : this.#all;
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

  /** Whether options, shapes and dtypes are those of the last call that was checked: they need not be once more. */
  get isAsBefore(): boolean {
    const { input, target } = this;
    return (
      this.plain &&
      this.options.areAsBefore &&
      input.dtype === this.#inputDtype &&
      target.dtype === this.#targetDtype &&
      sameShape(input.shape, this.#inputShape) &&
      sameShape(target.shape, this.#targetShape)
    );
  }

  /** Notes what this call is, which has been checked. */
  remember(): void {
    this.options.areAsBefore = true;
    this.#inputShape = this.input.shape;
    this.#targetShape = this.target.shape;
    this.#inputDtype = this.input.dtype;
    this.#targetDtype = this.target.dtype;
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
    const { reads } = this;
    for (let i = 0; i < reads.length; i++) reads[i].clear();
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
  input: unknown,
  target: unknown,
  compute: Compute,
): void {
  lookAt(p, loss, arena, input, target);
  if (!p.isAsBefore) {
    p.options.areAsBefore = false; // what throws may have changed the call
    checkFit(p, loss);
    p.remember();
  }
  if (compute === 'grad') p.call.flags &= ~FLAGS.VALUE;
  else p.call.flags |= FLAGS.VALUE;
  findOutputs(p, loss, arena, compute);
  // none of the caller's code runs from here on
  arena.check();
  recheckAll(p, arena);
  makeResults(p, arena, compute);
  p.call.kernel = kernelName(p, loss.isClassLoss);
  setArrays(p, arena);
}

/** Looks at all that the call reads. */
function lookAt(p: Plan, loss: LossPlan, arena: Arena, input: unknown, target: unknown): void {
  const { weight, posWeight, sampleWeight, gradOutput } = p.options.values;
  operandOf(input, 'input', arena, p.input);
  operandOf(target, 'target', arena, p.target);
  const upstream = typeof gradOutput === 'number' ? undefined : gradOutput;
  p.plain =
    weight === undefined && posWeight === undefined && sampleWeight === undefined && upstream === undefined;
  if (p.plain) return;
  if (loss.isClassLoss) optional(weight, 'weight', arena, p.weight);
  else factor(weight, 'weight', arena, p.weight);
  factor(posWeight, 'posWeight', arena, p.posWeight);
  optional(sampleWeight, 'sampleWeight', arena, p.sampleWeight);
  optional(upstream, 'gradOutput', arena, p.gradOutput);
}

/** Checks that shapes and dtypes fit together, and sets the numbers of the call. */
function checkFit(p: Plan, loss: LossPlan): void {
  const { call, layout, input, target, weight, posWeight, sampleWeight } = p;
  const { isClassLoss } = loss;
  const options = p.options.values;
  let isIndex = false;
  let shape = input.shape;
  if (isClassLoss) {
    layout.set(input, options.axis!);
    isIndex = isIndexTarget(input, target, layout, loss.probabilityTargets);
    shape = isIndex ? target.shape : layout.rowsOf(input.shape);
  }
  if (!isIndex) expectShape(target, input.shape);
  const dtype = commonDtype(p.reads, isIndex ? target : undefined);
  const rows = isClassLoss ? layout.outer * layout.inner : input.length;
  const none = options.reduction === 'none';
  if (sampleWeight.given) expectShape(sampleWeight, shape);
  if (isClassLoss && weight.given) expectShape(weight, [layout.classes]);

  call.dtype = dtype;
  call.scale = upstreamScale(p, none, shape);
  const choice = loss.choose(options, dtype, layout.classes);
  const soft = isClassLoss && (!isIndex || choice.soft);
  const mean = options.reduction === 'mean';
  // what the mean divides by is known after the labels or the sample weights were read
  const counted = mean && (isIndex || sampleWeight.given);
  call.prepass = isIndex || counted;
  let flags = 0;
  if (isIndex) flags |= FLAGS.INDEX;
  if (soft) flags |= FLAGS.SOFT;
  if (counted) flags |= FLAGS.WEIGHTED_MEAN;
  if (counted && options.allIgnored === 'zero') flags |= FLAGS.EMPTY_IS_ZERO;
  call.flags = flags;
  call.divisor = 1;
  if (mean) call.divisor = rows;
  else if (options.reduction === 'batchmean') call.divisor = input.shape.length > 0 ? input.shape[0] : 1;
  if (isClassLoss) {
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.ignoreIndex = options.ignoreIndex!;
  } else call.inner = rows;
  setParams(call, choice.params);
  call.weightShape = isClassLoss || !weight.given ? null : broadcastShape(weight, shape);
  call.extraShape = posWeight.given ? broadcastShape(posWeight, shape) : null;

  p.isIndex = isIndex;
  p.soft = soft;
  p.shape = shape;
  p.choice = choice;
}

/** Looks at the results that are given; all of them are checked before any is made. */
function findOutputs(p: Plan, { isClassLoss }: LossPlan, arena: Arena, compute: Compute): void {
  const { wanted, reads, isIndex, input, target, value, grad, gradTarget } = p;
  const { wrt, out, reduction } = p.options.values;
  const { dtype } = p.call;
  wanted.readWrt(wrt, isIndex);
  if (out === undefined) return;
  wanted.readOut(out, compute);
  if (wanted.value !== undefined) {
    if (reduction !== 'none') {
      fail('ERR_OPTION', `"out" for a value expected reduction 'none', got ${show(reduction)}`);
    }
    const a = isClassLoss ? undefined : input;
    const b = isClassLoss ? undefined : target;
    givenOutput(value, wanted.value, 'out', p.shape, dtype, arena, reads, a, b);
  }
  const b = isIndex ? undefined : target;
  if (wanted.input !== undefined) {
    const name = wanted.named ? 'out.input' : 'out';
    givenOutput(grad, wanted.input, name, input.shape, dtype, arena, reads, input, b);
  }
  if (wanted.target !== undefined) {
    const name = wanted.named ? 'out.target' : 'out';
    givenOutput(gradTarget, wanted.target, name, input.shape, dtype, arena, reads, input, b);
  }
  if (value.given) {
    checkApart(value, grad);
    checkApart(value, gradTarget);
  }
  checkApart(grad, gradTarget);
}

function recheckAll({ reads, value, grad, gradTarget }: Plan, arena: Arena): void {
  for (let i = 0; i < reads.length; i++) if (reads[i].given) recheck(reads[i], arena);
  if (value.given) recheck(value.operand, arena);
  if (grad.given) recheck(grad.operand, arena);
  if (gradTarget.given) recheck(gradTarget.operand, arena);
}

/** Makes the results that are wanted and were not given. */
function makeResults(p: Plan, arena: Arena, compute: Compute): void {
  const { input, wanted, value, grad, gradTarget } = p;
  const { dtype } = p.call;
  if (compute !== 'grad' && p.options.values.reduction === 'none' && !value.given) {
    newOutput(value, 'value', p.shape, dtype, input, arena);
  }
  if (compute === 'value') return;
  if (wanted.wrtInput && !grad.given) newOutput(grad, 'gradient', input.shape, dtype, input, arena);
  if (wanted.wrtTarget && !gradTarget.given)
    newOutput(gradTarget, 'gradient', input.shape, dtype, input, arena);
}

/** Where everything is. Read late: results may have grown the memory, which detaches views of it. */
function setArrays(p: Plan, arena: Arena): void {
  const { call, input, target, weight, posWeight, sampleWeight, gradOutput, value, grad, gradTarget } = p;
  const { dtype } = call;
  call.input = floats(input, dtype, arena);
  call.inputAt = input.at;
  call.target = p.isIndex ? labelsOf(target, arena) : floats(target, dtype, arena);
  call.targetAt = target.at;
  if (!p.plain) {
    if (weight.given) {
      call.weight = floats(weight, dtype, arena);
      call.weightAt = weight.at;
    }
    if (posWeight.given) {
      call.extra = floats(posWeight, dtype, arena);
      call.extraAt = posWeight.at;
    }
    if (sampleWeight.given) {
      call.sampleWeight = floats(sampleWeight, dtype, arena);
      call.sampleWeightAt = sampleWeight.at;
    }
    if (gradOutput.given && p.options.values.reduction === 'none') {
      call.gradOutput = floats(gradOutput, dtype, arena);
      call.gradOutputAt = gradOutput.at;
    }
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

/** The number that gradOutput is or stands for; 1 where it is none or is read element by element. */
function upstreamScale({ gradOutput: go, options }: Plan, none: boolean, shape: Shape): number {
  if (!go.given) return options.values.gradOutput === undefined ? 1 : (options.values.gradOutput as number);
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

/** Depends on shape and options alone, never on N: so do the bits. */
function kernelName(p: Plan, isClassLoss: boolean): KernelName {
  const { loops } = p.choice;
  const { call } = p;
  if (isClassLoss) {
    if (loops.pick !== undefined && p.isIndex && !p.soft) return loops.pick;
    return loops.rows !== undefined && call.inner === 1 && call.classes > LANEWISE_CLASSES
      ? loops.rows
      : loops.lanes!;
  }
  if (p.plain && !p.value.given) {
    if (loops.softplus !== undefined) return loops.softplus;
    if (loops.product !== undefined) return loops.product;
    const wantValue = (call.flags & FLAGS.VALUE) !== 0;
    const byResult = wantValue ? (p.grad.given ? loops.sumgrad : loops.sum) : loops.grad;
    if (byResult !== undefined && !p.gradTarget.given) return byResult;
  }
  return loops.any!;
}
