// The cells of an evaluation: exact sums and counts, a row of them for each group.
import type { FloatDType } from '../dtypes.ts';
import { ExactSums, grown } from './exact.ts';
import { abs, type Dyadic, plus, quotient, rounded } from './rational.ts';

export type Key = string | number;

/** What has cells in each group: so many exact sums, and integers. */
export interface Cells {
  readonly name: string;
  readonly sums: number;
  readonly counts: number;
}

/** What every evaluation adds up: the terms, what the mean divides by, and the sample weights; and how many terms count. */
export const LOSS: Cells = { name: 'loss', sums: 3, counts: 1 };

interface Place {
  readonly sum: number;
  readonly count: number;
}

/** Integers before texts, each in their order. */
const compare = (a: Key, b: Key): number => {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
};

export class Table<F extends Cells = Cells> {
  readonly dtype: FloatDType;
  readonly figures: readonly F[];
  /** Those of the loss, then of each figure. */
  readonly cells: readonly Cells[];
  readonly sums: ExactSums;
  counts: Float64Array;
  /** Groups by key; what has none is in group 0. */
  readonly #groups = new Map<Key, number>();
  /** Of each, in a group. */
  readonly #places = new Map<Cells, Place>();
  readonly sumsPerGroup: number;
  readonly countsPerGroup: number;

  constructor(dtype: FloatDType, figures: readonly F[]) {
    this.dtype = dtype;
    this.figures = figures;
    this.cells = [LOSS, ...figures];
    let [sums, counts] = [0, 0];
    for (const cells of this.cells) {
      this.#places.set(cells, { sum: sums, count: counts });
      sums += cells.sums;
      counts += cells.counts;
    }
    this.sumsPerGroup = sums;
    this.countsPerGroup = counts;
    this.sums = new ExactSums(dtype, sums);
    this.counts = grown(new Float64Array(0), counts);
  }

  get cellsPerGroup(): number {
    return this.sumsPerGroup + this.countsPerGroup;
  }

  /** Groups, with that of what has no key. */
  get size(): number {
    return this.#groups.size + 1;
  }

  get keys(): readonly Key[] {
    return [...this.#groups.keys()].sort(compare);
  }

  /** Where everything is added up when figures are asked for. */
  get total(): number {
    return this.size;
  }

  has(key: Key): boolean {
    return this.#groups.has(key);
  }

  /** The group of a key, made where there is none. */
  groupOf(key: Key | undefined): number {
    if (key === undefined) return 0;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = this.size;
      this.reserve(group + 1);
      this.#groups.set(key, group);
    }
    return group;
  }

  /** Makes room for so many groups; ERR_MEMORY where the engine has none. */
  reserve(groups: number): void {
    this.sums.reserve(groups * this.sumsPerGroup);
    this.counts = grown(this.counts, groups * this.countsPerGroup);
  }

  /** Whether nothing was added to a group. */
  isEmpty(group: number): boolean {
    return this.counts[this.countOf(group)] === 0;
  }

  *inKeyOrder(): Generator<number> {
    for (const key of this.keys) yield this.groupOf(key);
  }

  cellsOf(cells: Cells, group: number): Place {
    const { sum, count } = this.#places.get(cells)!;
    return { sum: group * this.sumsPerGroup + sum, count: group * this.countsPerGroup + count };
  }

  /** The sum of the terms of a group; the divisor of their mean follows, then the sample weights. */
  lossOf = (group: number): number => group * this.sumsPerGroup;
  divisorOf = (group: number): number => group * this.sumsPerGroup + 1;
  weightOf = (group: number): number => group * this.sumsPerGroup + 2;
  countOf = (group: number): number => group * this.countsPerGroup;

  /** Adds all groups up, where `total` is: what was there is forgotten. */
  addUp(): number {
    const { total } = this;
    this.reserve(total + 1);
    this.sums.clear(total * this.sumsPerGroup, this.sumsPerGroup);
    const at = total * this.countsPerGroup;
    this.counts.fill(0, at, at + this.countsPerGroup);
    for (let group = 0; group < total; group++) {
      for (let i = 0; i < this.sumsPerGroup; i++)
        this.sums.addSum(total * this.sumsPerGroup + i, group * this.sumsPerGroup + i);
      for (let i = 0; i < this.countsPerGroup; i++)
        this.counts[at + i] += this.counts[group * this.countsPerGroup + i];
    }
    return total;
  }

  /** Sum i, rounded once. */
  rounded(i: number): number {
    return this.#notFinite(i) ?? rounded(this.sums.exact(i));
  }

  /** Sum i over sum k, rounded once. */
  quotient(i: number, k: number): number {
    const divisor = this.#notFinite(k);
    if (divisor !== undefined) return this.rounded(i) / divisor;
    const sum = this.#notFinite(i);
    const by = this.sums.exact(k);
    return sum === undefined ? quotient(this.sums.exact(i), by) : sum / rounded(by);
  }

  /** The magnitudes of n sums from i on, added up, over sum k. */
  quotientOfSizes(i: number, n: number, k: number): number {
    if (!this.areFinite(i, n) || !this.areFinite(k, 1)) return Number.NaN;
    let all: Dyadic = { mantissa: 0n, exponent: 0 };
    for (let at = i; at < i + n; at++) {
      const { mantissa, exponent } = this.sums.exact(at);
      all = plus(all, { mantissa: abs(mantissa), exponent });
    }
    return quotient(all, this.sums.exact(k));
  }

  /** Whether n sums from i on have nothing that is not. */
  areFinite(i: number, n: number): boolean {
    for (let at = i; at < i + n; at++) if (this.#notFinite(at) !== undefined) return false;
    return true;
  }

  /** What a sum is that has more than numbers. */
  #notFinite(i: number): number | undefined {
    const { nan, infinity, minusInfinity } = this.sums.specials(i);
    if (nan > 0 || (infinity > 0 && minusInfinity > 0)) return Number.NaN;
    if (infinity > 0) return Number.POSITIVE_INFINITY;
    return minusInfinity > 0 ? Number.NEGATIVE_INFINITY : undefined;
  }
}
