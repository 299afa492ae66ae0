// A loss at one set of shapes: its inputs in linear memory, and steps over them that are prepared once.
import type { FamilyName } from '../families/family.ts';
import type { Instance } from '../functions.ts';
import type { Tensor } from '../memory/tensor.ts';

/** What a step of a loss is used as here. */
interface Step {
  (): unknown;
  dispose(): void;
}

/** A loss of an instance, whichever it is. */
export interface AnyLoss {
  readonly name: string;
  readonly family: FamilyName;
  readonly inputs: readonly string[];
  readonly options: readonly string[];
  prepare(...inputsAndOptions: unknown[]): Step;
}

/** The numbers of an input, to be read before those of another. */
export type Data = (input: number) => ArrayLike<number>;

/** What an input is in linear memory. */
export interface Place {
  readonly shape: readonly number[];
  readonly dtype: 'f32' | 'i32';
}

/** What a forward pass leaves; the arrays are those of the next one, too. */
export interface Forward {
  /** A value for each sample. */
  readonly values: Float32Array;
  /** The gradient for this upstream gradient; undefined where none could be told beforehand. */
  readonly gradient: Float32Array | undefined;
  readonly upstream: Float32Array;
}

export class Prepared {
  readonly #F: Pick<Instance, 'zeros'>;
  readonly #loss: AnyLoss;
  readonly #options: object;
  readonly #samples: number;
  readonly #inputs: readonly Tensor[];
  readonly #value: Tensor<'f32'>;
  readonly #gradOutput: Tensor<'f32'>;
  readonly #gradients = new Map<string, Tensor<'f32'>>();
  readonly #steps = new Map<string, Step>();
  /** What the last backward pass was given; before the first, what tf.mean gives. */
  #upstream: Float32Array;
  /** Whether the next backward pass is expected to be given the same: then value and gradient are one pass over the data. */
  #isSteady = true;

  /** `terms`: the shape of the loss with reduction 'none', whose first axis is that of the samples. */
  constructor(
    F: Pick<Instance, 'zeros'>,
    loss: AnyLoss,
    options: object,
    places: readonly Place[],
    terms: readonly number[],
  ) {
    this.#F = F;
    this.#loss = loss;
    this.#options = options;
    this.#samples = terms[0];
    this.#inputs = places.map(({ shape, dtype }) => F.zeros(shape, dtype));
    this.#value = F.zeros(terms);
    this.#gradOutput = F.zeros(terms);
    this.#upstream = new Float32Array(this.#samples).fill(1 / this.#samples);
    this.#spread();
  }

  /** Values alone. */
  values(data: Data): Float32Array {
    this.#fill(data);
    this.#step('value')();
    return this.#ofSamples();
  }

  /** Values, and the gradient with respect to the first input where the upstream gradient can be told beforehand. */
  forward(data: Data): Forward {
    const upstream = this.#upstream;
    if (!this.#isSteady) return { values: this.values(data), gradient: undefined, upstream };
    this.#fill(data);
    this.#step('valueAndGrad')();
    return { values: this.#ofSamples(), gradient: this.#gradient().data, upstream };
  }

  /** What a backward pass was given: undefined where the forward pass had foretold it, else the gradient. */
  backward({ gradient, upstream }: Forward, given: Float32Array, data: Data): Float32Array | undefined {
    const isForetold = areEqual(upstream, given);
    this.#isSteady = isForetold || areEqual(this.#upstream, given);
    return isForetold && gradient !== undefined ? undefined : this.gradient(given, data);
  }

  /** The gradient with respect to an input, by default the first. */
  gradient(upstream: Float32Array, data: Data, input = this.#loss.inputs[0]): Float32Array {
    if (!areEqual(this.#upstream, upstream)) {
      this.#upstream = upstream.slice();
      this.#spread();
    }
    this.#fill(data);
    this.#step('grad', input)();
    return this.#gradient(input).data;
  }

  dispose(): void {
    for (const step of this.#steps.values()) step.dispose();
    for (const tensor of [...this.#inputs, ...this.#gradients.values(), this.#value, this.#gradOutput])
      tensor.dispose();
  }

  #fill(data: Data): void {
    for (let i = 0; i < this.#inputs.length; i++)
      (this.#inputs[i].data as Float32Array | Int32Array).set(data(i));
  }

  /** A sample's value is the mean of its terms: so is each term's share of the gradient. */
  #spread(): void {
    const { data } = this.#gradOutput;
    const terms = data.length / this.#samples;
    for (let i = 0; i < this.#samples; i++) data.fill(this.#upstream[i] / terms, i * terms, (i + 1) * terms);
  }

  #ofSamples(): Float32Array {
    const { data } = this.#value;
    const terms = data.length / this.#samples;
    if (terms === 1) return data;
    return Float32Array.from({ length: this.#samples }, (_, i) => {
      let sum = 0;
      for (let k = i * terms; k < (i + 1) * terms; k++) sum += data[k];
      return sum / terms;
    });
  }

  #gradient(input = this.#loss.inputs[0]): Tensor<'f32'> {
    const made = this.#gradients.get(input);
    if (made !== undefined) return made;
    const { shape } = this.#inputs[this.#loss.inputs.indexOf(input)];
    const tensor = this.#F.zeros(shape);
    this.#gradients.set(input, tensor);
    return tensor;
  }

  #step(compute: 'value' | 'grad' | 'valueAndGrad', input = this.#loss.inputs[0]): Step {
    const key = `${compute} ${input}`;
    const made = this.#steps.get(key);
    if (made !== undefined) return made;
    const value = this.#value;
    const asked =
      compute === 'value'
        ? { out: value }
        : {
            wrt: input,
            gradOutput: this.#gradOutput,
            out: compute === 'grad' ? this.#gradient(input) : { value, grad: this.#gradient(input) },
          };
    const step = this.#loss.prepare(...this.#inputs, {
      ...this.#options,
      reduction: 'none',
      compute,
      ...asked,
    });
    this.#steps.set(key, step);
    return step;
  }
}

/** NaN equals nothing. */
function areEqual(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
