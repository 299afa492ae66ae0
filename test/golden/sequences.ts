// ctc on golden cases: its call, and what the reference says of it.
import { type CtcResult, ctcReference } from '../reference/ctc.ts';
import type { Tensor } from './case.ts';
import type { Numbers, SequenceCall } from './plan.ts';

type Answer = number | { data: ArrayLike<number> };
type Inputs = readonly unknown[];

/** What the tests call of it. */
export interface SequenceLoss {
  (...inputsAndOptions: Inputs): Answer;
  valueAndGrad(...inputsAndOptions: Inputs): { value: Answer; grad: Answer };
}

const numbers = (answer: Answer): number[] =>
  typeof answer === 'number' ? [answer] : Array.from(answer.data);

export function evaluateSequence(
  ctc: SequenceLoss,
  { inputs, lengths, options }: SequenceCall,
  typed: (tensor: Tensor) => object,
): Numbers & { plain: number[] } {
  const integers = ({ data, shape }: Tensor) => ({ data: Int32Array.from(data), shape });
  const all = [typed(inputs.input), ...[inputs.target, ...lengths].map(integers)];
  const { gradOutput, ...own } = options;
  const upstream = gradOutput === undefined ? {} : { gradOutput: typed(gradOutput as Tensor) };
  const { value, grad } = ctc.valueAndGrad(...all, { ...own, ...upstream });
  return { plain: numbers(ctc(...all, own)), value: numbers(value), grads: { input: numbers(grad) } };
}

/** Each sequence by the reference, and the share that it has in the result. */
function eachOf({ inputs, lengths, options }: SequenceCall): (CtcResult & { share: number; up: number })[] {
  const { input, target } = inputs;
  const [, sequences, classes] = input.shape;
  const {
    blank = 0,
    fromLogits = false,
    zeroInfinity,
    reduction,
    gradOutput,
  } = options as Record<string, any>;
  return Array.from({ length: sequences }, (_, n) => {
    const count = lengths[1].data[n];
    const rows = Array.from({ length: lengths[0].data[n] }, (_, t) =>
      Array.from(input.data.slice((t * sequences + n) * classes, (t * sequences + n + 1) * classes)),
    );
    const start = n * target.shape[1];
    const labels = Array.from(target.data.slice(start, start + count));
    const all = ctcReference({ rows, labels, blank, fromLogits });
    const isLeftOut = zeroInfinity && all.loss === Infinity;
    const result = isLeftOut
      ? { ...all, loss: 0, size: 0, grad: all.grad.map((row) => row.map(() => 0)) }
      : all;
    const share = reduction === 'mean' ? 1 / Math.max(count, 1) / sequences : 1;
    return { ...result, share, up: gradOutput?.data[n] ?? 1 };
  });
}

/** What the result is made of: of losses with what their paths cost, of gradients at most 2 a class. */
export function sequenceMagnitude(call: SequenceCall): Numbers {
  const each = eachOf(call);
  const [, sequences, classes] = call.inputs.input.shape;
  const losses = each.map(({ loss, size, share }) => share * (loss + size));
  const sum = losses.reduce((a, b) => a + b, 0);
  return {
    value: call.options.reduction === 'none' ? losses : [sum],
    grads: {
      input: Array.from(call.inputs.input.data, (_, i) => {
        const { share, up } = each[Math.floor(i / classes) % sequences];
        return 2 * Math.abs(share * up);
      }),
    },
  };
}

/** The same call, answered by the reference. */
export function referenceSequence(call: SequenceCall): Numbers {
  const each = eachOf(call);
  const [, sequences, classes] = call.inputs.input.shape;
  const losses = each.map(({ loss, share }) => share * loss);
  return {
    value: call.options.reduction === 'none' ? losses : [losses.reduce((a, b) => a + b, 0)],
    grads: {
      input: Array.from(call.inputs.input.data, (_, i) => {
        const { grad, share, up } = each[Math.floor(i / classes) % sequences];
        const t = Math.floor(i / classes / sequences);
        return t < grad.length ? grad[t][i % classes] * share * up : 0;
      }),
    },
  };
}
