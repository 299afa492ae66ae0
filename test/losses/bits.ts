import { expect } from 'vitest';

type Floats = ArrayLike<number>;

/** The first place where two arrays differ in bits (NaNs are all the same), as text; '' where there is none. */
export function difference(a: Floats, b: Floats): string {
  if (a.length !== b.length) return `${a.length} and ${b.length} elements`;
  for (let i = 0; i < a.length; i++) {
    if (!Object.is(a[i], b[i])) return `${a[i]} and ${b[i]} at ${i}`;
  }
  return '';
}

export function expectSame(a: unknown, b: unknown, what: string): void {
  const list = (x: unknown): Floats => (typeof x === 'number' ? [x] : (x as { data: Floats }).data);
  expect(`${what}: ${difference(list(a), list(b))}`).toBe(`${what}: `);
}
