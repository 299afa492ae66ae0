import type { FloatDType, LossFunctions, Tensor } from 'simdloss';
import { checkGradient, checkValue } from './agreement.ts';
import { type Case, idOf, type Operation, PROJECTION_CLASSES, type WorkloadSpec } from './cases.ts';
import {
  fillDistributions,
  fillIndices,
  fillInput,
  fillSets,
  fillTarget,
  isProjection,
  moreInputs,
} from './data.ts';
import type { Pair } from './measure.ts';

export interface Backends {
  readonly wasm: LossFunctions;
  readonly js: LossFunctions;
}
interface Step {
  (): unknown;
  readonly value: number | undefined;
  dispose(): void;
}
type Prepare = (...inputsAndOptions: unknown[]) => Step;

/** The inputs of a case and room for its gradient, on one backend. */
class Side {
  readonly input: Tensor<FloatDType>;
  readonly target: Tensor;
  readonly grad: Tensor<FloatDType>;
  readonly #more: readonly Tensor[];
  readonly #prepare: Prepare;
  readonly #weightsFirst: boolean;

  constructor(F: LossFunctions, { loss, shape, target }: WorkloadSpec, dtype: FloatDType) {
    this.input = F.zeros(shape, dtype);
    this.target =
      target === 'sets'
        ? F.zeros(shape, 'i32')
        : target === 'indices'
          ? F.zeros([shape[0], ...shape.slice(2)], 'i32')
          : F.zeros(shape, dtype);
    this.grad = F.zeros(shape, dtype);
    this.#more = moreInputs(F, loss, shape, dtype);
    this.#weightsFirst = isProjection(loss);
    this.#prepare = F[loss].prepare as unknown as Prepare;
  }

  /** Shapes and options are checked here: what is timed allocates nothing. */
  step(operation: Operation): Step {
    const out = operation === 'value' ? {} : { out: this.grad };
    const others = this.#weightsFirst ? [...this.#more, this.target] : [this.target, ...this.#more];
    return this.#prepare(this.input, ...others, { compute: operation, ...out });
  }

  dispose(): void {
    for (const tensor of [this.input, this.target, this.grad, ...this.#more]) tensor.dispose();
  }
}

/** The same inputs on both backends. */
export class Workload {
  readonly #dtype: FloatDType;
  readonly #wasm: Side;
  readonly #js: Side;

  constructor(backends: Backends, spec: WorkloadSpec, dtype: FloatDType) {
    this.#dtype = dtype;
    this.#wasm = new Side(backends.wasm, spec, dtype);
    this.#js = new Side(backends.js, spec, dtype);
    fill(this.#js, spec);
    this.#wasm.input.data.set(this.#js.input.data);
    this.#wasm.target.data.set(this.#js.target.data as never);
  }

  /** Checks that the backends agree on the case, then lets `use` run it. */
  run<R>(which: Case, use: (steps: Pair) => R): R {
    const wasm = this.#wasm.step(which.operation);
    const js = this.#js.step(which.operation);
    try {
      this.#check(which, wasm, js);
      return use({ wasm, js });
    } finally {
      wasm.dispose();
      js.dispose();
    }
  }

  #check(which: Case, wasm: Step, js: Step): void {
    const id = idOf(which);
    // gradients of the case before must not pass for this one's
    for (const side of [this.#wasm, this.#js]) side.grad.data.fill(Number.NaN);
    wasm();
    js();
    if (which.operation !== 'grad') checkValue(id, this.#dtype, wasm.value as number, js.value as number);
    if (which.operation !== 'value') checkGradient(id, this.#dtype, this.#wasm.grad.data, this.#js.grad.data);
  }

  dispose(): void {
    this.#wasm.dispose();
    this.#js.dispose();
  }
}

function fill(side: Side, { loss, shape, target }: WorkloadSpec): void {
  fillInput(loss, side.input.data);
  const data = side.target.data;
  if (target === 'indices')
    fillIndices(data as Int32Array, isProjection(loss) ? PROJECTION_CLASSES : shape[1]);
  else if (target === 'probabilities') fillDistributions(data as Float32Array, shape);
  else if (target === 'sets') fillSets(data as Int32Array, shape.at(-1)!);
  else fillTarget(loss, data as Float32Array);
}
