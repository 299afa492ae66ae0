// Which figures the losses have.
import { binaryFigures } from './figures/binary.ts';
import { classFigures } from './figures/classes.ts';
import type { Figure, Setup } from './figures/figure.ts';
import { regressionFigures } from './figures/regression.ts';

/** A figure that can be asked for. */
export type FigureName =
  | keyof typeof classFigures
  | keyof typeof binaryFigures
  | keyof typeof regressionFigures;

export interface Kind {
  readonly name: 'classes' | 'binary' | 'regression' | 'other';
  readonly figures: Readonly<Partial<Record<FigureName, (setup: Setup) => Figure>>>;
}

const classes: Kind = { name: 'classes', figures: classFigures };
const probability: Kind = { name: 'binary', figures: binaryFigures };
const { accuracy, auc } = binaryFigures;
const score: Kind = { name: 'binary', figures: { accuracy, auc } };
const regression: Kind = { name: 'regression', figures: regressionFigures };
const other: Kind = { name: 'other', figures: {} };

const kinds: Readonly<Record<string, Kind>> = {
  crossEntropy: classes,
  nll: classes,
  bce: probability,
  bceWithLogits: probability,
  sigmoidFocal: probability,
  softMargin: probability,
  hinge: score,
  squaredHinge: score,
  l1: regression,
  mse: regression,
  huber: regression,
  smoothL1: regression,
  pseudoHuber: regression,
  logCosh: regression,
  pinball: regression,
  expectile: regression,
  mape: regression,
  msle: regression,
  gaussianNll: regression,
};

/** Losses that compare other things have no figure but themselves. */
export const kindOf = (loss: string): Kind => (Object.hasOwn(kinds, loss) ? kinds[loss] : other);
