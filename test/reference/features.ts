import { registry } from '../../src/losses/registry.ts';
import type { LossName } from '../rows/row.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { isTensor, reader, rowsOf } from './tensor.ts';

/** The loss of a row and its gradients, one for each of its vectors. */
export interface RowPoint {
  readonly value: number;
  readonly grads: readonly (readonly number[])[];
}

/** A loss of two or three vectors, and of the row's label or its elements' weights where it has them; from its definition and not from the kernels. */
export type RowLoss = (
  vectors: readonly (readonly number[])[],
  options: Options,
  label: number,
  weights: readonly number[],
) => RowPoint;

/** The terms of a loss of rows of features. */
export function featureTerms(
  loss: LossName,
  point: RowLoss,
  { input, target }: Inputs,
  options: Options,
): Terms {
  const rows = rowsOf(input.shape, options.axis ?? -1);
  const { third } = options;
  const isTriple = registry[loss].inputs[2]?.shape === 'first';
  const vectors = [input, target, ...(isTriple && isTensor(third) ? [third] : [])];
  const label = reader(isTriple ? undefined : third, rows.shape);
  const weight = reader(options.weight, input.shape);
  const each = (row: number, of: (i: number) => number): number[] =>
    Array.from({ length: rows.classes }, (_, j) => of(rows.at(row, j)));
  const at = (row: number): RowPoint =>
    point(
      vectors.map(({ data }) => each(row, (i) => data[i])),
      options,
      label(row),
      each(row, weight),
    );
  return {
    shape: rows.shape,
    targetHasGradient: true,
    ignored: () => false,
    mass: () => 1,
    value: (row) => at(row).value,
    addGradient: (row, up, grads) => {
      const to = [grads.input, grads.target, grads.third];
      at(row).grads.forEach((grad, i) => {
        grad.forEach((g, j) => {
          to[i]![rows.at(row, j)] += up * g;
        });
      });
    },
  };
}
