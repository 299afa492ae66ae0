import { lossOf } from '../losses/roles.ts';
import { type Outcome, reference, referenceHelper } from '../reference/index.ts';
import { helperMagnitude, magnitude } from '../reference/magnitude.ts';
import { isTensor } from '../reference/tensor.ts';
import type { Tensor } from './case.ts';
import { type Call, type HelperCall, isHelper, isSequence, type LossCall, type Numbers } from './plan.ts';
import { evaluateSequence, referenceSequence, type SequenceLoss, sequenceMagnitude } from './sequences.ts';

export type Dtype = 'f32' | 'f64';

type Answer = number | { data: ArrayLike<number> };

/** What the tests call of a loss. */
interface Loss {
  (input: unknown, target: unknown, options?: object): Answer;
  valueAndGrad(
    input: unknown,
    target: unknown,
    options?: object,
  ): { value: Answer; grad: Record<string, Answer> };
}

/** What they call of a helper: its gradient takes the helper's output, that of logSumExp its input. */
interface Helper {
  (input: unknown, options?: object): Answer;
  grad(from: unknown, gradOutput: unknown, options?: object): Answer;
}

/** The public interface, as far as the tests call it. */
export type Library = Record<string, Loss & Helper>;

const numbers = (answer: Answer): number[] =>
  typeof answer === 'number' ? [answer] : Array.from(answer.data);

/** The floating-point tensors of a call. */
function floatsOf(call: Call): Tensor[] {
  if (isHelper(call)) return [call.input, call.gradOutput];
  const { inputs, options } = call;
  const labels = isSequence(call) || call.labels;
  return [
    inputs.input,
    ...(labels ? [] : [inputs.target]),
    ...(Object.values(options).filter(isTensor) as Tensor[]),
  ];
}

/** Whether a call can be made in float32 without changing its inputs. */
export const fitsF32 = (call: Call): boolean =>
  floatsOf(call).every(({ data }) => data.every((v) => Number.isNaN(v) || Math.fround(v) === v));

/** Makes a call through the public interface; `plain` is the value of a call that asks for no gradient. */
export function evaluate(library: Library, call: Call, dtype: Dtype): Numbers & { plain: number[] } {
  const Floats = dtype === 'f32' ? Float32Array : Float64Array;
  const typed = ({ data, shape }: Tensor) => ({ data: Floats.from(data), shape });
  if (isSequence(call)) return evaluateSequence(library.ctc as unknown as SequenceLoss, call, typed);
  return isHelper(call) ? evaluateHelper(library, call, typed) : evaluateLoss(library, call, typed);
}

type Typed = (tensor: Tensor) => { data: ArrayLike<number>; shape: number[] };

function evaluateLoss(library: Library, call: LossCall, typed: Typed): Numbers & { plain: number[] } {
  const { input, target } = call.inputs;
  const x = typed(input);
  const t = call.labels ? { data: Int32Array.from(target.data), shape: target.shape } : typed(target);
  const { gradOutput, ...options } = Object.fromEntries(
    Object.entries(call.options).map(([name, v]) => [name, isTensor(v) ? typed(v as Tensor) : v]),
  );
  const loss: Loss = lossOf(library, call.loss);
  const upstream = gradOutput === undefined ? {} : { gradOutput };
  const { value, grad } = loss.valueAndGrad(x, t, { ...options, ...upstream, wrt: call.wrt });
  return {
    plain: numbers(loss(x, t, options)),
    value: numbers(value),
    grads: Object.fromEntries(call.wrt.map((name) => [name, numbers(grad[name])])),
  };
}

function evaluateHelper(library: Library, call: HelperCall, typed: Typed): Numbers & { plain: number[] } {
  const helper = library[call.helper];
  const options = call.axis === undefined ? {} : { axis: call.axis };
  const x = typed(call.input);
  const output = helper(x, options);
  const value = numbers(output);
  const from = call.helper === 'logSumExp' ? x : output;
  return {
    plain: value,
    value,
    grads: { input: numbers(helper.grad(from, typed(call.gradOutput), options)) },
  };
}

const flatten = ({ value, grads }: Pick<Outcome, 'value' | 'grads'>): Numbers => ({
  value: numbers(value),
  grads: {
    input: numbers(grads.input),
    ...(grads.target && { target: numbers(grads.target) }),
    ...(grads.third && { third: numbers(grads.third) }),
    ...(grads.linearBias && { linearBias: numbers(grads.linearBias) }),
  },
});

const ofHelper = ({ input, axis, gradOutput }: HelperCall) =>
  [input, { axis, gradOutput: gradOutput.data }] as const;

/** The same call, answered by the reference. */
export function evaluateReference(call: Call): Numbers {
  if (isSequence(call)) return referenceSequence(call);
  if (!isHelper(call)) return flatten(reference(call.loss, call.inputs, call.options));
  const { value, grad } = referenceHelper(call.helper, ...ofHelper(call));
  return flatten({ value, grads: { input: grad } });
}

/** The magnitudes of the terms behind those numbers. */
export function evaluateMagnitude(call: Call): Numbers {
  if (isSequence(call)) return sequenceMagnitude(call);
  if (!isHelper(call)) return flatten(magnitude(call.loss, call.inputs, call.options));
  const { value, grad } = helperMagnitude(call.helper, ...ofHelper(call));
  return flatten({ value, grads: { input: grad } });
}
