import { describe, expect, it } from 'vitest';
import { relaxed } from '../instances.ts';
import { boundsOf, type Dtype, readBounds } from './bounds.ts';
import { compileMath } from './module.ts';
import { NAMES } from './reference.ts';
import { BLOCK, broken, Sweep, sampler, stratified } from './sweep.ts';

const BOUNDS = readBounds();
const DTYPES: Dtype[] = ['f32', 'f64'];
const of = (name: string, dtype: Dtype) => BOUNDS.filter((one) => one.name === name && one.dtype === dtype);
const module = await compileMath(NAMES, relaxed);

describe('the bounds in the doc comments', () => {
  it('stand at every function that has a reference, and at no other', () => {
    expect([...new Set(BOUNDS.map(({ name }) => name))].sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)('%s states both dtypes, over ranges side by side', (name) => {
    for (const dtype of DTYPES) {
      const bounds = of(name, dtype);
      expect(bounds).not.toHaveLength(0);
      for (let i = 1; i < bounds.length; i++) expect(bounds[i].low).toBe(bounds[i - 1].high);
    }
  });

  it('are refused where they are misspelt or stand at no method', () => {
    const line = '   * @bound f32 ulp 0.90 measured 0.8903 at 4.5 on [-inf, inf] exhaustive';
    expect(boundsOf('exp', `${line}\n  static full<T>(x`)[0]).toEqual({
      name: 'exp.full',
      dtype: 'f32',
      limit: 0.9,
      measured: 0.8903,
      at: 4.5,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      sampled: 'all',
    });
    expect(() => boundsOf('exp', `${line.replace('ulp', 'ULP')}\n  static full<T>(x`)).toThrow('not a bound');
    expect(() => boundsOf('exp', line)).toThrow('without a method');
  });

  it.each(BOUNDS)('$name $dtype: $measured ULP at $at', (bound) => {
    expect(bound.measured).toBeLessThanOrEqual(bound.limit);
    const sweep = new Sweep(module, [bound]);
    sweep.kernel.x.fill(bound.at);
    sweep.block();
    // the worst input is that of the deterministic module
    if (relaxed) expect(sweep.found.worst[0].ulps).toBeLessThanOrEqual(bound.limit);
    else expect(sweep.found.worst[0].ulps).toBeCloseTo(bound.measured, 4);
  });
});

describe('one float of every 256', () => {
  it.each(NAMES)('%s f32', (name) => {
    const bounds = of(name, 'f32');
    const sweep = new Sweep(module, bounds);
    for (let first = 0; first < 2 ** 24; first += BLOCK) {
      stratified(sweep.kernel.x, first);
      sweep.block();
    }
    expect(broken(bounds, sweep.found)).toEqual([]);
  });
});

describe('a million inputs', () => {
  it.each(NAMES)('%s f64', (name) => {
    const bounds = of(name, 'f64');
    const sweep = new Sweep(module, bounds);
    const fill = sampler(name, 1);
    while (sweep.found.tested < 1e6) {
      fill(sweep.kernel.x);
      sweep.block();
    }
    expect(broken(bounds, sweep.found)).toEqual([]);
  });
});
