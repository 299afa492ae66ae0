// Double-double arithmetic: a number as the unevaluated sum of two f64, about 106 bits. Errors are a few 2^-104 of the result.

export type DD = readonly [high: number, low: number];

/** a + b and its rounding error; |a| >= |b| or a = 0. */
const fast = (a: number, b: number): DD => {
  const sum = a + b;
  return [sum, b - (sum - a)];
};

const twoSum = (a: number, b: number): DD => {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
};

/** a·b and its rounding error, by Dekker's halves: JavaScript has no fused multiply-add. */
const twoProduct = (a: number, b: number): DD => {
  const product = a * b;
  const bigA = a * 134217729;
  const bigB = b * 134217729;
  const aHigh = bigA - (bigA - a);
  const bHigh = bigB - (bigB - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
};

export const dd = (value: number): DD => [value, 0];

export const add = (a: DD, b: DD): DD => {
  const [high, error] = twoSum(a[0], b[0]);
  const [low, rest] = twoSum(a[1], b[1]);
  const sum = fast(high, error + low);
  return fast(sum[0], sum[1] + rest);
};

export const negate = (a: DD): DD => [-a[0], -a[1]];

export const subtract = (a: DD, b: DD): DD => add(a, negate(b));

export const multiply = (a: DD, b: DD): DD => {
  const [high, low] = twoProduct(a[0], b[0]);
  return fast(high, low + (a[0] * b[1] + a[1] * b[0]));
};

/** a·2^k, exact unless it underflows. */
export const scale = (a: DD, k: number): DD => [scaled(a[0], k), scaled(a[1], k)];

export const divide = (a: DD, b: DD): DD => {
  const first = a[0] / b[0];
  const rest = subtract(a, multiply(b, dd(first)));
  const second = rest[0] / b[0];
  const rest2 = subtract(rest, multiply(b, dd(second)));
  return add(fast(first, second), dd(rest2[0] / b[0]));
};

/** value·2^k for any k that a float's exponent can need, in steps that neither overflow nor underflow early. */
export function scaled(value: number, k: number): number {
  let result = value;
  let left = k;
  for (; left > 1000; left -= 1000) result *= 2 ** 1000;
  for (; left < -1000; left += 1000) result *= 2 ** -1000;
  return result * 2 ** left;
}
