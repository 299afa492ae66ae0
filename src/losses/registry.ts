import { helpers, rowFigures } from '../helpers/specs.ts';
import { type Bce, bce } from './bce.ts';
import { type BceWithLogits, bceWithLogits } from './bceWithLogits.ts';
import { type CategoricalFocal, categoricalFocal } from './categoricalFocal.ts';
import { type CosineDistance, cosineDistance } from './cosineDistance.ts';
import { type CosineEmbedding, cosineEmbedding } from './cosineEmbedding.ts';
import { type CrossEntropy, crossEntropy } from './crossEntropy.ts';
import { type Ctc, ctc } from './ctc.ts';
import type { Descriptor, KernelSpec } from './descriptor.ts';
import { type Dice, dice } from './dice.ts';
import { type Expectile, expectile } from './expectile.ts';
import { type GaussianNll, gaussianNll } from './gaussianNll.ts';
import { type HalfTweedie, halfTweedie } from './halfTweedie.ts';
import { type Hinge, hinge } from './hinge.ts';
import { type HingeEmbedding, hingeEmbedding } from './hingeEmbedding.ts';
import { type Huber, huber } from './huber.ts';
import { type InfoNce, infoNce } from './infoNce.ts';
import { type Jsd, jsd } from './jsd.ts';
import { type KlDiv, klDiv } from './klDiv.ts';
import { type L1, l1 } from './l1.ts';
import { type LinearCrossEntropy, linearCrossEntropy } from './linearCrossEntropy.ts';
import { type LogCosh, logCosh } from './logCosh.ts';
import { type Mape, mape } from './mape.ts';
import { type MarginRanking, marginRanking } from './marginRanking.ts';
import { type Mse, mse } from './mse.ts';
import { type Msle, msle } from './msle.ts';
import { type MultilabelMargin, multilabelMargin } from './multilabelMargin.ts';
import { type MultilabelSoftMargin, multilabelSoftMargin } from './multilabelSoftMargin.ts';
import { type MultiMargin, multiMargin } from './multiMargin.ts';
import { type Nll, nll } from './nll.ts';
import { type Ntxent, ntxent } from './ntxent.ts';
import { type Pinball, pinball } from './pinball.ts';
import { type PoissonNll, poissonNll } from './poissonNll.ts';
import { type PolyCrossEntropy, polyCrossEntropy } from './polyCrossEntropy.ts';
import { type PseudoHuber, pseudoHuber } from './pseudoHuber.ts';
import { type SigmoidFocal, sigmoidFocal } from './sigmoidFocal.ts';
import { type SmoothL1, smoothL1 } from './smoothL1.ts';
import { type SoftMargin, softMargin } from './softMargin.ts';
import { type SquaredHinge, squaredHinge } from './squaredHinge.ts';
import { type TripletMargin, tripletMargin } from './tripletMargin.ts';

/** Every loss, in the order of the README's table. Exports, ABI types, tests, benches and docs follow from it. */
export const registry = {
  l1,
  mse,
  huber,
  smoothL1,
  bce,
  bceWithLogits,
  sigmoidFocal,
  nll,
  crossEntropy,
  polyCrossEntropy,
  categoricalFocal,
  linearCrossEntropy,
  klDiv,
  jsd,
  gaussianNll,
  poissonNll,
  pseudoHuber,
  logCosh,
  softMargin,
  hinge,
  squaredHinge,
  pinball,
  expectile,
  mape,
  hingeEmbedding,
  msle,
  halfTweedie,
  marginRanking,
  multiMargin,
  multilabelMargin,
  multilabelSoftMargin,
  cosineEmbedding,
  cosineDistance,
  tripletMargin,
  infoNce,
  ntxent,
  ctc,
  dice,
} as const;

/** The losses of an instance, each with its docstring in its own file. */
export interface Losses
  extends L1,
    Mse,
    Huber,
    SmoothL1,
    Bce,
    BceWithLogits,
    SigmoidFocal,
    Nll,
    CrossEntropy,
    PolyCrossEntropy,
    CategoricalFocal,
    LinearCrossEntropy,
    KlDiv,
    Jsd,
    GaussianNll,
    PoissonNll,
    PseudoHuber,
    LogCosh,
    SoftMargin,
    Hinge,
    SquaredHinge,
    Pinball,
    Expectile,
    Mape,
    HingeEmbedding,
    Msle,
    HalfTweedie,
    MarginRanking,
    MultiMargin,
    MultilabelMargin,
    MultilabelSoftMargin,
    CosineEmbedding,
    CosineDistance,
    TripletMargin,
    InfoNce,
    Ntxent,
    Ctc,
    Dice {}

export const descriptors = Object.values(registry) as readonly Descriptor[];

/** Each once: a loss or helper may name another's. */
export const kernels: readonly KernelSpec[] = [
  ...new Set([
    ...descriptors.flatMap((d) => d.kernels),
    ...[...helpers, rowFigures].flatMap((h) => h.kernels),
  ]),
];
