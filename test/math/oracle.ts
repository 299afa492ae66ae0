// Reference values for the f64 functions, to about 2^-75 of the result: double-double, and formulas that share nothing with
// assembly/math (Taylor series and squarings for expm1, Newton steps from Math.log for the logarithms).
import { add, type DD, dd, divide, multiply, negate, scale, scaled, subtract } from './doubleDouble.ts';

/** value·2^exponent: results near the ends of the range would lose their low part otherwise. */
export interface Wide {
  value: DD;
  exponent: number;
}

const ONE = dd(1);
const LN2: DD[] = [dd(0.6931471805598903), dd(5.49792301870721e-14), dd(1.1612227229362532e-26)];
const SIXTH = divide(ONE, dd(6));
const TINY = 2 ** -200;

const wide = (value: DD, exponent = 0): Wide => ({ value, exponent });
const exact = (value: number): Wide => wide(dd(value));
const plain = ({ value, exponent }: Wide): DD => scale(value, exponent);

/** n and e^r - 1 for r = x - n ln2: seven halvings of r, eight Taylor terms, seven times (1 + e)^2 - 1 = 2e + e^2. */
function reduce(x: number): { n: number; e: DD } {
  const n = Math.round(x / Math.LN2);
  const r = LN2.reduce((rest, part) => subtract(rest, multiply(part, dd(n))), dd(x));
  const t = scale(r, -7);
  const h = t[0];
  const tail = h * h * h * h * (1 / 24 + h * (1 / 120 + h * (1 / 720 + h * (1 / 5040 + h / 40320))));
  const t2 = multiply(t, t);
  let e = add(t, add(scale(t2, -1), add(multiply(multiply(t2, t), SIXTH), dd(tail))));
  for (let i = 0; i < 7; i++) e = add(scale(e, 1), multiply(e, e));
  return { n, e };
}

export function exp(x: number): Wide {
  if (!(Math.abs(x) < 800)) return exact(Math.exp(x));
  const { n, e } = reduce(x);
  return wide(add(ONE, e), n);
}

export function expm1(x: number): Wide {
  if (!(Math.abs(x) < 800) || Math.abs(x) < TINY) return exact(Math.expm1(x));
  const { n, e } = reduce(x);
  if (n === 0) return wide(e);
  if (n > 0) return wide(add(e, add(ONE, dd(-scaled(1, -n)))), n);
  return wide(add(scale(e, n), add(dd(-1), dd(scaled(1, n)))));
}

/** y + log(1 + t) for a first guess y and the small t = u / e^y - 1 that it leaves. */
const corrected = (y: number, t: number): Wide => wide(add(dd(y), dd(t - (t * t) / 2)));

export function log(x: number): Wide {
  if (!(x > 0 && x < Infinity) || x === 1) return exact(Math.log(x));
  const y = Math.log(x);
  const { n, e } = reduce(y);
  const rest = subtract(add(dd(scaled(x, -n)), dd(-1)), e);
  return corrected(y, rest[0] / (1 + e[0]));
}

export const log1p = (x: number): Wide => log1pOf(dd(x));

function log1pOf(x: DD): Wide {
  const guess = Math.log1p(x[0]);
  if (!(x[0] > -1 && x[0] < Infinity)) return exact(guess);
  if (Math.abs(x[0]) < TINY) return wide(x);
  const { n, e } = reduce(guess);
  const rest = n === 0 ? subtract(x, e) : subtract(add(scale(x, -n), subtract(dd(scaled(1, -n)), ONE)), e);
  return corrected(guess, rest[0] / (1 + e[0]));
}

export function sigmoid(x: number): Wide {
  if (!(Math.abs(x) < 800)) return exact(1 / (1 + Math.exp(-x)));
  const { value, exponent } = exp(-Math.abs(x));
  const below = add(ONE, scale(value, exponent));
  return x < 0 ? wide(divide(value, below), exponent) : wide(divide(ONE, below));
}

export function softplus(x: number): Wide {
  if (!(Math.abs(x) < 800)) return exact(x > 0 ? x : Math.exp(x));
  const e = exp(-Math.abs(x));
  if (x < -100) return e;
  return wide(add(dd(Math.max(x, 0)), plain(log1pOf(plain(e)))));
}

export function tanh(x: number): Wide {
  if (!(Math.abs(x) < 200) || Math.abs(x) < TINY) return exact(Math.tanh(x));
  const t = plain(expm1(-2 * Math.abs(x)));
  const y = divide(negate(t), add(dd(2), t));
  return wide(x < 0 ? negate(y) : y);
}

const bits = new BigUint64Array(1);
const float = new Float64Array(bits.buffer);
const high = new Int32Array(bits.buffer);

/** floor(log2 |x|) for a normal x. */
export function exponentOf(x: number): number {
  float[0] = x;
  return ((high[1] >>> 20) & 0x7ff) - 1023;
}

/** The f64 nearest to a wide value. */
export const rounded = ({ value, exponent }: Wide): number => scaled(value[0], exponent);

/** How far `got` lies from the exact value, in units of the last place of an f64 there. */
export function ulpsFrom(got: number, { value, exponent }: Wide): number {
  const distance = Math.abs(scaled(got, -exponent) - value[0] - value[1]);
  const last = Math.max(exponentOf(value[0]) + exponent, -1022) - 52;
  return scaled(distance, exponent - last);
}
