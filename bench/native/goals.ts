// What is compared with C, and how fast it is to be: C's time / ours, of value and gradient together in f32.
import { type Case, casesOf, type LossName, type WorkloadSpec } from '../cases.ts';

/** Sequences, too. */
export type NativeLoss = LossName | 'ctc';

export interface NativeSpec extends WorkloadSpec<NativeLoss> {
  /** Rows of the weights of a product, or labels of a sequence. */
  readonly others?: number;
  /** Whether the twin lacks it. */
  readonly isPlain?: boolean;
  /** Of the losses of rows with a twin, which are measured by themselves: --rows. */
  readonly isRows?: boolean;
  /** Where one was set. */
  readonly goal?: number;
}

const classes = (shape: readonly number[], goal: number): NativeSpec => ({
  loss: 'crossEntropy',
  target: 'indices',
  shape,
  goal,
});

export const specs: readonly NativeSpec[] = [
  classes([64, 1024], 0.8),
  classes([1024, 1024], 0.8),
  classes([256, 128000], 0.85),
  classes([8192, 10], 0.85),
  classes([65536, 2], 0.85),
  classes([1, 21, 512, 512], 0.85),
  { loss: 'bceWithLogits', target: 'elements', shape: [2 ** 16], goal: 0.85 },
  { loss: 'bce', target: 'elements', shape: [2 ** 16], goal: 0.9 },
  ...(['l1', 'mse', 'huber'] as const).flatMap((loss): NativeSpec[] => [
    { loss, target: 'elements', shape: [2 ** 16], goal: 0.9 },
    { loss, target: 'elements', shape: [2 ** 24], goal: 0.95 },
  ]),
  { loss: 'klDiv', target: 'elements', shape: [2 ** 16] },
  { loss: 'multiMargin', target: 'indices', shape: [1024, 1024], goal: 0.85, isRows: true },
  { loss: 'cosineEmbedding', target: 'elements', shape: [4096, 256], goal: 0.85, isRows: true },
  { loss: 'tripletMargin', target: 'elements', shape: [4096, 256], goal: 0.85, isRows: true },
  { loss: 'multilabelMargin', target: 'sets', shape: [1024, 1000], goal: 0.85, isRows: true },
  { loss: 'ctc', target: 'indices', shape: [150, 16, 80], others: 30, goal: 0.85, isRows: true },
  {
    loss: 'linearCrossEntropy',
    target: 'indices',
    shape: [512, 256],
    others: 32_000,
    goal: 0.85,
    isRows: true,
  },
  { ...classes([65536, 3], 0.85), isPlain: true },
  { ...classes([8192, 64], 0.85), isPlain: true },
  ...(
    [
      'poissonNll',
      'softMargin',
      'hinge',
      'squaredHinge',
      'pinball',
      'logCosh',
      'pseudoHuber',
      'sigmoidFocal',
    ] as const
  ).map((loss): NativeSpec => ({ loss, target: 'elements', shape: [2 ** 16], goal: 0.85, isPlain: true })),
];

export const casesOfSpec = ({ loss, target, shape }: NativeSpec): Case<NativeLoss>[] =>
  casesOf({ loss, target, shape });
