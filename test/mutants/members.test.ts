// What an instance, its losses and its helpers show of themselves, and that nobody can change it.
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { backends, loaded } from '../instances.ts';
import { allRows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';

type Any = any;
const HELPERS = ['softmax', 'logSoftmax', 'logSumExp', 'sigmoid'];
const LOSS = ['grad', 'valueAndGrad', 'prepare', 'like', 'formula', 'family', 'inputs', 'options'];

describe.each(backends)('%s', (backend) => {
  const F = loaded[backend] as Any;

  it.each(allRows.map(({ loss }) => loss))('%s', (name) => {
    const loss = F[name];
    expect(loss.name).toBe(name);
    expect(Object.keys(loss)).toEqual(expect.arrayContaining(LOSS));
    expect('gradAndHess' in loss).toBe('hessian' in registry[name as LossName]);
    for (const part of [loss, loss.grad, loss.valueAndGrad, loss.prepare, loss.options]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it.each(HELPERS)('%s', (name) => {
    const helper = F[name];
    expect(helper.name).toBe(name);
    expect(Object.keys(helper)).toContain('grad');
    expect(Object.isFrozen(helper) && Object.isFrozen(helper.grad)).toBe(true);
  });

  it('the instance', () => {
    expect(Object.isFrozen(F)).toBe(true);
    expect(Object.keys(F)).toEqual(
      expect.arrayContaining([
        ...HELPERS,
        ...allRows.map(({ loss }) => loss),
        'tensor',
        'scope',
        'memory',
        'dispose',
      ]),
    );
  });
});
