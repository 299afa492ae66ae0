// Which figures the losses have.
import { binaryFigures } from './figures/binary.ts';
import { classFigures } from './figures/classes.ts';
import type { Figure, Setup } from './figures/figure.ts';
import { regressionFigures } from './figures/regression.ts';
import { kinds } from './generated/kinds.ts';

/** A figure that can be asked for. */
export type FigureName =
  | keyof typeof classFigures
  | keyof typeof binaryFigures
  | keyof typeof regressionFigures;

/** What a loss compares: rows with labels, inputs with two labels (the first is `no`), or numbers. */
export type KindSpec =
  | { readonly name: 'classes' }
  | { readonly name: 'regression' }
  | { readonly name: 'binary'; readonly input: 'probabilities' | 'logits' | 'scores'; readonly no: number };

export type Kind = (KindSpec | { readonly name: 'other' }) & {
  readonly figures: Readonly<Partial<Record<FigureName, (setup: Setup) => Figure>>>;
};

const { accuracy, auc } = binaryFigures;

/** Losses that compare other things have no figure but themselves. */
export function kindOf(loss: string): Kind {
  if (!Object.hasOwn(kinds, loss)) return { name: 'other', figures: {} };
  const kind: KindSpec = kinds[loss as keyof typeof kinds];
  if (kind.name === 'classes') return { ...kind, figures: classFigures };
  if (kind.name === 'regression') return { ...kind, figures: regressionFigures };
  // scores have no probability
  return { ...kind, figures: kind.input === 'scores' ? { accuracy, auc } : binaryFigures };
}
