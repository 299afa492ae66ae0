// A figure: curves over the prediction, value on the left and gradient on the right.
/** A point of a curve; no y where the curve is interrupted. */
export type Point = readonly [x: number, y: number | null];

export interface Curve {
  readonly points: readonly Point[];
  /** Single points: the value at a jump. */
  readonly dots?: readonly Point[];
}

export interface Panel {
  readonly x: string;
  readonly y: string;
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly yLog?: boolean;
  /** One for each entry of the legend. */
  readonly curves: readonly Curve[];
}

export interface Figure {
  /** The sentence for readers who do not see the plot. */
  readonly title: string;
  readonly legend: readonly string[];
  readonly panels: readonly Panel[];
}

export type Numbers = ArrayLike<number>;
interface Both {
  readonly value: Numbers;
  readonly grad: Numbers;
}
export type Evaluate = (x: Float64Array) => Both;

interface Span {
  readonly from: number;
  readonly to: number;
  /** Where value or gradient may jump: drawn from both sides, and as a dot. */
  readonly jumps?: readonly number[];
}

const STEPS = 120;

/** STEPS even steps and both sides of each jump, with NaN at the jump itself, where the curve is interrupted. */
function grid({ from, to, jumps = [] }: Span): number[] {
  const beside = (to - from) * 1e-6;
  const even = Array.from({ length: STEPS + 1 }, (_, i) => from + ((to - from) * i) / STEPS);
  const cut = even.filter((x) => jumps.every((jump) => Math.abs(x - jump) > beside));
  const sides = jumps
    .flatMap((jump) => [
      { order: jump - beside, x: jump - beside },
      { order: jump, x: Number.NaN },
      { order: jump + beside, x: jump + beside },
    ])
    .filter(({ order }) => order >= from && order <= to);
  return [...cut.map((x) => ({ order: x, x })), ...sides].sort((a, b) => a.order - b.order).map(({ x }) => x);
}

/** To six decimals: last bits that change are no change of a plot. */
const decimals = (y: number): number => Math.round(y * 1e6) / 1e6;

function curvesOf(span: Span, evaluate: Evaluate): { value: Curve; grad: Curve } {
  const x = grid(span);
  const { value, grad } = evaluate(Float64Array.from(x));
  const jumps = [...(span.jumps ?? [])];
  const at = evaluate(Float64Array.from(jumps));
  const curve = (y: Numbers, yAt: Numbers): Curve => {
    const points = x.map((x, i): Point => [Number.isNaN(x) ? 0 : x, Number.isNaN(x) ? null : decimals(y[i])]);
    const dots = jumps
      .map((x, i): Point => [x, decimals(yAt[i])])
      // where nothing jumps, no dot
      .filter(([at, y]) =>
        points.every(([x, near]) => near === null || Math.abs(x - at) > 1e-4 || Math.abs(near - y!) > 0.01),
      );
    return dots.length > 0 ? { points, dots } : { points };
  };
  return { value: curve(value, at.value), grad: curve(grad, at.grad) };
}

interface ValueAndGradient {
  readonly title: string;
  readonly x: string;
  readonly value: string;
  readonly grad: string;
  readonly span: Span;
  readonly valueDomain: readonly [number, number];
  readonly gradDomain: readonly [number, number];
  readonly curves: readonly {
    readonly name: string;
    readonly evaluate: Evaluate;
    readonly jumps?: number[];
  }[];
}

/** Value on the left, gradient on the right. */
export function valueAndGradient(spec: ValueAndGradient): Figure {
  const curves = spec.curves.map(({ evaluate, jumps }) => curvesOf({ ...spec.span, jumps }, evaluate));
  const xDomain = [spec.span.from, spec.span.to] as const;
  return {
    title: spec.title,
    legend: spec.curves.map(({ name }) => name),
    panels: [
      {
        x: spec.x,
        y: spec.value,
        xDomain,
        yDomain: spec.valueDomain,
        curves: curves.map(({ value }) => value),
      },
      { x: spec.x, y: spec.grad, xDomain, yDomain: spec.gradDomain, curves: curves.map(({ grad }) => grad) },
    ],
  };
}

/** Every term on its own. */
export const each = { reduction: 'none' } as const;

export const NATS = 'loss in nats';
export const RESIDUAL = 'prediction − target, in the target’s unit';

type Term = (x: Float64Array, t: Float64Array) => { value: { data: Numbers }; grad: { data: Numbers } };

/** An elementwise loss against one target. */
export const against =
  (target: number, term: Term): Evaluate =>
  (x) => {
    const { value, grad } = term(x, new Float64Array(x.length).fill(target));
    return { value: value.data, grad: grad.data };
  };
