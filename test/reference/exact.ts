// Loss functions in fixed point with 384 fractional bits, on BigInt: every digit of an f64 result is right, down to
// values of 1e−30 and below. Independent of the f64 reference; it shares no formula with it. Finite inputs only.

const FRACTION = 384n;
export const ONE = 1n << FRACTION;

export const mul = (a: bigint, b: bigint): bigint => (a * b) >> FRACTION;
export const div = (a: bigint, b: bigint): bigint => (a << FRACTION) / b;

/** The exact fixed-point number of a finite double (a double below 2⁻³⁸⁴ loses bits). */
export function toFixed(x: number): bigint {
  if (!Number.isFinite(x)) throw new RangeError(`no fixed-point number for ${x}`);
  let mantissa = x;
  let exponent = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  const shift = FRACTION - BigInt(exponent);
  return shift >= 0n ? BigInt(mantissa) << shift : BigInt(mantissa) >> -shift;
}

/** The nearest double. */
export const toNumber = (x: bigint): number => {
  // Number() rounds once; the power of two then only moves the exponent.
  const bits = x < 0n ? -x : x;
  const excess = BigInt(Math.max(0, bits.toString(2).length - 1000));
  return Number(x >> excess) * 2 ** (Number(excess) - Number(FRACTION));
};

/** artanh(1/n) by its series. */
function artanhInverse(n: bigint): bigint {
  let power = ONE / n;
  let total = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    total += power / k;
    power /= n * n;
  }
  return total;
}

/** By a formula of Machin's kind. */
export const LN2 = 18n * artanhInverse(26n) - 2n * artanhInverse(4801n) + 8n * artanhInverse(8749n);

/** eˣ: x = k·ln 2 + r, Taylor's series for r/2¹⁶, sixteen squarings. */
export function exp(x: bigint): bigint {
  const k = x / LN2 - (x < 0n ? 1n : 0n);
  const r = (x - k * LN2) >> 16n;
  let term = ONE;
  let total = 0n;
  for (let n = 1n; term !== 0n; n++) {
    total += term;
    term = mul(term, r) / n;
  }
  for (let i = 0; i < 16; i++) total = mul(total, total);
  return k >= 0n ? total << k : total >> -k;
}

/** log x for x > 0: x = 2ᵏ·m with m in [1, 2), log m = 2·artanh((m − 1)/(m + 1)). */
export function log(x: bigint): bigint {
  if (x <= 0n) throw new RangeError('the logarithm of a number that is not positive');
  const k = BigInt(x.toString(2).length - 1) - FRACTION;
  const m = k >= 0n ? x >> k : x << -k;
  const z = div(m - ONE, m + ONE);
  const square = mul(z, z);
  let power = z;
  let total = 0n;
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    total += power / n;
    power = mul(power, square);
  }
  return 2n * total + k * LN2;
}

const sum = (terms: bigint[]): bigint => terms.reduce((a, b) => a + b, 0n);

/** log(1 + eˣ), with e^−|x| so that no precision goes to the whole part. */
const softplusOf = (x: bigint): bigint => (x > 0n ? x : 0n) + log(ONE + exp(x > 0n ? -x : x));
const sigmoidOf = (x: bigint): bigint => div(ONE, ONE + exp(-x));

/** Σ_k e^(x_k − x_j), whose logarithm is −log p_j and whose inverse is p_j. */
const inverseProbability = (x: bigint[], j: number): bigint => sum(x.map((v) => exp(v - x[j])));

export const exactSoftplus = (x: number): number => toNumber(softplusOf(toFixed(x)));
export const exactSigmoid = (x: number): number => toNumber(sigmoidOf(toFixed(x)));

/** The logarithm of softmax, and of the gradient g: g_j − p_j·Σg. */
export function exactLogSoftmax(
  x: number[],
  gradOutput = x.map(() => 1),
): { value: number[]; grad: number[] } {
  const fixed = x.map(toFixed);
  const g = gradOutput.map(toFixed);
  const inverses = fixed.map((_, j) => inverseProbability(fixed, j));
  return {
    value: inverses.map((inverse) => toNumber(-log(inverse))),
    grad: inverses.map((inverse, j) => toNumber(g[j] - div(sum(g), inverse))),
  };
}

/** Cross entropy of one row with coefficients c (a one-hot row for a label): Σ c_j·(−log p_j), p_j·Σc − c_j. */
export function exactCrossEntropy(x: number[], c: number[]): { value: number; grad: number[] } {
  const fixed = x.map(toFixed);
  const coefficients = c.map(toFixed);
  const inverses = fixed.map((_, j) => inverseProbability(fixed, j));
  const total = sum(coefficients);
  return {
    value: toNumber(
      sum(inverses.map((inverse, j) => (c[j] === 0 ? 0n : mul(coefficients[j], log(inverse))))),
    ),
    grad: inverses.map((inverse, j) => toNumber(div(total, inverse) - coefficients[j])),
  };
}

/** w·z·softplus(−x) + (1 − z)·softplus(x) and (1 − z)·sigmoid(x) − w·z·sigmoid(−x). */
export function exactBceWithLogits(x: number, z: number, posWeight = 1): { value: number; grad: number } {
  const [v, t, w] = [x, z, posWeight].map(toFixed);
  const positive = mul(w, t);
  const negative = ONE - t;
  return {
    value: toNumber(mul(positive, softplusOf(-v)) + mul(negative, softplusOf(v))),
    grad: toNumber(mul(negative, sigmoidOf(v)) - mul(positive, sigmoidOf(-v))),
  };
}

/** t·(log t − x), or eᵗ·(t − x) for a target that is a logarithm, with the gradients for input and target. */
export function exactKlDiv(
  x: number,
  t: number,
  logTarget = false,
): { value: number; grad: number; gradTarget: number } {
  const v = toFixed(x);
  const p = logTarget ? exp(toFixed(t)) : toFixed(t);
  if (p === 0n) return { value: 0, grad: 0, gradTarget: logTarget ? 0 : Number.NEGATIVE_INFINITY };
  const gap = (logTarget ? toFixed(t) : log(p)) - v;
  const slope = gap + ONE;
  return {
    value: toNumber(mul(p, gap)),
    grad: -toNumber(p),
    gradTarget: toNumber(logTarget ? mul(p, slope) : slope),
  };
}
