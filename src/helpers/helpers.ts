import { FLAGS, IN0, IN1, VALUE } from '../abi.ts';
import { KernelCall } from '../call.ts';
import type { Shape } from '../dtypes.ts';
import { areRowsLong, axisOption } from '../families/classes.ts';
import { Layout } from '../families/layout.ts';
import { bare, named, read } from '../given.ts';
import type { Checked, NoOptions, Passed, Some, Written } from '../losses/signatures.ts';
import type { FloatInput, Output as OutputArray, ResultOf } from '../memory/inputs.ts';
import { commonDtype, expectShape, Operand, recheck } from '../memory/operand.ts';
import { OptionSet, Options, type Owners } from '../options/read.ts';
import { unread } from '../options/specs.ts';
import { operandOf } from '../plan/read.ts';
import { discard, givenOutput, newOutput } from '../plan/results.ts';
import type { Host } from '../plan/step.ts';
import type { KernelName } from '../wasm/generated/exports.ts';
import type { HelperSpec, Job } from './specs.ts';

export interface HelperOptions {
  /** Where to write the result; may be the first argument itself. */
  out?: OutputArray | undefined;
}
export interface AxisOptions extends HelperOptions {
  /** The class axis; default 1, or 0 for rank 1. */
  axis?: number | undefined;
}

/** What a helper returns: `out` where that was given. */
export type HelperResult<I, C> = Written<Passed<C, 'out'>, ResultOf<I>>;

/** A map with a backward of its own. */
export interface Helper<O extends HelperOptions> extends Backward<O> {
  <I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, O>,
  ): HelperResult<I, C>;
}

/** The backward of a map. */
export interface Backward<O extends HelperOptions> {
  /**
   * Gradient with respect to the map's input. The first argument is the map's own output, except for logSumExp, whose
   * output does not determine it: there it is the input.
   */
  grad<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    saved: I,
    gradOutput: FloatInput,
    options?: Checked<C, O>,
  ): HelperResult<I, C>;
}

interface HelperMaps {
  /**
   * Softmax along the class axis: e^x_j / Σ e^x_k, with the largest logit subtracted first. NaN in the whole row where the
   * largest is infinite, and so is the gradient from it.
   * `F.softmax.grad(output, gradOutput)` = y_j (go_j − Σ_k y_k go_k). PyTorch: torch.softmax.
   */
  softmax<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, AxisOptions>,
  ): HelperResult<I, C>;
  /**
   * Log-softmax along the class axis: x_j − log Σ e^x_k, with full relative accuracy where it is close to 0. NaN where
   * softmax is; −inf for a −inf beside finite logits.
   * `F.logSoftmax.grad(output, gradOutput)` = go_j − e^(y_j) Σ_k go_k. PyTorch: torch.log_softmax.
   */
  logSoftmax<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, AxisOptions>,
  ): HelperResult<I, C>;
  /**
   * log Σ e^x_k along the class axis, which the result lacks: −inf where all are −inf, +inf where one is +inf, unless one is
   * NaN. `F.logSumExp.grad(input, gradOutput)` = softmax(x)_j go, NaN where softmax is. PyTorch: torch.logsumexp.
   */
  logSumExp<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, AxisOptions>,
  ): HelperResult<I, C>;
  /** 1/(1 + e^−x) of each element. `F.sigmoid.grad(output, gradOutput)` = y (1 − y) go. PyTorch: torch.sigmoid. */
  sigmoid<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, HelperOptions>,
  ): HelperResult<I, C>;
}

interface Backwards {
  readonly softmax: Backward<AxisOptions>;
  readonly logSoftmax: Backward<AxisOptions>;
  readonly logSumExp: Backward<AxisOptions>;
  readonly sigmoid: Backward<HelperOptions>;
}
type HelpersAndBackwards = HelperMaps & Backwards;
export interface Helpers extends HelpersAndBackwards {}

/** A function of each element, without a backward. */
export type MathFunction = MathFunctions['exp'];

/**
 * The vector math that the kernels are made of, on tensors of any shape; error bounds in ULP, f32 swept over all floats:
 * see the doc comments in assembly/math. The js backend has the engine's own Math.
 */
