import { FLAGS, LANEWISE_CLASSES } from '../abi.ts';
import { KernelCall } from '../call.ts';
import { bare } from '../given.ts';
import type { FloatInput, Output as OutputArray, ResultOf, Shape } from '../types.ts';
import type { KernelName } from '../wasm/exports.ts';
import type { Host } from './callable.ts';
import { Layout } from './layout.ts';
import { axisOption } from './nll.ts';
import { commonDtype, elements, expectShape, floats, type Operand, operandOf, recheck } from './operands.ts';
import { OptionSet, Options, operand } from './options.ts';
import { discard, givenOutput, newOutput, Output } from './outputs.ts';

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
   * Softmax along the class axis: e^x_j / Σ e^x_k, with the largest logit subtracted first.
   * `F.softmax.grad(output, gradOutput)` = y_j (go_j − Σ_k y_k go_k). PyTorch: torch.softmax.
   */
  readonly softmax: Helper<AxisOptions, 'softmax'>;
  /**
   * Log-softmax along the class axis: x_j − log Σ e^x_k, with full relative accuracy where it is close to 0.
   * `F.logSoftmax.grad(output, gradOutput)` = go_j − e^(y_j) Σ_k go_k. PyTorch: torch.log_softmax.
   */
  readonly logSoftmax: Helper<AxisOptions, 'logSoftmax'>;
  /**
   * log Σ e^x_k along the class axis, which the result lacks. `F.logSumExp.grad(input, gradOutput)` =
   * softmax(x)_j go. PyTorch: torch.logsumexp.
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
const mathFunctions = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'softplus'] as const;

interface Job {
  readonly kernel:
    | 'crossEntropy'
    | 'softmaxBackward'
    | 'logSoftmaxBackward'
    | 'sigmoid'
    | (typeof mathFunctions)[number];
  /** How the kernel walks: by elements, or along the class axis. */
  readonly loop: 'any' | 'map' | 'classes';
  /** Which field the result goes to. */
  readonly result: 'value' | 'grad' | 'gradTarget';
  readonly scale?: number;
  /** Where the second argument goes, and whether it has the shape of the reduced axis. */
  readonly upstream?: 'target' | 'gradOutput';
  readonly upstreamIsReduced?: boolean;
}

// softmax, logSoftmax and logSumExp are cross entropy without a target: its gradient, its log-probability, its value
const jobs: Record<keyof Helpers, { forward: Job; backward: Job }> = {
  softmax: {
    forward: { kernel: 'crossEntropy', loop: 'classes', result: 'grad' },
    backward: { kernel: 'softmaxBackward', loop: 'classes', result: 'grad', upstream: 'target' },
  },
  logSoftmax: {
    forward: { kernel: 'crossEntropy', loop: 'classes', result: 'gradTarget', scale: -1 },
    backward: { kernel: 'logSoftmaxBackward', loop: 'classes', result: 'grad', upstream: 'target' },
  },
  logSumExp: {
    forward: { kernel: 'crossEntropy', loop: 'classes', result: 'value' },
    backward: {
      kernel: 'crossEntropy',
      loop: 'classes',
      result: 'grad',
      upstream: 'gradOutput',
      upstreamIsReduced: true,
    },
  },
  sigmoid: {
    forward: { kernel: 'sigmoid', loop: 'any', result: 'value' },
    backward: { kernel: 'sigmoid', loop: 'any', result: 'grad', upstream: 'gradOutput' },
  },
};

