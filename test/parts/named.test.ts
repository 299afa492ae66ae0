// A part has every kernel that its descriptor can name, whatever the options.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';
import { fallbacksOf } from '../../src/options/specs.ts';
import { ofLogits } from '../intervals.ts';

/** Values that options may have, of all kinds; each option takes what it parses. */
const CANDIDATES: readonly unknown[] = [
  ...[true, false, 'nan', 'zero', 'none'],
  ...[0, 1, -1, 0.25, 0.5, 0.9, 2, 3, 100, Infinity],
  // edges of the dtypes: smallest, least normal, roundoff, greatest
  ...['f32', 'f64'].flatMap((d) =>
    d === 'f32'
      ? [2 ** -149, 2 ** -126, 2 ** -24, (2 - 2 ** -23) * 2 ** 127]
      : [2 ** -1074, 2 ** -1022, 2 ** -53, Number.MAX_VALUE],
  ),
];

describe.each(descriptors)('$name', ({ name: loss, options, kernel, kernels }) => {
  const own = Object.entries(options).filter(([, { operand }]) => operand === undefined);
  const legal = Object.fromEntries(
    own.map(([name, { parse, choices = [] }]) => [
      name,
      [...choices, ...CANDIDATES].filter((value) => {
        try {
          parse(value, name);
          return true;
        } catch {
          return false;
        }
      }),
    ]),
  );

  it('every option has values to draw from', () => {
    for (const [name, values] of Object.entries(legal)) expect(values.length, name).toBeGreaterThan(1);
  });

  it('names no kernel but those that it says', () => {
    const named = new Set<string>();
    const allowed = kernels.map(({ name }) => name);
    fc.assert(
      fc.property(
        fc.record(
          Object.fromEntries(
            Object.entries(legal).map(([name, values]) => [name, fc.constantFrom(...values)]),
          ),
          // without a default it has to be given
          {
            requiredKeys: own.filter(([, { fallback }]) => fallback === undefined).map(([option]) => option),
          },
        ),
        fc.constantFrom('f32' as const, 'f64' as const),
        (drawn, dtype) => {
          const name = kernel({ ...fallbacksOf(options), ...ofLogits(drawn) } as never, dtype);
          named.add(name);
          expect(allowed, loss).toContain(name);
        },
      ),
      { numRuns: 1000 },
    );
    // and none that it never names
    expect([...named].sort()).toEqual(allowed.sort());
  });
});
