// 'simdloss/tfjs': losses for training with TensorFlow.js, which is handed in.
import { expected, fail, show, unknown } from '../errors.ts';
import { has, read } from '../given.ts';
import type { Losses } from '../losses/registry.ts';
import { Cache } from './cache.ts';
import { dataOf, tensorOf } from './data.ts';
import type { AnyLoss, Data, Forward, Prepared } from './prepared.ts';
import { layoutOf } from './shapes.ts';
import type {
  Core,
  Having,
  TensorFlow,
  TensorOfTf,
  TfTensor,
  TrainingLoss,
  TrainingOptions,
} from './types.ts';

export type { Having, TensorFlow, TensorOfTf, TfTensor, TrainingLoss, TrainingOptions } from './types.ts';

/** Options of every loss, which tfjs decides here: what becomes of the values, and what comes from upstream. */
const DECIDED = ['reduction', 'sampleWeight', 'gradOutput', 'allIgnored', 'wrt', 'out'];

/**
 * A loss for training with TensorFlow.js: for `model.compile`, and under `tf.variableGrads`, `tf.grads` and `optimizer.minimize`.
 *
 * Takes `(yTrue, yPred)`, as tfjs calls it; of a loss with three inputs all of them, in the order of `F.<loss>`. Returns one value a
 * sample, [batch], as tfjs's own losses do: class weights multiply it, `tf.mean` makes the scalar of it (sum over samples / batch).
 * A sample's value is the mean of its terms. Gradients reach every input that has one in `F.<loss>`; of a second order there are none.
 *
 * - predictions: float32, samples on the first axis; classes and features on the last unless `axis` says otherwise
 * - targets of class losses: class indices of any dtype, [batch] or [batch, 1] (with further axes between, where the prediction has
 *   them), or, for cross entropy, probabilities in the prediction's shape, one-hot ones of any dtype; of other losses as in `F.<loss>`
 * - `options`: the loss's own; arrays among them are typed arrays or F's tensors
 * - memory: for each set of shapes, eight at most, the inputs and the gradient lie in F's memory, until `dispose()` of the loss or of F
 * - any backend that has `dataSync`; a GPU is waited for, and the data go over the bus and back
 * - throws ERR_OPTION and ERR_TYPE for what it is given; when it is called, errors of the loss, ERR_UNSUPPORTED where a backend does not
 *   give its data at once, ERR_DISPOSED after F.dispose()
 * @example model.compile({ optimizer: 'sgd', loss: lossFor(tf, F, 'crossEntropy') })
 */
