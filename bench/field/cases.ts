// The losses after the first nine beside PyTorch's own function, or where it has none beside the same formula composed of its
// operations.
import type { LossName } from '../cases.ts';

export interface FieldCase {
  readonly loss: LossName;
  readonly shape: readonly number[];
  /** By input, whose gradient is computed: of the first alone if not said. */
  readonly wrt?: readonly boolean[];
  /** Whether PyTorch has a function for it. */
  readonly own: boolean;
  /** How many times as fast as PyTorch, and as the JS backend, it is to be. */
  readonly pytorch: number;
  readonly js: number;
}

const KI = 2 ** 10;

const elements = (
  loss: LossName,
  pytorch: number,
  wrt?: readonly boolean[],
  own: boolean = true,
): FieldCase => ({ loss, shape: [64 * KI], pytorch, js: 4, own, ...(wrt && { wrt }) });

/** PyTorch has none of these. */
const composed = (loss: LossName): FieldCase => elements(loss, 4, undefined, false);

const features = (loss: LossName, pytorch: number, wrt?: readonly boolean[], own = true): FieldCase => ({
  loss,
  shape: [4096, 256],
  pytorch,
  js: 3,
  own,
  ...(wrt && { wrt }),
});

export const cases: readonly FieldCase[] = [
  elements('poissonNll', 1.5),
  elements('softMargin', 2),
  elements('gaussianNll', 2.5),
  elements('gaussianNll', 3, [true, false, true]),
  elements('marginRanking', 8),
  composed('hinge'),
  composed('squaredHinge'),
  composed('pinball'),
  composed('jsd'),
  composed('expectile'),
  composed('mape'),
  composed('halfTweedie'),
  composed('msle'),
  elements('hingeEmbedding', 4),
  composed('logCosh'),
  composed('pseudoHuber'),
  composed('sigmoidFocal'),
  features('cosineEmbedding', 6),
  features('cosineEmbedding', 6, [true, true, false]),
  features('cosineDistance', 4, undefined, false),
  features('tripletMargin', 3),
  features('tripletMargin', 3, [true, true, true]),
];