export function createHelpers(host: Host): Helpers & MathFunctions {
  const make = (name: keyof Helpers): unknown => {
    const { forward, backward } = jobs[name];
    const helper = (input: unknown, options?: unknown) => run(host, name, forward, input, undefined, options);
    const grad = (saved: unknown, gradOutput: unknown, options?: unknown) =>
      run(host, `${name}.grad`, backward, saved, operandOf(gradOutput, 'gradOutput', host.arena), options);
    Object.defineProperty(helper, 'name', bare({ value: name }));
    Object.defineProperty(helper, 'grad', bare({ value: Object.freeze(grad), enumerable: true }));
    return Object.freeze(helper);
  };
  const makeMath = (name: (typeof mathFunctions)[number]): unknown => {
    const job: Job = { kernel: name, loop: 'map', result: 'value' };
    const map = (input: unknown, options?: unknown) => run(host, name, job, input, undefined, options);
    Object.defineProperty(map, 'name', bare({ value: name }));
    return Object.freeze(map);
  };
  return Object.fromEntries([
    ...Object.keys(jobs).map((name) => [name, make(name as keyof Helpers)]),
    ...mathFunctions.map((name) => [name, makeMath(name)]),
  ]) as unknown as Helpers & MathFunctions;
}

const elementwiseOptions = { out: operand('where to write the result') };
const axisOptions = { ...elementwiseOptions, axis: axisOption };
const elementwiseSet = new OptionSet(elementwiseOptions);
const axisSet = new OptionSet(axisOptions);

function run(
  host: Host,
  name: string,
  job: Job,
  input: unknown,
  upstream: Operand | undefined,
  raw: unknown,
): unknown {
  const { arena, backend } = host;
  arena.check();
  const elementwise = job.loop !== 'classes';
  const options = new Options(elementwise ? elementwiseSet : axisSet);
  options.read(raw);
  const { out, axis } = options.values;
  const x = operandOf(input, job.upstream === undefined ? 'input' : 'output', arena);
  const layout = elementwise ? undefined : new Layout();
  layout?.set(x, axis as number);
  const reduced = layout?.rowsOf(x.shape) ?? x.shape;
  if (upstream !== undefined) expectShape(upstream, job.upstreamIsReduced === true ? reduced : x.shape);
  const reads = upstream === undefined ? [x] : [x, upstream];
  const dtype = commonDtype(reads);
  const shape: Shape = job.result === 'value' ? reduced : x.shape;
  const [a, b] = shape === x.shape ? [x, upstream] : [undefined, undefined];
  const result = new Output();
  if (out !== undefined) givenOutput(result, out, 'out', shape, dtype, arena, reads, a, b);
  // none of the caller's code runs from here on
  arena.check();
  for (const read of reads) recheck(read);
  if (result.given) recheck(result.operand);
  else newOutput(result, 'result', shape, dtype, x, arena);
  try {
    const call = new KernelCall();
    call.name = name;
    call.dtype = dtype;
    call.scale = job.scale ?? 1;
    call.flags = job.result === 'value' ? FLAGS.VALUE : 0;
    if (layout === undefined) call.inner = elements(x.shape);
    else {
      call.outer = layout.outer;
      call.classes = layout.classes;
      call.inner = layout.inner;
    }
    if (job.upstream === 'target') call.flags |= FLAGS.SOFT;
    call.input = floats(x, dtype, arena);
    call.inputAt = x.at;
    if (elementwise) {
      call.target = call.input;
      call.targetAt = x.at;
    }
    if (upstream !== undefined) {
      const array = floats(upstream, dtype, arena);
      if (job.upstream === 'target') {
        call.target = array;
        call.targetAt = upstream.at;
      } else {
        call.gradOutput = array;
        call.gradOutputAt = upstream.at;
      }
    }
    const to = floats(result.operand, dtype, arena);
    if (job.result === 'value') {
      call.value = to;
      call.valueAt = result.operand.at;
    } else if (job.result === 'grad') {
      call.grad = to;
      call.gradAt = result.operand.at;
    } else {
      call.gradTarget = to;
      call.gradTargetAt = result.operand.at;
    }
    const long = job.kernel === 'crossEntropy' && call.inner === 1 && call.classes > LANEWISE_CLASSES;
    call.kernel = `${job.kernel}_${elementwise ? job.loop : long ? 'rows' : 'lanes'}` as KernelName;
    backend.run(call);
    return result.result;
  } catch (error) {
    discard(result);
    throw error;
  }
}
