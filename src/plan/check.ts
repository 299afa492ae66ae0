// From arguments to a call that is ready: what was handed in is looked at, fitted together, and given places for its results.
import { FLAGS, SAMPLE_WEIGHT } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { isHalf, type Shape } from '../dtypes.ts';
import { expected, fail, show, showShape } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { expectShape, type Operand, recheck } from '../memory/operand.ts';
import { broadcastRecord } from '../memory/shape.ts';
import type { CallOptions, Extra, Plan } from './plan.ts';
import { operandOf, scalarOperand } from './read.ts';
import { checkApart, givenOutput, newOutput } from './results.ts';
import type { Compute } from './wanted.ts';

/**
 * Checks everything that can be checked before labels are read, then allocates the results; the options are read already, and the
 * arguments are looked at. Where it throws, results that were made are to be discarded.
 */
export function check(p: Plan, arena: Arena, compute: Compute): void {
  lookAtExtras(p, arena);
  if (!p.isAsBefore) {
    p.options.areAsBefore = false; // what throws may have changed the call
    fitTogether(p, arena);
    p.remember();
  }
  const hasValue = compute === 'value' || compute === 'valueAndGrad';
  if (hasValue) p.call.flags |= FLAGS.VALUE;
  else p.call.flags &= ~FLAGS.VALUE;
  const { out, wrt, reduction } = p.options.values;
  // most calls for a value want a number, and nothing is to be done for that
  const hasResults = compute !== 'value' || reduction === 'none' || out !== undefined || wrt !== undefined;
  if (hasResults) findOutputs(p, arena, compute);
  // none of the caller's code runs from here on
  arena.check();
  const { call, reads, results, resultCount } = p;
  call.clear();
  for (let i = 0; i < reads.length; i++) if (reads[i].given) handOver(call, reads[i], arena);
  for (let i = 0; i < resultCount; i++) handOver(call, results[i], arena);
  if (hasResults) makeResults(p, arena, compute);
  call.kernel = p.descriptor.family.loop(p.choice.loops, call, p.isPlain);
}

function handOver(call: KernelCall, operand: Operand, arena: Arena): void {
  // small calls are on tensors, which have nothing but their life to be looked at
  if (operand.tensor === undefined || operand.tensor.disposed) recheck(operand, arena);
  call.add(operand);
}

/** Looks at the operands among the options. */
function lookAtExtras(p: Plan, arena: Arena): void {
  const { operands: given, values } = p.options;
  if (given === 0) return;
  const { extras } = p;
  for (let i = 0; i < extras.length; i++) {
    if ((given & (1 << i)) === 0) continue;
    const { name, spec, operand } = extras[i];
    const value = values[name];
    if (typeof value === 'number' && spec.number === 'broadcast') scalarOperand(name, value, operand);
    else operandOf(value, name, arena, operand, spec.isMask);
  }
}

/** Checks that shapes and dtypes fit together, and sets the numbers of the call. */
function fitTogether(p: Plan, arena: Arena): void {
  const { call, descriptor } = p;
  const { reduction, allIgnored, hessian, hessianScale, minHessian } = p.options.values;
  const terms = descriptor.family.fit(p, descriptor.inputs);
  const isNone = reduction === 'none';
  let isWeighted = false;
  call.scale = 1;
  for (let i = 0; i < p.extras.length; i++) {
    const { name, spec, operand } = p.extras[i];
    if (!operand.given) {
      if (spec.number === 'scale') call.scale = scaleOf(p.options.values, name);
    } else if (spec.number === 'scale') call.scale = upstreamScale(operand, isNone, terms, arena);
    else fitExtra(p.extras[i], terms, p);
    if (operand.given && operand.slot === SAMPLE_WEIGHT) isWeighted = true;
  }
  const choice = p.choose(call.dtype, call.classes);
  call.setParams(choice.params);
  const isIndex = (call.flags & FLAGS.INDEX) !== 0;
  const isMean = reduction === 'mean';
  // what the mean divides by is known after the labels or the sample weights were read
  const isCompared = (call.flags & FLAGS.COMPARED) !== 0;
  const isCounted = isMean && (isIndex || isWeighted || isCompared);
  call.prepass = isIndex || (isCounted && !isCompared);
  if (choice.soft) call.flags |= FLAGS.SOFT;
  if (isCounted) call.flags |= FLAGS.WEIGHTED_MEAN;
  const emptyIsZero = allIgnored === 'zero';
  if (isCounted && emptyIsZero) call.flags |= FLAGS.EMPTY_IS_ZERO;
  if (hessian === 'one' && !descriptor.hasOwnOne) call.flags |= FLAGS.HESSIAN_ONE;
  else if (hessian !== undefined && hessian !== 'exact') call.flags |= FLAGS.HESSIAN_OTHER;
  call.hessianScale = hessianScale ?? 1;
  call.minHessian = minHessian ?? 0;
  call.version++;
  call.divisor = 1;
  const count = call.outer * call.inner;
  if (isMean) call.divisor = count;
  else if (reduction === 'batchmean') {
    const { shape } = p.inputs[0];
    call.divisor = shape.length > 0 ? shape[0] : 1;
  }
  if (count === 0 && emptyIsZero) call.divisor = 1;
  p.terms = terms;
}

