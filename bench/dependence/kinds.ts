// Data that may slow a floating-point unit down: infinities, and numbers that are subnormal or lead to such. Each kind is
// laid over the ordinary data of ../data.ts, so that what it does not name stays the same.
import type { FloatDType } from 'simdloss';
import { random } from '../../test/random.ts';

type Floats = Float32Array | Float64Array;
type Draw = () => number;

export interface Operands {
  readonly input: Floats;
  /** Labels, or as many numbers as the input; undefined for a map. */
  readonly target?: Floats | Int32Array;
  /** Of the input; classes are axis 1. */
  readonly shape: readonly number[];
}

/** The borders of a dtype's subnormal range. */
interface Limits {
  /** The least subnormal and the least normal number. */
  readonly least: number;
  readonly normal: number;
  /** Below it a square is subnormal. */
  readonly root: number;
}
const limits: Record<FloatDType, Limits> = {
  f32: { least: 2 ** -149, normal: 2 ** -126, root: 2 ** -63 },
  f64: { least: 2 ** -1074, normal: 2 ** -1022, root: 2 ** -511 },
};

/** Positive numbers of one range. */
type Range = (limits: Limits, u: Draw, scale: number) => number;

/** Evenly spread in their logarithm. */
const between = (low: number, high: number, u: Draw): number =>
  Math.exp(Math.log(low) + u() * (Math.log(high) - Math.log(low)));

const tiny: Range = ({ normal, root }, u) => between(normal, root, u);
// twice the least number: half of it would round to 0
const subnormal: Range = ({ least, normal }, u) => between(2 * least, normal, u);
/** Normal, but subnormal once the mean has divided it by the number of its terms. */
const divided: Range = ({ normal }, u, terms) => between(normal, normal * terms, u);
/** −log of a subnormal number. */
const gapOfSubnormal: Range = (l, u) => -Math.log(subnormal(l, u, 1));
/** −log of a number just below the normal ones: n of 2^n is the least, and e^r 2^n with r < 0 is no normal number. */
const gapOfEdge: Range = ({ normal }, u) => -Math.log(normal) + u() * 0.34;
const gapOfDivided: Range = (l, u, terms) => -Math.log(divided(l, u, terms));
/** −log of what is tiny: a confident sample. */
const gapOfTiny: Range = (l, u) => -Math.log(tiny(l, u, 1));

type Fill = (operands: Operands, limits: Limits, u: Draw) => void;

const isLabels = (target: Operands['target']): target is Int32Array => target instanceof Int32Array;

/** Calls `use` with the places of each row's classes and the row's label (any class where it has none). */
function eachRow(
  { input, target, shape }: Operands,
  u: Draw,
  use: (places: readonly number[], label: number) => void,
): void {
  const classes = shape[1];
  const inner = shape.slice(2).reduce((n, size) => n * size, 1);
  for (let row = 0; row < input.length / classes; row++) {
    const start = Math.floor(row / inner) * classes * inner + (row % inner);
    const label = isLabels(target) ? target[row] : Math.floor(u() * classes);
    use(
      Array.from({ length: classes }, (_, c) => start + c * inner),
      label,
    );
  }
}

const rowsOf = ({ input, shape }: Operands): number => input.length / shape[1];

/** The label's logit is 0, the others are so far below. */
const below =
  (gap: Range): Fill =>
  (operands, l, u) =>
    eachRow(operands, u, (places, label) => {
      places.forEach((at, c) => {
        operands.input[at] = c === label ? 0 : -gap(l, u, rowsOf(operands));
      });
    });

/** Half of the classes get `value` and no probability; the label is none of them. */
const half =
  (value: number): Fill =>
  (operands, _, u) =>
    eachRow(operands, u, (places, label) => {
      places.forEach((at, c) => {
        if (c === label || u() < 0.5) return;
        operands.input[at] = value;
        if (operands.target && !isLabels(operands.target)) operands.target[at] = 0;
      });
    });

const either = (u: Draw): number => (u() < 0.5 ? -1 : 1);

/** Every input anew: from the range, with the sign that `sign` gives. */
const inputs =
  (range: Range, sign: (u: Draw) => number): Fill =>
  ({ input }, l, u) => {
    for (let i = 0; i < input.length; i++) input[i] = sign(u) * range(l, u, input.length);
  };

const targets =
  (range: Range, sign = 1): Fill =>
  ({ target }, l, u) => {
    for (let i = 0; i < target!.length; i++) target![i] = sign * range(l, u, target!.length);
  };

