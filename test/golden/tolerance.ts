import type { Case, FileTensor } from './case.ts';
import type { Dtype } from './evaluate.ts';
import { type Call, isHelper, type Plan, type Precision } from './plan.ts';

// A result may differ from a recorded number by what the library promises for its own rounding, a fraction of the
// magnitudes that it is made of, plus what the recorded number is good for; and never by more than the suite itself
// allows.

/** Losses with an exponential per element; a bound for the others is 4 ULP. */
const exponential = new Set([
  'crossEntropy',
  'polyCrossEntropy',
  'categoricalFocal',
  'ctc',
  'dice',
  'bceWithLogits',
  'sigmoidFocal',
  'softMargin',
  'logCosh',
  'softmax',
  'logSoftmax',
  'logSumExp',
  'sigmoid',
]);

/** The library's promise, relative to the magnitude. */
function promised(call: Call, dtype: Dtype): number {
  if (dtype === 'f64') return 1e-13;
  return exponential.has(isHelper(call) ? call.helper : call.loss) ? 4e-6 : 4 * 2 ** -23;
}

/** What the sum of a reduction may add, relative to the sum of its terms' magnitudes. */
const summation: Record<Dtype, number> = { f32: 2e-7, f64: 1e-15 };

/** A result below this may be 0: exponentials do not go into the subnormal numbers. */
const flushed: Record<Dtype, number> = { f32: 2 ** -126, f64: 2 ** -1022 };

/** Figures that a test's author wrote down are good for what the test allows. */
const literal: Precision = { rtol: 0, atol: Number.POSITIVE_INFINITY };
const computed: Record<Dtype, Precision> = {
  f32: { rtol: 1e-6, atol: 1e-7 },
  f64: { rtol: 2e-15, atol: 1e-15 },
};

export type Part = 'value' | 'grads';

function recorded(c: Case, plan: Plan, part: Part, tensor: FileTensor): Precision {
  const origin = c.source[`${part}_origin`] ?? '';
  if (origin === 'test-expected') return literal;
  return plan.precision?.[part] ?? computed[tensor.dtype === 'f32' ? 'f32' : 'f64'];
}

/** The greatest difference that passes, for a recorded number and the magnitude behind it. */
export type Allowed = (expected: number, magnitude: number) => number;

export function allowance(c: Case, plan: Plan, dtype: Dtype, part: Part, tensor: FileTensor): Allowed {
  const promise = promised(plan.call, dtype) + (part === 'value' ? summation[dtype] : 0);
  const { rtol, atol } = recorded(c, plan, part, tensor);
  return (expected, magnitude) => {
    const size = Math.abs(expected);
    const ours = promise * magnitude + flushed[dtype] + rtol * size + atol;
    return Math.min(ours, c.tol.atol + c.tol.rtol * size);
  };
}
