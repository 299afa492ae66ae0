import { FLAGS, IN0, IN1, VALUE } from '../abi.ts';
import { KernelCall } from '../call.ts';
import type { Shape } from '../dtypes.ts';
import { areRowsLong, axisOption } from '../families/classes.ts';
import { Layout } from '../families/layout.ts';
import { bare, read } from '../given.ts';
import type { FloatInput, Output as OutputArray, ResultOf } from '../memory/inputs.ts';
import { commonDtype, expectShape, Operand, recheck } from '../memory/operand.ts';
import { OptionSet, Options } from '../options/read.ts';
import { unread } from '../options/specs.ts';
import { operandOf } from '../plan/read.ts';
import { discard, givenOutput, newOutput } from '../plan/results.ts';
import type { Host } from '../plan/step.ts';
import type { KernelName } from '../wasm/generated/exports.ts';
import type { HelperSpec, Job } from './specs.ts';

export interface HelperOptions {
  /** Where to write the result; may be the first argument itself. */
  out?: OutputArray;
}
export interface AxisOptions extends HelperOptions {
  /** The class axis; default 1, or 0 for rank 1. */
  axis?: number;
}

/** A map with a backward of its own. */
export interface Helper<O, Name extends string> {
  <I extends FloatInput>(input: I, options?: O & { out?: undefined }): ResultOf<I>;
  <I extends FloatInput, T extends OutputArray>(input: I, options: O & { out: T }): T;
  /**
   * Gradient with respect to the map's input. The first argument is the map's own output, except for logSumExp, whose
   * output does not determine it: there it is the input.
   */
  readonly grad: {
    <I extends FloatInput>(saved: I, gradOutput: FloatInput, options?: O & { out?: undefined }): ResultOf<I>;
    <I extends FloatInput, T extends OutputArray>(
      saved: I,
      gradOutput: FloatInput,
      options: O & { out: T },
    ): T;
  };
  readonly name: Name;
}

export interface Helpers {
  /**
   * Softmax along the class axis: e^x_j / Σ e^x_k, with the largest logit subtracted first. NaN in the whole row where the
   * largest is infinite, and so is the gradient from it.
   * `F.softmax.grad(output, gradOutput)` = y_j (go_j − Σ_k y_k go_k). PyTorch: torch.softmax.
   */
  readonly softmax: Helper<AxisOptions, 'softmax'>;
  /**
   * Log-softmax along the class axis: x_j − log Σ e^x_k, with full relative accuracy where it is close to 0. NaN where
   * softmax is; −inf for a −inf beside finite logits.
   * `F.logSoftmax.grad(output, gradOutput)` = go_j − e^(y_j) Σ_k go_k. PyTorch: torch.log_softmax.
   */
  readonly logSoftmax: Helper<AxisOptions, 'logSoftmax'>;
  /**
   * log Σ e^x_k along the class axis, which the result lacks: −inf where all are −inf, +inf where one is +inf, unless one is
   * NaN. `F.logSumExp.grad(input, gradOutput)` = softmax(x)_j go, NaN where softmax is. PyTorch: torch.logsumexp.
   */
  readonly logSumExp: Helper<AxisOptions, 'logSumExp'>;
  /** 1/(1 + e^−x) of each element. `F.sigmoid.grad(output, gradOutput)` = y (1 − y) go. PyTorch: torch.sigmoid. */
  readonly sigmoid: Helper<HelperOptions, 'sigmoid'>;
}

/** A function of each element, without a backward. */
export interface MathFunction<Name extends string> {
  <I extends FloatInput>(input: I, options?: HelperOptions & { out?: undefined }): ResultOf<I>;
  <I extends FloatInput, T extends OutputArray>(input: I, options: HelperOptions & { out: T }): T;
  readonly name: Name;
}

/**
 * The vector math that the kernels are made of, on tensors of any shape; error bounds in ULP, f32 swept over all floats:
 * see the doc comments in assembly/math. The js backend has the engine's own Math.
 */
export interface MathFunctions {
  /** e^x over the whole range, subnormal results included. */
  readonly exp: MathFunction<'exp'>;
  /** e^x − 1, accurate for small x. */
  readonly expm1: MathFunction<'expm1'>;
  /** Natural logarithm; −inf at 0, NaN below. */
  readonly log: MathFunction<'log'>;
  /** log(1 + x), accurate for small x. */
  readonly log1p: MathFunction<'log1p'>;
  /** Hyperbolic tangent. */
  readonly tanh: MathFunction<'tanh'>;
  /** log(1 + e^x), accurate in both tails. */
  readonly softplus: MathFunction<'softplus'>;
}

/** What a job may leave out: as its own, since Object.prototype is others'. */
const NOT_SAID = { scale: undefined, upstream: undefined, upstreamIsReduced: undefined };

/** Makes F.<name>. */
export function createHelper(
  { name, forward, ...more }: HelperSpec,
  _options: readonly string[],
  host: Host,
): unknown {
  const first = { ...NOT_SAID, ...forward };
  const helper = (input: unknown, options?: unknown) => run(host, name, first, input, undefined, options);
  Object.defineProperty(helper, 'name', bare({ value: name }));
  const backward = read(more, 'backward') as Job | undefined;
  if (backward !== undefined) {
    const second = { ...NOT_SAID, ...backward };
    const grad = (saved: unknown, gradOutput: unknown, options?: unknown) =>
      run(host, `${name}.grad`, second, saved, gradOutput, options);
    Object.defineProperty(helper, 'grad', bare({ value: Object.freeze(grad), enumerable: true }));
  }
  return Object.freeze(helper);
}

const elementwiseOptions = { out: unread('where to write the result') };
const axisOptions = { ...elementwiseOptions, axis: axisOption };
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
    givenOutput(
      { call: { dtype }, reads, inputs: reads },
      result,
      out,
      'out',
      shape,
      arena,
      shape === x.shape,
    );
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