const both =
  (...fills: Fill[]): Fill =>
  (operands, l, u) => {
    for (const fill of fills) fill(operands, l, u);
  };

const positive = () => 1;
const negative = () => -1;

/** Every other input, and the targets beside them. */
const everyOther =
  (value: number, beside?: number): Fill =>
  ({ input, target }) => {
    for (let i = 0; i < input.length; i += 2) {
      input[i] = value;
      if (beside !== undefined) target![i] = beside;
    }
  };

/** A logit that agrees with its target of 0 or 1. */
const agreeing =
  (gap: Range): Fill =>
  ({ input, target }, l, u) => {
    for (let i = 0; i < input.length; i++) input[i] = (target![i] === 1 ? 1 : -1) * gap(l, u, input.length);
  };

const noTarget: Fill = ({ target }) => target!.fill(0);

/** What is measured against ordinary data, by what a loss reads. */
export const kinds = {
  'logits of classes': {
    '−inf': half(-Infinity),
    'subnormal exponentials': below(gapOfSubnormal),
    'exponentials at the edge': below(gapOfEdge),
    'subnormal gradients': below(gapOfDivided),
    confident: below(gapOfTiny),
    tiny: inputs(tiny, either),
    subnormal: inputs(subnormal, either),
  },
  'probabilities of classes': {
    zero: half(0),
    tiny: inputs(tiny, positive),
    subnormal: inputs(subnormal, positive),
  },
  'log-probabilities of classes': {
    '−inf': half(-Infinity),
    tiny: inputs(tiny, negative),
    subnormal: inputs(subnormal, negative),
  },
  logits: {
    '−inf': everyOther(-Infinity, 0),
    'subnormal exponentials': agreeing(gapOfSubnormal),
    'exponentials at the edge': agreeing(gapOfEdge),
    'subnormal gradients': agreeing(gapOfDivided),
    confident: agreeing(gapOfTiny),
    tiny: inputs(tiny, either),
    subnormal: inputs(subnormal, either),
  },
  differences: {
    '−inf': everyOther(-Infinity),
    'subnormal gradients': both(inputs(divided, either), noTarget),
    tiny: both(inputs(tiny, either), targets(tiny)),
    subnormal: both(inputs(subnormal, either), targets(subnormal)),
  },
  probabilities: {
    zero: everyOther(0),
    tiny: inputs(tiny, positive),
    subnormal: inputs(subnormal, positive),
  },
  'a distribution': {
    '−inf': everyOther(-Infinity, 0),
    'subnormal gradients': targets(divided),
    tiny: targets(tiny),
    subnormal: targets(subnormal),
  },
  'a log-distribution': {
    '−inf': ({ target }) => {
      for (let i = 0; i < target!.length; i += 2) target![i] = -Infinity;
    },
    'subnormal exponentials': targets(gapOfSubnormal, -1),
    'subnormal gradients': targets(gapOfDivided, -1),
    tiny: both(inputs(tiny, negative), targets(tiny, -1)),
    subnormal: both(inputs(subnormal, negative), targets(subnormal, -1)),
  },
  'any number': {
    '−inf': everyOther(-Infinity),
    'subnormal exponentials': inputs(gapOfSubnormal, negative),
    'exponentials at the edge': inputs(gapOfEdge, negative),
    tiny: inputs(tiny, either),
    subnormal: inputs(subnormal, either),
  },
  'positive numbers': {
    zero: everyOther(0),
    tiny: inputs(tiny, positive),
    subnormal: inputs(subnormal, positive),
  },
  'logs of softmax': {
    '−inf': half(-Infinity),
    'subnormal exponentials': below(gapOfSubnormal),
    'exponentials at the edge': below(gapOfEdge),
    confident: below(gapOfTiny),
    tiny: inputs(tiny, negative),
    subnormal: inputs(subnormal, negative),
  },
} satisfies Record<string, Record<string, Fill>>;

export type Domain = keyof typeof kinds;
/** The data against itself, in other tensors: how much of a ratio is noise. */
export const CONTROL = 'control';

export const kindsOf = (domain: Domain): string[] => [CONTROL, ...Object.keys(kinds[domain])];

/** Lays a kind of data over the ordinary. */
export function lay(domain: Domain, kind: string, operands: Operands, dtype: FloatDType): void {
  if (kind === CONTROL) return;
  (kinds[domain] as Record<string, Fill>)[kind](operands, limits[dtype], random(7));
}
