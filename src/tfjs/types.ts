// TensorFlow.js as far as it is used here. It is handed in: nothing of it is imported, so that these types compile without it.
import type { Instance } from '../functions.ts';
import type { Losses } from '../losses/registry.ts';
import type { FirstForms, Forms, TernaryForms } from '../losses/signatures.ts';
import type { CommonOptions } from '../memory/inputs.ts';

/** A tensor of TensorFlow.js. */
export interface TfTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly dataId: object;
  dataSync(): ArrayLike<number> | readonly string[];
}

type Callable = (...inputs: never[]) => unknown;

/** `tf`: the namespace of '@tensorflow/tfjs' or '@tensorflow/tfjs-core', whatever a version's typings say of what these take. */
export interface TensorFlow {
  readonly tensor: Callable;
  readonly clone: Callable;
  readonly backend: Callable;
  readonly engine: Callable;
}

/** The tensors of this `tf`. */
export type TensorOfTf<TF extends TensorFlow> = TF['tensor'] extends (...inputs: never[]) => infer T
  ? T
  : never;

/** What of `tf` is called here, and how. */
export interface Core {
  tensor(values: Float32Array, shape: readonly number[], dtype: 'float32'): TfTensor;
  clone(x: TfTensor): TfTensor;
  backend(): object;
  engine(): { isTapeOn(): boolean; runKernelFunc(kernel: Custom): TfTensor };
}

/** A function with a gradient of its own. */
interface Custom {
  readonly inputs: Readonly<Record<number, TfTensor>>;
  /** `save` keeps copies of tensors for the backward pass. */
  forwardFunc(backend: object, save: (tensors: readonly TfTensor[]) => void): TfTensor;
  backwardsFunc(dy: TfTensor, saved: readonly TfTensor[]): Readonly<Record<number, () => TfTensor>>;
}

/** An instance that has this loss: of 'simdloss', or of parts. */
export type Having<N extends keyof Losses> = { readonly [K in N as K]: Losses[K] } & Pick<Instance, 'zeros'>;

/** What the options of a loss are, by its forms. */
type OwnOptions<L> =
  L extends Forms<infer O, infer _T, infer _R, infer _P>
    ? O
    : L extends TernaryForms<infer O, infer _N, infer _T, infer _P>
      ? O
      : L extends FirstForms<Forms<infer O, infer _T, infer _R, infer _P>>
        ? O
        : L extends FirstForms<TernaryForms<infer O, infer _N, infer _T, infer _P>>
          ? O
          : never;

/** The options of a loss in training: its own. `axis` is −1 unless given, as tfjs has its classes and features last. */
export type TrainingOptions<N extends keyof Losses> = Omit<
  OwnOptions<Losses[N]>,
  keyof CommonOptions | 'wrt' | 'out'
>;

/** What frees the memory of prepared steps before F is disposed. */
interface Disposable {
  /** Frees what is prepared; the next call prepares anew. */
  dispose(): void;
}

/**
 * A loss of TensorFlow.js: of a target and a prediction, in the order of `model.compile`; or, where a loss has more inputs, of all of
 * them in the order of `F.<loss>`. Returns one value a sample, [batch].
 */
export type TrainingLoss<T, N extends keyof Losses> = Disposable &
  (2 extends Parameters<Losses[N]>['length']
    ? (yTrue: T, yPred: T) => T
    : (first: T, second: T, third: T) => T);
