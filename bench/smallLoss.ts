// The process that measures the small calls of one loss.
import { type FloatDType, type LossFunctions, load } from 'simdloss';
import type { LossName, Operation } from './cases.ts';
import { report, taskOfChild } from './child.ts';
import { fillIndices, fillInput, fillTarget, moreInputs } from './data.ts';
import { alternate, fullEffort, type Measurement, quickEffort } from './measure.ts';

export interface SmallTask {
  readonly loss: LossName;
  readonly operation: Operation;
  readonly dtype: FloatDType;
  readonly quick: boolean;
}
export interface SmallResult extends Measurement {
  readonly way: Way;
  readonly size: number;
}

const ways = ['plain', 'prepared', 'staged plain', 'staged prepared'] as const;
type Way = (typeof ways)[number];
interface Operands {
  readonly input: object;
  readonly target: object;
  readonly out: object;
}
interface Loss {
  readonly family: string;
  (...inputs: object[]): unknown;
  grad(...inputsAndOptions: object[]): unknown;
  valueAndGrad(...inputsAndOptions: object[]): unknown;
  prepare(...inputsAndOptions: object[]): (() => unknown) & { dispose(): void };
}

const { loss, operation, dtype, quick } = taskOfChild<SmallTask>();
const backends = { wasm: await load(), js: await load({ backend: 'js' }) };
const sizes = Array.from({ length: 11 }, (_, i) => 2 ** i);

for (const way of ways) {
  for (const size of sizes) {
    const wasm = caller(backends.wasm, way, size);
    const js = caller(backends.js, way, size);
    const measured = alternate({ wasm: wasm.call, js: js.call }, quick ? quickEffort : fullEffort);
    await report({ way, size, ...measured } satisfies SmallResult);
    for (const side of [wasm, js]) side.dispose();
  }
}

function caller(F: LossFunctions, way: Way, size: number): { call: () => unknown; dispose: () => void } {
  const of = F[loss] as unknown as Loss;
  const arrays = operands(size, of.family === 'classes');
  const { input, target, out } = way.startsWith('staged') ? arrays : onTensors(F, arrays);
  const more = moreInputs(F, loss, arrays.input.shape, dtype);
  if (!way.endsWith('prepared')) {
    const calls: Record<Operation, () => unknown> = {
      value: () => of(input, target, ...more),
      grad: () => of.grad(input, target, ...more, { out }),
      valueAndGrad: () => of.valueAndGrad(input, target, ...more, { out }),
    };
    return { call: calls[operation], dispose: () => disposeAll(input, target, ...more, out) };
  }
  const step = of.prepare(input, target, ...more, {
    compute: operation,
    ...(operation === 'value' ? {} : { out }),
  });
  return {
    call: step,
    dispose: () => {
      step.dispose();
      disposeAll(input, target, ...more, out);
    },
  };
}

interface NDArray {
  readonly data: Float32Array | Float64Array | Int32Array;
  readonly shape: readonly number[];
}
type Arrays = Record<keyof Operands, NDArray>;

/** [size] elements, or one row of as many classes. */
function operands(size: number, classes: boolean): Arrays {
  const make = () => (dtype === 'f32' ? new Float32Array(size) : new Float64Array(size));
  const shape = classes ? [1, size] : [size];
  const input = { data: make(), shape };
  const target = classes ? { data: new Int32Array(1), shape: [1] } : { data: make(), shape };
  fillInput(loss, input.data);
  if (target.data instanceof Int32Array) fillIndices(target.data, size);
  else fillTarget(loss, target.data);
  return { input, target, out: { data: make(), shape } };
}

function onTensors(F: LossFunctions, { input, target, out }: Arrays): Operands {
  return {
    input: F.tensor(input.data, input.shape),
    target: F.tensor(target.data, target.shape),
    out: F.tensor(out.data, out.shape),
  };
}

function disposeAll(...all: object[]): void {
  for (const operand of all) if ('dispose' in operand) (operand as { dispose(): void }).dispose();
}
