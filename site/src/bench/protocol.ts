import type { FloatDType } from 'simdloss';
import type { Effort } from '../../../bench/measure.ts';
import type { PageCase, PageResult } from './plan.ts';

/** What a worker is asked. */
export interface Task {
  readonly cases: readonly PageCase[];
  readonly dtype: FloatDType;
  readonly effort: Effort;
}

/** What a worker tells, a case at a time. */
export type Report =
  | { readonly kind: 'started'; readonly which: PageCase }
  | { readonly kind: 'measured'; readonly result: PageResult }
  /** The engine has it not. */
  | { readonly kind: 'skipped'; readonly which: PageCase; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'done'; readonly resolution: number }
  /** Before the first: the share of a core that others take. */
  | { readonly kind: 'looked'; readonly others: number };
