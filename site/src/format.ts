import type { FloatDType } from 'simdloss';

/** A number as text, with the digits that its dtype has; minus signs as they are typed, so that it can be copied. */
export function exact(x: number, dtype: FloatDType): string {
  return dtype === 'f32' && Number.isFinite(x) ? String(Number(x.toPrecision(9))) : String(x);
}

/** A few digits, for prose and tables. */
export function short(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? '∞' : '−∞';
  const size = Math.abs(x);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? x.toExponential(2).replace('+', '')
      : String(Number(x.toPrecision(4)));
  return text.replace('-', '−').replace('e-', 'e−');
}
