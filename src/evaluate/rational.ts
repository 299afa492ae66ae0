// Numbers n · 2^e with n an integer of any size: what exact sums are, how they are rounded, and how a state writes them.

/** mantissa · 2^exponent */
export interface Dyadic {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Binary digits of n > 0, by its hexadecimal ones, which BigInt makes quickly. */
export const bitsOf = (n: bigint): number => {
  const text = n.toString(16);
  return 4 * text.length - (Math.clz32(Number.parseInt(text[0], 16)) - 28);
};

export const abs = (n: bigint): bigint => (n < 0n ? -n : n);

/** The f64 nearest to n · 2^exponent, ties to even, n ≥ 0. */
function nearest(n: bigint, exponent: number): number {
  if (n === 0n) return 0;
  const bits = bitsOf(n);
  // below 2⁻¹⁰²² there are fewer digits
  const drop = bits - Math.min(53, bits + exponent + 1074);
  if (drop > bits) return 0;
  let m = n;
  if (drop > 0) {
    const by = BigInt(drop);
    m = n >> by;
    const rest = n - (m << by);
    const half = 1n << (by - 1n);
    if (rest > half || (rest === half && (m & 1n) === 1n)) m += 1n;
  }
  const power = drop > 0 ? exponent + drop : exponent;
  if (power > 1024) return Number.POSITIVE_INFINITY;
  // in two steps: 2^power may be out of range where the product is not
  const first = Math.trunc(power / 2);
  return Number(m) * 2 ** first * 2 ** (power - first);
}

/** The f64 nearest to a. */
export const rounded = ({ mantissa, exponent }: Dyadic): number => {
  const magnitude = nearest(abs(mantissa), exponent);
  return mantissa < 0n ? -magnitude : magnitude;
};

/** The f64 nearest to a / b: 0/0 is NaN, and so is what is not 0, divided by 0, infinite. */
export function quotient(a: Dyadic, b: Dyadic): number {
  if (b.mantissa === 0n) return rounded(a) / 0;
  const n = abs(a.mantissa);
  const d = abs(b.mantissa);
  // two digits more than are kept at most, and below them whether there is anything else
  const shift = 55 + bitsOf(d) - bitsOf(n);
  const [top, bottom] = shift > 0 ? [n << BigInt(shift), d] : [n, d << BigInt(-shift)];
  const whole = top / bottom;
  const q = (whole << 1n) | (whole * bottom === top ? 0n : 1n);
  const magnitude = nearest(q, a.exponent - b.exponent - shift - 1);
  return a.mantissa < 0n !== b.mantissa < 0n ? -magnitude : magnitude;
}

/** Both over one power of 2. */
function aligned(a: Dyadic, b: Dyadic): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [a.mantissa << BigInt(a.exponent - exponent), b.mantissa << BigInt(b.exponent - exponent), exponent];
}

export const plus = (a: Dyadic, b: Dyadic): Dyadic => {
  const [m, n, exponent] = aligned(a, b);
  return { mantissa: m + n, exponent };
};

export const minus = (a: Dyadic, b: Dyadic): Dyadic => {
  const [m, n, exponent] = aligned(a, b);
  return { mantissa: m - n, exponent };
};

export const times = (a: Dyadic, b: Dyadic): Dyadic => ({
  mantissa: a.mantissa * b.mantissa,
  exponent: a.exponent + b.exponent,
});

/** Sign, odd mantissa and exponent, as C writes them: "-0x1fp-149"; "0x0p+0" for 0. */
export function hexOf({ mantissa, exponent }: Dyadic): string {
  if (mantissa === 0n) return '0x0p+0';
  const zeros = bitsOf(mantissa & -mantissa) - 1;
  const power = exponent + zeros;
  const digits = abs(mantissa >> BigInt(zeros)).toString(16);
  return `${mantissa < 0n ? '-' : ''}0x${digits}p${power < 0 ? '' : '+'}${power}`;
}

const HEX = /^(-?)0x([0-9a-f]{1,800})p([+-]\d{1,5})$/;

/** What hexOf wrote; undefined where it is not that. */
export function parsedHex(text: string): Dyadic | undefined {
  const found = HEX.exec(text);
  if (found === null) return undefined;
  const magnitude = BigInt(`0x${found[2]}`);
  const dyadic = { mantissa: found[1] ? -magnitude : magnitude, exponent: Number(found[3]) };
  return hexOf(dyadic) === text ? dyadic : undefined;
}
