import { expect, test } from 'vitest';
import { jsKernels } from '../../src/js/kernels.ts';
import { kernels } from '../../src/losses/registry.ts';

const names = kernels.flatMap((k) => k.loops.map((loop) => `${k.name}_${loop}`));

test.each(['f32', 'f64'] as const)('every kernel of the registry exists for %s', (dtype) => {
  expect(Object.keys(jsKernels[dtype]).sort()).toEqual([...names, 'prepass'].sort());
  for (const kernel of Object.values(jsKernels[dtype])) expect(kernel).toBeTypeOf('function');
});

test('f32 and f64 are functions of their own', () => {
  for (const name of names as (keyof typeof jsKernels.f32)[]) {
    expect(jsKernels.f32[name]).not.toBe(jsKernels.f64[name]);
  }
});