function fitExtra({ spec: { shape }, operand }: Extra, terms: Shape, { inputs, layout }: Plan): void {
  const first = inputs[0].shape;
  if (shape === 'broadcast') operand.broadcast = broadcastRecord(operand.name, operand.shape, terms);
  else if (shape === 'broadcastToFirst')
    operand.broadcast = broadcastRecord(operand.name, operand.shape, first);
  else if (shape === 'one') expectOne(operand);
  else expectShape(operand, shape === 'classes' ? [layout.length] : shape === 'first' ? first : terms);
}

/** A number, as a tensor: it has a gradient. */
function expectOne({ name, length, shape }: Operand): void {
  if (length !== 1) expected('ERR_SHAPE', name, 'one element', `shape ${showShape(shape)}`);
}

/** The number that gradOutput is, or 1. */
const scaleOf = (values: CallOptions, name: string): number =>
  values[name] === undefined ? 1 : (values[name] as number);

/** The number that a gradOutput without axes stands for; 1 where it is read element by element. */
function upstreamScale(operand: Operand, isNone: boolean, terms: Shape, arena: Arena): number {
  if (isNone) {
    expectShape(operand, terms);
    return 1;
  }
  if (operand.shape.length > 0) {
    expected(
      'ERR_SHAPE',
      operand.name,
      "a number (an array needs reduction 'none')",
      `shape ${showShape(operand.shape)}`,
    );
  }
  const { dtype } = operand;
  const first = operand.array[0] as number;
  const scale = isHalf(dtype) ? arena.halves!.numberOf(dtype, first) : first;
  operand.clear(); // a number of the call, and no operand any more
  return scale;
}

const NONE: readonly Operand[] = [];

/** The inputs that a result of this source may be written over. */
function overOf(p: Plan, may: boolean | 'first', source: number): readonly Operand[] {
  if (may === 'first') return source === 0 ? p.first : NONE;
  return may ? p.inputs : NONE;
}

/** Looks at the results that are given; all of them are checked before any is made. */
function findOutputs(p: Plan, arena: Arena, compute: Compute): void {
  const { wanted, sources, grads } = p;
  const { wrt, out, reduction } = p.options.values;
  wanted.gradients = 1;
  wanted.named = false;
  if (wrt !== undefined) wanted.readWrt(wrt, sources);
  if (compute === 'gradAndHess' && wanted.gradients !== 1)
    expected('ERR_OPTION', 'wrt', `"${p.descriptor.inputs[0].name}" for second derivatives`, 'another');
  if (out === undefined) return;
  wanted.readOut(out, compute);
  const { inPlace } = p.descriptor.family;
  if (wanted.value !== undefined) {
    if (reduction !== 'none')
      fail('ERR_OPTION', `"out" for a value expected reduction 'none', got ${show(reduction)}`);
    find(p, p.value, wanted.value, 'out', p.terms, arena, overOf(p, inPlace.value, 0));
  }
  for (let i = 0; i < grads.length; i++) {
    if (wanted.grads[i] === undefined) continue;
    const name = wanted.named ? `out.${wanted.names[i]}` : 'out';
    find(p, grads[i], wanted.grads[i], name, sources[i].shape, arena, overOf(p, inPlace.grad, i));
  }
  if (wanted.hess !== undefined)
    find(p, p.hess, wanted.hess, 'out.hess', sources[0].shape, arena, overOf(p, inPlace.hess, 0));
}

function find(
  p: Plan,
  into: Operand,
  given: unknown,
  name: string,
  shape: Shape,
  arena: Arena,
  over: readonly Operand[],
): void {
  p.addResult(into);
  givenOutput(p, into, given, name, shape, arena, over);
  for (let i = 0; i < p.resultCount - 1; i++) checkApart(p.results[i], into);
}

/** Makes the results that are wanted and were not given. */
function makeResults(p: Plan, arena: Arena, compute: Compute): void {
  const { sources, wanted, grads } = p;
  const hasValue = compute === 'value' || compute === 'valueAndGrad';
  if (hasValue && p.options.values.reduction === 'none' && !p.value.given)
    make(p, p.value, 'value', p.terms, arena);
  if (compute === 'value') return;
  for (let i = 0; i < grads.length; i++) {
    if (!wanted.wants(i)) continue;
    if (!grads[i].given) make(p, grads[i], 'gradient', sources[i].shape, arena);
    grads[i].broadcast = sources[i].broadcast;
    if (sources[i].broadcast !== null) p.call.isSummed = true;
  }
  if (compute === 'gradAndHess' && !p.hess.given)
    make(p, p.hess, 'second derivative', sources[0].shape, arena);
}

function make(p: Plan, into: Operand, name: string, shape: Shape, arena: Arena): void {
  newOutput(into, name, shape, p.call.dtype, p.inputs[0], arena);
  p.addResult(into);
  p.call.add(into);
}
