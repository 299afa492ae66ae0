import { describe, expect, test } from 'vitest';
import { cases, elementsOf, idOf, operations } from '../../bench/cases.ts';
import { rowDescriptors } from '../rows/names.ts';

describe.each(rowDescriptors.map((descriptor) => [descriptor.name, descriptor] as const))(
  '%s',
  (name, descriptor) => {
    const own = cases.filter(({ loss }) => loss === name);
    const isProjection = descriptor.family.name === 'projection';
    const kinds = isProjection
      ? ['indices']
      : descriptor.family.name !== 'classes'
        ? [descriptor.inputs[1].holds === 'indices' ? 'sets' : 'elements']
        : descriptor.inputs[1].holds === 'either'
          ? ['indices', 'probabilities']
          : ['indices'];

    test('is measured in each operation, with each kind of target', () => {
      const seen = new Set(own.map(({ operation, target }) => `${operation} ${target}`));
      expect(seen).toEqual(
        new Set(operations.flatMap((operation) => kinds.map((kind) => `${operation} ${kind}`))),
      );
    });

    // of a product the input is the least part
    if (isProjection) return;
    test('spans the sizes from a few elements to many megabytes', () => {
      const sizes = own.map(({ shape }) => elementsOf(shape));
      expect(Math.min(...sizes)).toBeLessThanOrEqual(16);
      expect(Math.max(...sizes)).toBeGreaterThanOrEqual(2 ** 24);
    });
  },
);

test('no two cases have the same name', () => {
  expect(new Set(cases.map(idOf)).size).toBe(cases.length);
});