export interface MathFunctions {
  /** e^x over the whole range, subnormal results included. */
  exp<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, HelperOptions>,
  ): HelperResult<I, C>;
  /** e^x − 1, accurate for small x. */
  expm1<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, HelperOptions>,
  ): HelperResult<I, C>;
  /** Natural logarithm; −inf at 0, NaN below. */
  log<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, HelperOptions>,
  ): HelperResult<I, C>;
  /** log(1 + x), accurate for small x. */
  log1p<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, HelperOptions>,
  ): HelperResult<I, C>;
  /** Hyperbolic tangent. */
  tanh<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, HelperOptions>,
  ): HelperResult<I, C>;
  /** log(1 + e^x), accurate in both tails. */
  softplus<I extends FloatInput, const C extends Some<HelperOptions> = NoOptions>(
    input: I,
    options?: Checked<C, HelperOptions>,
  ): HelperResult<I, C>;
}

/** Makes F.<name>. */
export function createHelper({ name, forward, ...more }: HelperSpec, _options: Owners, host: Host): unknown {
  // what a job leaves out, Object.prototype may have
  const first = bare(forward);
  const helper = (input: unknown, options?: unknown) => run(host, name, first, input, undefined, options);
  named(name, helper);
  const backward = read(more, 'backward') as Job | undefined;
  if (backward !== undefined) {
    const second = bare(backward);
    const grad = (saved: unknown, gradOutput: unknown, options?: unknown) =>
      run(host, `${name}.grad`, second, saved, gradOutput, options);
    Object.defineProperty(
      helper,
      'grad',
      bare({ value: Object.freeze(named('grad', grad)), enumerable: true }),
    );
  }
  return Object.freeze(helper);
}

const elementwiseOptions = { out: unread('where to write the result') };
const axisOptions = { ...elementwiseOptions, axis: axisOption() };
const elementwiseSet = new OptionSet(elementwiseOptions);
const axisSet = new OptionSet(axisOptions);

function run(host: Host, name: string, job: Job, input: unknown, upstream: unknown, raw: unknown): unknown {
  const { arena, backend } = host;
  arena.check();
  const reads: Operand[] = [];
  if (job.upstream !== undefined)
    reads.push(operandOf(upstream, 'gradOutput', arena, new Operand(job.upstream)));
  const elementwise = job.loop !== 'classes';
  const options = new Options(elementwise ? elementwiseSet : axisSet);
  options.read(raw);
  const { out, axis } = options.values;
  const x = operandOf(input, job.upstream === undefined ? 'input' : 'output', arena, new Operand(IN0));
  reads.unshift(x);
  const layout = elementwise ? undefined : new Layout();
  layout?.set(x, axis as number);
  const reduced = layout?.rowsOf(x.shape) ?? x.shape;
  if (reads.length > 1) expectShape(reads[1], job.upstreamIsReduced === true ? reduced : x.shape);
  const dtype = commonDtype(reads);
  const shape: Shape = job.result === VALUE ? reduced : x.shape;
  const result = new Operand(job.result);
  if (out !== undefined)
    givenOutput({ call: { dtype }, reads }, result, out, 'out', shape, arena, shape === x.shape ? reads : []);
  // none of the caller's code runs from here on
  arena.check();
  for (const read of reads) recheck(read, arena);
  if (result.given) recheck(result, arena);
  else newOutput(result, 'result', shape, dtype, x, arena);
  try {
    const call = new KernelCall();
    call.name = name;
    call.dtype = dtype;
    call.scale = job.scale ?? 1;
    call.flags = job.result === VALUE ? FLAGS.VALUE : 0;
    if (layout === undefined) call.inner = x.length;
    else {
      call.outer = layout.outer;
      call.classes = layout.classes;
      call.inner = layout.inner;
    }
    if (job.upstream === IN1) call.flags |= FLAGS.SOFT;
    for (const read of reads) call.add(read);
    call.add(result);
    const long = job.kernel === 'crossEntropy' && areRowsLong(call);
    call.kernel = `${job.kernel}_${elementwise ? job.loop : long ? 'rows' : 'lanes'}` as KernelName;
    backend.run(call);
    return result.source;
  } catch (error) {
    discard(result);
    throw error;
  }
}
