import { afterAll, expect } from 'vitest';
import type { FloatDType } from '../../src/index.ts';
import { backends } from '../instances.ts';

/** Relative error allowed at a logit gap (NUMERICS: half an ULP of the gap alone is 3.8e-6 at 66). */
export const boundAt = (dtype: FloatDType, gap: number): number =>
  dtype === 'f64' ? 1e-13 : gap <= 63 ? 4e-6 : 5e-6;

/** One unit in the last place of a number of this dtype. */
export function ulp(dtype: FloatDType, x: number): number {
  const [digits, least] = dtype === 'f32' ? [23, -126] : [52, -1022];
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), least) - digits);
}

/** The worst error of each kind of result, and what was beyond its bound. */
export class Worst {
  private readonly most = new Map<string, number>();
  private bad: string[] = [];
  private misses = 0;
  private count = 0;

  constructor(private readonly title: string) {}

  /** |got − want| relative to size, against the bound. Where size is below `least`, nothing is promised. */
  check(
    kind: string,
    got: number,
    want: number,
    size: number,
    bound: number,
    at: () => string,
    least = 1e-30,
  ): void {
    if (size < least && !(size === 0 && want === 0)) return;
    this.count++;
    const error = got === want ? 0 : Math.abs(got - want) / size;
    const most = this.most.get(kind);
    if (most === undefined || !(error <= most)) this.most.set(kind, error);
    if (error <= bound) return;
    this.misses++;
    if (this.bad.length < 5) this.bad.push(`${kind}: ${got}, not ${want} (${error} > ${bound}) for ${at()}`);
  }

  /** Fails if a result since the last call was beyond its bound. */
  expectBounded(): void {
    const { bad, misses } = this;
    this.bad = [];
    this.misses = 0;
    expect(this.count).toBeGreaterThan(0);
    expect(bad, `${this.title}: ${misses} beyond the bound`).toEqual([]);
  }

  /** One line: the worst of each kind. */
  print(): void {
    const kinds = [...this.most].map(([kind, error]) => `${kind} ${error.toExponential(2)}`);
    console.log(`${this.title}: ${kinds.join(', ')} (worst of ${this.count})`);
  }
}

/** One for each backend, printed at the end. */
export function worstOf(title: string, dtype: FloatDType): Record<(typeof backends)[number], Worst> {
  const all = {
    wasm: new Worst(`${title}, wasm ${dtype}`),
    js: new Worst(`${title}, js ${dtype}`),
  };
  afterAll(() => {
    for (const backend of backends) all[backend].print();
  });
  return all;
}
