// The space of cases.
import fc from 'fast-check';
import { attacks } from './attacks.ts';
import { memoryPlaces, places } from './blocks.ts';
import { actions, hookPoints } from './hooks.ts';
import { contentOf, legalCall } from './legal.ts';
import type { Case } from './run.ts';

/** Left out once in `freq` times. */
const optional = <T>(arbitrary: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq });
const sometimes = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const index = fc.nat({ max: 5 });
const action = fc.constantFrom(...Object.keys(actions));

/** What happens to the memory: half of all cases. */
const memory = fc.option(
  fc.record({
    shared: fc.boolean(),
    places: fc.array(
      fc.constantFrom(
        undefined,
        undefined,
        'tensor',
        'view',
        'view',
        'attached',
        'free',
        'free',
        ...memoryPlaces,
      ),
      { minLength: 1, maxLength: 6 },
    ),
    events: fc.array(
      fc.record({
        when: fc.constantFrom('before' as const, 'between' as const),
        what: fc.constantFrom('orphan' as const, 'free' as const, 'retake' as const),
        on: index,
      }),
      { maxLength: 4 },
    ),
  }),
  { nil: undefined, freq: 2 },
);

export const anyCase: fc.Arbitrary<Case> = fc
  .tuple(
    legalCall.filter((legal) => contentOf(legal) !== undefined),
    fc.record({
      world: fc.constantFrom('region' as const, 'region' as const, 'growing' as const, 'js' as const),
      places: fc.array(fc.constantFrom(...places), { minLength: 1, maxLength: 6 }),
      shifts: fc.array(fc.nat({ max: 15 }), { minLength: 1, maxLength: 4 }),
      forms: fc.array(fc.constantFrom('bare' as const, 'object' as const, 'strided' as const), {
        minLength: 1,
        maxLength: 4,
      }),
      out: fc.constantFrom('made' as const, 'given' as const, 'in place' as const),
      left: optional(
        fc.nat({ max: 80 }).map((n) => 64 * n),
        2,
      ),
      attack: optional(fc.record({ name: fc.constantFrom(...Object.keys(attacks)), role: index }), 2),
      hook: sometimes(fc.record({ point: fc.constantFrom(...hookPoints), at: index, action, on: index })),
      between: optional(fc.record({ action, on: index }), 2),
    }),
    // drawn last: what a seed drew before there was any of this, it still does
    fc.record({ memory }),
  )
  .map(([legal, hostile, events]) => ({ ...legal, ...hostile, ...events }));
