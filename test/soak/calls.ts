// A small call of every loss and helper, of every kind, that leaves nothing behind.
import type { LossFunctions } from '../../src/index.ts';
import { inputsOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';

type Any = any;

export interface SoakCall {
  readonly name: string;
  /** One call; n tells which, so that all kinds take their turn. */
  readonly run: (n: number) => void;
}

export function soakCalls(F: LossFunctions): SoakCall[] {
  const any = F as Any;
  const losses = allRows.map((row) => {
    const { input, target, options } = inputsOf(row, row.variants[0], 'f32');
    const x = any.tensor(input.data, input.shape);
    const t = any.tensor(target.data, target.shape);
    const out = any.zeros(input.shape);
    const loss = lossOf(any, row.loss);
    const writing = { ...options, out };
    const none = { ...options, reduction: 'none' };
    const step = loss.prepare(x, t, writing);
    const kinds: (() => unknown)[] = [
      step,
      () => loss(x, t, options),
      () => loss.grad(x, t, writing),
      () => loss.valueAndGrad(input, target, options),
      () => loss(x, t, none).dispose(),
      () => any.scope(() => void loss.valueAndGrad(x, target, none)),
      () => loss.prepare(x, t, options).dispose(),
      () => {
        try {
          loss(x, t, { reduction: 'avg' });
        } catch {
          // refused
        }
      },
    ];
    return { name: row.loss, run: (n: number) => void kinds[n % kinds.length]() };
  });
  const x = any.tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const helpers = ['softmax', 'logSoftmax', 'logSumExp', 'sigmoid'].map((name) => ({
    name,
    run: (n: number) =>
      void (n % 2 === 0 ? any[name](x).dispose() : any[name]({ data: x.data, shape: [2, 3] })),
  }));
  return [...losses, ...helpers];
}

/** What may not grow while calls go on. */
export const booksOf = (F: LossFunctions): string =>
  JSON.stringify([
    F.memory.buffer?.byteLength,
    F.memory.bytesInUse,
    F.memory.liveTensors,
    F.memory.highWaterMark,
  ]);
