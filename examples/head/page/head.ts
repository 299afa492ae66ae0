// A linear classifier on embeddings, and what it is worth. Embeddings, weights and gradients live in the instance's memory:
// a step reads and writes them there, nothing is copied.
import type { LossFunctions, Tensor } from 'simdloss';
import { evaluate } from 'simdloss/evaluate';

export const BINS = 10;
const RATE = 0.5;
const MOMENTUM = 0.9;

export interface Rows {
  /** [rows, features], row after row. */
  readonly embeddings: Float32Array;
  /** The class of each row. */
  readonly labels: Int32Array;
}

/** The sentences that are predicted with a probability in this bin. */
export interface Bin {
  readonly count: number;
  /** The mean probability of what is predicted. */
  readonly confidence: number;
  /** How much of it is right. */
  readonly accuracy: number;
}

export interface Judged {
  readonly loss: number;
  readonly accuracy: number;
  /** Expected calibration error, over BINS bins. */
  readonly ece: number;
  /** How many sentences of each class are taken for each. */
  readonly confusion: readonly (readonly number[])[];
  readonly bins: readonly (Bin | undefined)[];
  /** Of each row and class. */
  readonly probabilities: Float32Array;
}

/** The class that is most probable in each row. */
export const predicted = (probabilities: Float32Array, classes: number): number[] =>
  Array.from({ length: probabilities.length / classes }, (_, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });

export class Head {
  readonly #F: LossFunctions;
  readonly #classes: number;
  readonly #features: number;
  readonly #input: Tensor<'f32'>;
  readonly #labels: Tensor<'i32'>;
  readonly #weights: Tensor<'f32'>;
  readonly #bias: Tensor<'f32'>;
  readonly #gradients: { readonly linearWeight: Tensor<'f32'>; readonly linearBias: Tensor<'f32'> };
  readonly #velocity: { readonly weights: Float32Array; readonly bias: Float32Array };
  #step: (() => number) & { dispose(): void };

  constructor(F: LossFunctions, { embeddings, labels }: Rows, classes: number) {
    const rows = labels.length;
    const features = embeddings.length / rows;
    this.#F = F;
    this.#classes = classes;
    this.#features = features;
    this.#input = F.tensor(embeddings, [rows, features]);
    this.#labels = F.tensor(labels, [rows]);
    this.#weights = F.zeros([classes, features]);
    this.#bias = F.zeros([classes]);
    this.#gradients = { linearWeight: F.zeros([classes, features]), linearBias: F.zeros([classes]) };
    this.#velocity = { weights: new Float32Array(classes * features), bias: new Float32Array(classes) };
    this.#step = this.#prepare(0);
  }

  #prepare(labelSmoothing: number) {
    return this.#F.linearCrossEntropy.prepare(this.#input, this.#weights, this.#labels, {
      linearBias: this.#bias,
      wrt: ['linearWeight', 'linearBias'],
      out: { grad: this.#gradients },
      labelSmoothing,
    });
  }

  /** From now on targets are `smoothing` of the way to all classes alike. */
  smooth(smoothing: number): void {
    this.#step.dispose();
    this.#step = this.#prepare(smoothing);
  }

  reset(): void {
    for (const { data } of [this.#weights, this.#bias]) data.fill(0);
    for (const velocity of Object.values(this.#velocity)) velocity.fill(0);
  }

  /** What is minimised, as the head is; the gradients are written. */
  objective(): number {
    return this.#step();
  }

  /** One step of gradient descent over all training sentences. */
  step(): void {
    this.#step();
    descend(this.#weights.data, this.#gradients.linearWeight.data, this.#velocity.weights);
    descend(this.#bias.data, this.#gradients.linearBias.data, this.#velocity.bias);
  }

  /** [rows, classes]. */
  logits(embeddings: Float32Array): Float32Array {
    const [classes, features] = [this.#classes, this.#features];
    const [weights, bias] = [this.#weights.data, this.#bias.data];
    const logits = new Float32Array((embeddings.length / features) * classes);
    for (let i = 0; i < logits.length; i++) {
      const c = i % classes;
      const row = (i - c) / classes;
      let sum = bias[c];
      for (let k = 0; k < features; k++) sum += embeddings[row * features + k] * weights[c * features + k];
      logits[i] = sum;
    }
    return logits;
  }

  probabilities(logits: Float32Array): Float32Array {
    const shape = [logits.length / this.#classes, this.#classes];
    return this.#F.softmax({ data: logits, shape }).data as Float32Array;
  }

  judge({ embeddings, labels }: Rows): Judged {
    const classes = this.#classes;
    const data = this.logits(embeddings);
    const probabilities = this.probabilities(data);
    const confidences = predicted(probabilities, classes).map((c, row) => probabilities[row * classes + c]);
    // as for the calibration error, a bin has its upper limit, not its lower one
    const group = confidences.map((p) => Math.min(Math.max(Math.ceil(p * BINS) - 1, 0), BINS - 1));
    const { loss, accuracy, ece, confusion, groups } = evaluate(this.#F, {
      loss: 'crossEntropy',
      figures: ['accuracy', 'ece', 'confusion'],
      bins: BINS,
    })
      .add({ data, shape: [labels.length, classes] }, labels, { group })
      .result();
    const bins = Array.from({ length: BINS }, (_, bin) => {
      const own = groups!.find(({ key }) => key === bin);
      if (own === undefined) return undefined;
      const sum = confidences.reduce((all, p, row) => all + (group[row] === bin ? p : 0), 0);
      return { count: own.count, confidence: sum / own.count, accuracy: own.accuracy! };
    });
    return { loss, accuracy: accuracy!, ece: ece!, confusion: confusion!, bins, probabilities };
  }
}

function descend(weights: Float32Array, gradient: Float32Array, velocity: Float32Array): void {
  for (let i = 0; i < weights.length; i++) {
    velocity[i] = MOMENTUM * velocity[i] - RATE * gradient[i];
    weights[i] += velocity[i];
  }
}
