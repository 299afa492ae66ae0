import { labelReader } from './labels.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { counted, logOfSum, sum, sumsOfOthers, times } from './scalar.ts';
import { shapedRow } from './shaped.ts';
import { reader, rowsOf, sizeOf } from './tensor.ts';

/** −log p of a given probability and its derivative, with the eps modes of the interface. */
function probabilityLoss(p: number, { eps, epsMode = 'clip' }: Options) {
  // −0 is 0
  if (!eps) return { loss: -Math.log(p), slope: -1 / (p + 0) };
  if (epsMode === 'add') return { loss: -logOfSum(p, eps), slope: -1 / (p + eps) };
  if (p < eps) return { loss: -Math.log(eps), slope: 0 };
  if (1 - p < eps) return { loss: -Math.log1p(-eps), slope: 0 };
  return { loss: -Math.log(p), slope: -1 / p };
}

/** The z-loss has no class weight: its mean divides by what the sum of weights is without them. */
export function zLossFactor(inputs: Inputs, options: Options): number {
  const { zLoss = 0, reduction = 'mean', axis } = options;
  const { classes, shape } = rowsOf(inputs.input.shape, axis);
  const isIndex = inputs.target.shape.length < inputs.input.shape.length;
  if (zLoss === 0 || reduction !== 'mean' || !isIndex || options.weight === undefined) return zLoss;
  const label = labelReader(inputs, classes, options);
  const weight = reader(options.weight, [classes]);
  const sampleWeight = reader(options.sampleWeight, shape);
  const read = Array.from({ length: sizeOf(shape) }, (_, row) => row).filter(
    (row) => sampleWeight(row) !== 0 && label(row) !== undefined,
  );
  const total = sum(read.map((row) => weight(label(row)!) * sampleWeight(row)));
  return (zLoss * total) / sum(read.map(sampleWeight));
}

/** One class's part of a row's value and gradient. */
interface ClassPart {
  /** −log p_j, p_j and 1 − p_j */
  readonly loss: number;
  readonly p: number;
  readonly complement: number;
  /** ∂/∂x_j as terms: for logits p_j·Σ_{k≠j} c_k and −c_j·(1 − p_j), and what the z-loss adds. */
  readonly slope: readonly number[];
  /** How large that addition is as a sum. */
  readonly pullSize: number;
}

/** The pieces of cross entropy, row by row. */
export function crossEntropyRows({ input, target }: Inputs, options: Options) {
  const { labelSmoothing = 0, fromLogits = true, mask, zLoss = 0 } = options;
  const rows = rowsOf(input.shape, options.axis);
  const probabilities = target.shape.length === input.shape.length;
  const label = labelReader({ input, target }, rows.classes, options);
  const weight = reader(options.weight, [rows.classes]);
  // a NaN logit is in every class's probability, a NaN probability in its own alone
  const product = fromLogits ? times : counted;
  const classes = Array.from({ length: rows.classes }, (_, j) => j);
  const inputOf = (row: number): number[] => classes.map((j) => input.data[rows.at(row, j)]);
  const isMasked = (row: number, j: number): boolean => mask?.data[rows.at(row, j)] === 0;
  /** The row as it is shaped; undefined where all classes are masked. */
  const shaped = (row: number) =>
    shapedRow(
      inputOf(row),
      classes.map((j) => !isMasked(row, j)),
      options,
    );
  /** c_j = w_j·((1 − ε)·t_j + ε/C); a label stands for its one-hot row. */
  const coefficients = (row: number): number[] =>
    classes.map((j) => {
      // the weights of other classes are not read
      if (!probabilities && labelSmoothing === 0 && label(row) !== j) return 0;
      const t = probabilities ? target.data[rows.at(row, j)] : Number(label(row) === j);
      return weight(j) * ((1 - labelSmoothing) * t + labelSmoothing / rows.classes);
    });

  const pulled = zLossFactor({ input, target }, options);
  return {
    rows,
    probabilities,
    label,
    weight,
    product,
    coefficients,
    /** s·lse², and the size of what it is made of. */
    zLoss: (row: number): { value: number; size: number } => {
      const it = zLoss === 0 ? undefined : shaped(row);
      if (it === undefined) return { value: 0, size: 0 };
      return { value: pulled * it.lse * it.lse, size: Math.abs(pulled) * it.lseSize * it.lseSize };
    },
    /** By class; none where all are masked. */
    parts: (row: number): ClassPart[] => {
      const c = coefficients(row);
      if (!fromLogits) {
        return inputOf(row).map((p, j) => {
          const { loss, slope } = probabilityLoss(p, options);
          return { loss, p, complement: 1 - p, slope: [product(c[j], slope)], pullSize: 0 };
        });
      }
      const it = shaped(row);
      if (it === undefined) return [];
      const others = sumsOfOthers(c);
      return it.classes.map(({ p, complement, loss }, j) => {
        const slope = it.slopes[j];
        if (isMasked(row, j)) return { loss, p, complement, slope: [], pullSize: 0 };
        const pull = zLoss === 0 ? 0 : 2 * pulled * p;
        const terms = [p * others[j], -c[j] * complement, pull && pull * it.lse];
        const slopes = terms.map((g) => g * slope);
        return { loss, p, complement, slope: slopes, pullSize: Math.abs(pull) * it.lseSize * slope };
      });
    },
  };
}

/**
 * Σ_j c_j·(−log p_j). The target holds labels where it has one axis less than the input, probabilities where it has
 * the same shape.
 */
export function crossEntropyTerms(inputs: Inputs, options: Options): Terms {
  const { rows, probabilities, label, weight, product, coefficients, zLoss, parts } = crossEntropyRows(
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
      return sum(parts(row).map(({ loss }, j) => product(c[j], loss))) + zLoss(row).value;
    },
    addGradient: (row, up, grads) => {
      parts(row).forEach(({ slope, loss }, j) => {
        if (grads.target)
          grads.target[rows.at(row, j)] += up * product((1 - labelSmoothing) * weight(j), loss);
        // of a given probability the others are not part, even where `up` is NaN
        if (labelAlone && j !== label(row)) return;
        grads.input[rows.at(row, j)] += up * slope.reduce((total, term) => total + term, 0);
      });
    },
  };
}
