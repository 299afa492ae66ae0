// Curves by sampling: even steps, both sides of each jump, and a dot where the value at a jump is neither.

/** NaN interrupts the line. */
export type Point = readonly [x: number, y: number];
export interface Curve {
  readonly line: readonly Point[];
  readonly dots: readonly Point[];
}
export interface Samples {
  readonly x: ArrayLike<number>;
  readonly value: ArrayLike<number>;
  readonly grad: ArrayLike<number>;
}
export type Evaluate = (x: readonly number[]) => Samples;

const STEPS = 240;
const HALVINGS = 30;

/** Curves between two numbers; `special` are those where something may happen that lasts for one number only. */
export function sampleCurves(
  evaluate: Evaluate,
  [from, to]: readonly [number, number],
  special: readonly number[] = [],
): { value: Curve; grad: Curve } {
  const beside = (to - from) * 1e-6;
  const sides = special.flatMap((x) => [x - beside, x + beside]).filter((x) => x >= from && x <= to);
  const even = Array.from({ length: STEPS + 1 }, (_, i) => from + ((to - from) * i) / STEPS);
  const kept = even.filter((x) => special.every((at) => Math.abs(x - at) > beside));
  const x = [...kept, ...sides].sort((a, b) => a - b);
  const samples = evaluate(x);
  const at = evaluate(special);
  const curve = (part: 'value' | 'grad'): Curve => {
    const points = Array.from(x, (_, i): Point => [samples.x[i], samples[part][i]]);
    const [low, high] = limits([points]);
    const isJump = (a: number, b: number): boolean => Math.abs(b - a) > 0.2 * (high - low);
    const line = points.flatMap((point, i): Point[] => {
      const before = points[i - 1];
      if (before === undefined || !isJump(before[1], point[1])) return [point];
      const [left, right] =
        point[0] - before[0] < 3 * beside ? [before, point] : bracket(evaluate, part, before, point);
      if (!isJump(left[1], right[1])) return [point];
      return [left, [(left[0] + right[0]) / 2, Number.NaN], right, point];
    });
    const dots = Array.from(special, (_, i): Point => [at.x[i], at[part][i]]).filter(([sx, sy]) =>
      points.every(([px, py]) => Math.abs(px - sx) > 3 * beside || isJump(py, sy)),
    );
    return { line, dots };
  };
  return { value: curve('value'), grad: curve('grad') };
}

/** Follows the greater change into ever smaller intervals. */
function bracket(evaluate: Evaluate, part: 'value' | 'grad', left: Point, right: Point): [Point, Point] {
  for (let i = 0; i < HALVINGS; i++) {
    const samples = evaluate([(left[0] + right[0]) / 2]);
    const middle: Point = [samples.x[0], samples[part][0]];
    if (middle[0] <= left[0] || middle[0] >= right[0]) break;
    if (Math.abs(middle[1] - left[1]) > Math.abs(right[1] - middle[1])) right = middle;
    else left = middle;
  }
  return [left, right];
}

/** What of the curves is to be seen: all of it, but no more of a pole than shows where it goes. */
export function limits(lines: readonly (readonly Point[])[]): [number, number] {
  const y = lines
    .flat()
    .map(([, y]) => y)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (y.length === 0) return [-1, 1];
  const quantile = (q: number): number => y[Math.round((y.length - 1) * q)];
  const spread = quantile(0.95) - quantile(0.05);
  let low = Math.max(y[0], quantile(0.05) - 0.3 * spread);
  let high = Math.min(y[y.length - 1], quantile(0.95) + 0.3 * spread);
  if (high - low < 1e-9 * Math.max(1, Math.abs(high))) [low, high] = [low - 1, high + 1];
  // 0 is in sight, where that is not far
  if (low > 0 && low < high - low) low = 0;
  if (high < 0 && -high < high - low) high = 0;
  const margin = 0.05 * (high - low);
  return [low === 0 ? 0 : low - margin, high === 0 ? 0 : high + margin];
}

/** Coordinates far outside the frame break renderers: no more than one height away. */
export const near = (points: readonly Point[], [low, high]: readonly [number, number]): Point[] =>
  points.map(([x, y]) => [x, Math.max(low - (high - low), Math.min(y, high + (high - low)))]);
