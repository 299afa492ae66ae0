import { labelReader } from './labels.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { counted, logOfSum, sum, sumsOfOthers, times } from './scalar.ts';
import { softmaxRow } from './softmax.ts';
import { reader, rowsOf } from './tensor.ts';

/** −log p of a given probability and its derivative, with the eps modes of the interface. */
function probabilityLoss(p: number, { eps, epsMode = 'clip' }: Options): { loss: number; slope: number } {
  // −0 is 0
  if (!eps) return { loss: -Math.log(p), slope: -1 / (p + 0) };
  if (epsMode === 'add') return { loss: -logOfSum(p, eps), slope: -1 / (p + eps) };
  if (p < eps) return { loss: -Math.log(eps), slope: 0 };
  if (1 - p < eps) return { loss: -Math.log1p(-eps), slope: 0 };
  return { loss: -Math.log(p), slope: -1 / p };
}

/** The pieces of cross entropy, row by row. */
export function crossEntropyRows({ input, target }: Inputs, options: Options) {
  const { labelSmoothing = 0, fromLogits = true } = options;
  const rows = rowsOf(input.shape, options.axis);
  const probabilities = target.shape.length === input.shape.length;
  const label = labelReader({ input, target }, rows.classes, options);
  const weight = reader(options.weight, [rows.classes]);
  // a NaN logit is in every class's probability, a NaN probability in its own alone
  const product = fromLogits ? times : counted;
  const classes = Array.from({ length: rows.classes }, (_, j) => j);
  const inputOf = (row: number): number[] => classes.map((j) => input.data[rows.at(row, j)]);
  return {
    rows,
    probabilities,
    label,
    weight,
    product,
    /** c_j = w_j·((1 − ε)·t_j + ε/C); a label stands for its one-hot row. */
    coefficients: (row: number): number[] =>
      classes.map((j) => {
        // the weights of other classes are not read
        if (!probabilities && labelSmoothing === 0 && label(row) !== j) return 0;
        const t = probabilities ? target.data[rows.at(row, j)] : Number(label(row) === j);
        return weight(j) * ((1 - labelSmoothing) * t + labelSmoothing / rows.classes);
      }),
    /** −log p_j */
    losses: (row: number): number[] =>
      (fromLogits ? softmaxRow(inputOf(row)) : inputOf(row).map((p) => probabilityLoss(p, options))).map(
        ({ loss }) => loss,
      ),
    /** ∂/∂x_j as the difference of two terms: for logits p_j·Σ_{k≠j} c_k and c_j·(1 − p_j). */
    slopes: (row: number, c: number[]): [number, number][] => {
      if (!fromLogits)
        return inputOf(row).map((p, j) => [product(c[j], probabilityLoss(p, options).slope), 0]);
      const others = sumsOfOthers(c);
      return softmaxRow(inputOf(row)).map(({ p, complement }, j) => [p * others[j], c[j] * complement]);
    },
  };
}

/**
 * Σ_j c_j·(−log p_j). The target holds labels where it has one axis less than the input, probabilities where it has
 * the same shape.
 */
export function crossEntropyTerms(inputs: Inputs, options: Options): Terms {
  const { rows, probabilities, label, weight, product, coefficients, losses, slopes } = crossEntropyRows(
    inputs,
    options,
  );
  const { labelSmoothing = 0, fromLogits = true } = options;
  const labelAlone = !probabilities && !fromLogits && labelSmoothing === 0;
  return {
    shape: rows.shape,
    targetHasGradient: probabilities,
    ignored: (row) => !probabilities && label(row) === undefined,
    mass: (row) => (probabilities ? 1 : weight(label(row)!)),
    value: (row) => {
      const c = coefficients(row);
      return sum(losses(row).map((loss, j) => product(c[j], loss)));
    },
    addGradient: (row, up, grads) => {
      slopes(row, coefficients(row)).forEach(([a, b], j) => {
        // of a given probability the others are not part, even where `up` is NaN
        if (labelAlone && j !== label(row)) return;
        grads.input[rows.at(row, j)] += up * (a - b);
      });
      if (!grads.target) return;
      losses(row).forEach((loss, j) => {
        grads.target![rows.at(row, j)] += up * product((1 - labelSmoothing) * weight(j), loss);
      });
    },
  };
}
