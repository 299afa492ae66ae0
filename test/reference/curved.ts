// α Σ_c a_c φ(p_c) of rows of classes: focal loss and poly loss, with a_c as cross entropy has it.
import { crossEntropyRows } from './crossEntropy.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { counted, sum, times } from './scalar.ts';

/** φ of p, q = 1 − p and ℓ = −log p, and −p dφ/dp, each as terms. */
type Cost = (p: number, q: number, l: number) => { value: readonly number[]; pull: readonly number[] };

const poly =
  (epsilon: number): Cost =>
  (p, q, l) => ({ value: [l, epsilon * q], pull: [1, epsilon * p] });

const focal =
  (gamma: number): Cost =>
  (p, q, l) => {
    const power = q ** gamma;
    const ratio = q === 0 ? 1 : counted(p, l / q);
    return { value: [counted(power, l)], pull: [power, counted(power, gamma * ratio)] };
  };

interface Curve {
  readonly cost: Cost;
  readonly alpha: number;
  /** How many bounds it may be off where it is made of cross entropy's rounded rows, or of a logarithm. */
  readonly growth: (q: number, l: number, isHard: boolean) => number;
}

/** The terms, or, `isSize`, how large what they are made of is. */
function curvedTerms(inputs: Inputs, options: Options, curve: Curve, isSize: boolean): Terms {
  const { rows, probabilities, label, weight, coefficients, parts } = crossEntropyRows(inputs, options);
  const { labelSmoothing = 0, fromLogits = true } = options;
  const eps = options.eps || Number.NEGATIVE_INFINITY;
  const isHard = !probabilities && labelSmoothing === 0;
  // a NaN logit is in every class's probability, a NaN probability in its own alone
  const product = fromLogits ? times : counted;
  const size = (x: number): number => (isSize ? Math.abs(x) : x);
  const shares = (row: number): number[] => coefficients(row).map((c) => size(curve.alpha * c));
  const costs = (row: number) =>
    parts(row).map(({ loss, p: given, complement, slope }) => {
      const isClipped = !fromLogits && (given < eps || complement < eps);
      const p = fromLogits ? given : Math.min(Math.max(given, eps), 1 - eps);
      const q = fromLogits ? complement : Math.max(1 - Math.max(given, eps), eps);
      const { value, pull } = curve.cost(p, q, loss);
      const growth = isSize ? curve.growth(q, loss, isHard) : 1;
      const total = (terms: readonly number[]): number => growth * sum(terms.map(size));
      // of a masked class there are no terms
      return { p, q, value: total(value), pull: isClipped ? 0 : total(pull), counts: slope.length > 0 };
    });
  return {
    shape: rows.shape,
    targetHasGradient: probabilities,
    ignored: (row) => !probabilities && label(row) === undefined,
    mass: (row) => (probabilities ? 1 : weight(label(row)!)),
    value: (row) => {
      const a = shares(row);
      return sum(costs(row).map(({ value }, j) => product(a[j], value)));
    },
    addGradient: (row, up, grads) => {
      const a = shares(row);
      const it = costs(row);
      const f = it.map(({ pull }, j) => product(a[j], pull));
      it.forEach(({ p, q, value, counts }, j) => {
        const at = rows.at(row, j);
        const share = size(curve.alpha * (1 - labelSmoothing) * weight(j));
        if (grads.target) grads.target[at] += up * product(share, value);
        if (!fromLogits) {
          // of a given probability the others are not part, even where `up` is NaN
          if (isHard && j !== label(row)) return;
          grads.input[at] += up * (f[j] === 0 ? 0 : isSize ? f[j] / Math.abs(p) : -f[j] / (p + 0));
          return;
        }
        if (!counts) {
          grads.input[at] += up * 0;
          return;
        }
        const others = p * sum(f.filter((_, k) => k !== j));
        const own = f[j] * q;
        grads.input[at] += up * (isSize ? others + own : others - own);
      });
    },
  };
}

export const polyCrossEntropyTerms = (inputs: Inputs, options: Options, isSize = false): Terms => {
  const { epsilon = 2 } = options;
  // of p = e^−ℓ
  const growth = (_: number, l: number, isHard: boolean): number => (isHard ? 2 + l / 16 : 0.25);
  return curvedTerms(inputs, options, { cost: poly(epsilon), alpha: 1, growth }, isSize);
};

export function categoricalFocalTerms(inputs: Inputs, options: Options, isSize = false): Terms {
  const { alpha = 1, gamma = 2, dtype, fromLogits = true } = options;
  // beyond that a power is 0 or 1
  const most = Math.min(gamma, 1e18);
  const isProduct = most <= 4 && Number.isInteger(most);
  // of a power that is no product
  const perLog = dtype === 'f32' ? 1.5e-7 / 4e-6 : 4e-16 / 1e-13;
  const growth = (q: number, _: number, isHard: boolean): number => {
    if (!isHard && fromLogits) return 0.25;
    return 2 + most + (isProduct || q === 0 ? 0 : perLog * most * -Math.log(q));
  };
  return curvedTerms(inputs, options, { cost: focal(most), alpha, growth }, isSize);
}
