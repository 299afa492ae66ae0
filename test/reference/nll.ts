import { labelReader } from './labels.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { counted } from './scalar.ts';
import { reader, rowsOf } from './tensor.ts';

/** −w_t·x_t, where x holds logarithms of probabilities and t is the row's label. */
export function nllTerms(inputs: Inputs, options: Options): Terms {
  const { input } = inputs;
  const rows = rowsOf(input.shape, options.axis);
  const label = labelReader(inputs, rows.classes, options);
  const weight = reader(options.weight, [rows.classes]);
  return {
    shape: rows.shape,
    targetHasGradient: false,
    ignored: (row) => label(row) === undefined,
    mass: (row) => weight(label(row)!),
    value: (row) => counted(weight(label(row)!), -input.data[rows.at(row, label(row)!)]),
    addGradient: (row, up, grads) => {
      grads.input[rows.at(row, label(row)!)] -= up * weight(label(row)!);
    },
  };
}