export function lossFor<TF extends TensorFlow, N extends keyof Losses>(
  tf: TF,
  F: Having<N>,
  name: N,
  options?: TrainingOptions<N>,
): TrainingLoss<TensorOfTf<TF>, N> {
  const core = coreOf(tf);
  const loss = lossOf(F, name);
  const asked = optionsOf(loss, options);
  const cache = new Cache(F, loss, asked);
  const names = loss.inputs;

  /** Does something with what is prepared for these inputs, and once more where it ended with a scope of F. */
  const withPrepared = <R>(inputs: readonly TfTensor[], use: (prepared: Prepared, data: Data) => R): R => {
    const layout = layoutOf(loss, asked.axis ?? -1, inputs);
    const data = (i: number): ArrayLike<number> => dataOf(core, inputs[i], names[i], layout.places[i]);
    try {
      return use(cache.get(layout), data);
    } catch (error) {
      if (read(Object(error), 'code') !== 'ERR_DISPOSED') throw error;
      cache.clear();
      return use(cache.get(layout), data);
    }
  };

  const upstreamOf = (dy: TfTensor): Float32Array => dataOf(core, dy, 'dy', { dtype: 'f32' }) as Float32Array;

  /** The gradient with respect to one of the inputs, which tfjs asks for only where something that is trained leads there. */
  const gradientOf = (
    at: number,
    forward: Forward,
    dy: TfTensor,
    [...saved]: readonly TfTensor[],
  ): TfTensor => {
    const inputs = saved.splice(0, names.length);
    const { shape } = inputs[at];
    return withPrepared(inputs, (prepared, data) => {
      const upstream = upstreamOf(dy);
      if (at > 0) return tensorOf(core, prepared.gradient(upstream, data, names[at]), shape);
      const other = prepared.backward(forward, upstream, data);
      return other === undefined ? core.clone(saved[0]) : tensorOf(core, other, shape);
    });
  };

  /** As tf.customGrad, which would want the gradients of all inputs at once. */
  const taped = (inputs: readonly TfTensor[]): TfTensor => {
    let forward: Forward;
    return core.engine().runKernelFunc({
      inputs: { ...inputs },
      forwardFunc: (_, save) => {
        forward = withPrepared(inputs, (prepared, data) => prepared.forward(data));
        const { values, gradient } = forward;
        const value = tensorOf(core, values, [values.length]);
        // in a tensor at once: the step may run again before its gradient is asked for
        save(gradient === undefined ? inputs : [...inputs, tensorOf(core, gradient, inputs[0].shape)]);
        return value;
      },
      backwardsFunc: (dy, saved) => ({ ...names.map((_, at) => () => gradientOf(at, forward, dy, saved)) }),
    });
  };

  const call = (...given: TfTensor[]): TfTensor => {
    if (given.length !== names.length)
      expected('ERR_TYPE', name, `${names.length} tensors (${names.join(', ')})`, `${given.length}`);
    // (yTrue, yPred) there, (prediction, target) here
    const inputs = names.length === 2 ? [given[1], given[0]] : given;
    if (!core.engine().isTapeOn())
      return withPrepared(inputs, (prepared, data) => {
        const values = prepared.values(data);
        return tensorOf(core, values, [values.length]);
      });
    return taped(inputs);
  };
  // tfjs shows a loss that is a metric under its name
  const named = { [name]: (...given: TfTensor[]) => call(...given) }[name];
  return Object.assign(named, { dispose: () => cache.clear() }) as unknown as TrainingLoss<TensorOfTf<TF>, N>;
}

const CALLED = ['tensor', 'clone', 'backend', 'engine'];

/** Its own typings say less than what it takes. */
function coreOf(tf: object): Core {
  if (CALLED.some((name) => typeof read(Object(tf), name) !== 'function'))
    expected('ERR_TYPE', 'tf', 'the namespace of @tensorflow/tfjs or @tensorflow/tfjs-core', show(tf));
  return tf as Core;
}

function lossOf(F: object, name: string): AnyLoss {
  if (!has(Object(F), 'zeros')) expected('ERR_TYPE', 'F', 'an instance that load() made', show(F));
  const loss = has(F, name) ? (read(F, name) as AnyLoss) : undefined;
  if (typeof loss !== 'function' || !has(loss, 'inputs'))
    fail('ERR_OPTION', `"name" expected a loss that F has, got ${show(name)}`);
  const { family } = loss as AnyLoss;
  if (family === 'sequence')
    fail(
      'ERR_OPTION',
      `"name" expected a loss with samples on the first axis, which "${name}" has frames on`,
    );
  if (family === 'pairs')
    fail('ERR_OPTION', `"name" expected a loss of samples: "${name}" is of all pairs of a batch`);
  if (family === 'sets')
    fail('ERR_OPTION', `"name" expected a loss with one value for a sample, where "${name}" has one a class`);
  if (family === 'projection')
    fail('ERR_OPTION', `"name" expected a loss of samples: "${name}" has weights, which are a layer's here`);
  return loss as AnyLoss;
}

/** What is passed on: the loss's own, the classes or features last. */
function optionsOf(loss: AnyLoss, options: object = {}): { readonly axis?: number } {
  const known = loss.options.filter((option) => !DECIDED.includes(option));
  for (const option of Object.keys(options)) if (!known.includes(option)) unknown('options', option, known);
  return { ...(known.includes('axis') && { axis: -1 }), ...options };
}
