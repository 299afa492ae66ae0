// What the page measures: the cases of npm run bench, as far as a visitor will wait.
import {
  type Case,
  casesOf,
  elementsOf,
  type LossName,
  type Operation,
  type WorkloadSpec,
  workloads,
} from '../../../bench/cases.ts';
import { type Effort, fullEffort, quickEffort } from '../../../bench/measure.ts';
import type { CaseResult } from '../../../bench/results.ts';

export const variants = ['wasm', 'relaxed', 'threads'] as const;
/** What js is compared with: wasm as it is, with relaxed math, with threads. */
export type Variant = (typeof variants)[number];

export interface PageCase extends Case {
  readonly variant: Variant;
}
export interface PageResult extends CaseResult {
  readonly variant: Variant;
  /** Of the variant with threads. */
  readonly threads?: number;
}

export const extents = ['brief', 'standard', 'thorough'] as const;
export type Extent = (typeof extents)[number];

interface Plan {
  readonly about: string;
  readonly effort: Effort;
  readonly takes: (shape: readonly number[]) => boolean;
}
const few = ['4096', '65536', '1048576', '8192,10', '64,1024', '1024,1024'];

export const plans: Readonly<Record<Extent, Plan>> = {
  brief: {
    about: 'Brief: three sizes, short rounds',
    effort: { ...quickEffort, round: 3, budget: 80, minRounds: 5 },
    takes: (shape) => few.includes(String(shape)),
  },
  standard: {
    about: 'Standard: every size up to 1 Mi elements',
    // wall time on a visitor's machine: more rounds than npm run bench -- --quick, which counts CPU time
    effort: { ...quickEffort, warmup: 20, round: 4, budget: 200, minRounds: 7, maxRounds: 21 },
    takes: (shape) => elementsOf(shape) <= 2 ** 20,
  },
  thorough: {
    about: 'Thorough: up to 16 Mi elements, long rounds',
    effort: fullEffort,
    takes: (shape) => elementsOf(shape) <= 2 ** 24,
  },
};

/** The size that losses are compared at: 64 Ki elements, in the second-level cache of most machines. */
export const REFERENCE = 2 ** 16;
export const isReference = ({ shape }: WorkloadSpec): boolean =>
  String(shape) === '64,1024' || (shape.length === 1 && shape[0] === REFERENCE);

/** Threads show on what takes a while. */
const isLong = ({ shape }: WorkloadSpec): boolean =>
  String(shape) === '1024,1024' || String(shape) === '1048576';

export interface Wish {
  readonly losses: readonly LossName[];
  readonly operation: Operation;
  readonly extent: Extent;
  readonly variants: readonly Variant[];
}

/** By loss: each is measured in a worker of its own. */
export function casesFor({ losses, operation, extent, variants }: Wish): Map<LossName, PageCase[]> {
  const chosen = workloads.filter(({ loss, shape }) => losses.includes(loss) && plans[extent].takes(shape));
  const cases = chosen.flatMap(casesOf).filter((which) => which.operation === operation);
  return new Map(
    losses.map((loss) => {
      const own = cases.filter((which) => which.loss === loss);
      const all = variants.flatMap((variant) =>
        (variant === 'wasm' ? own : own.filter(isLong)).map((which): PageCase => ({ ...which, variant })),
      );
      return [loss, all];
    }),
  );
}
