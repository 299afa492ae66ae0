// Random calls of dice on an instance, held to another's.
import { expect } from 'vitest';
import type { FloatDType } from '../../src/index.ts';
import { arrayOf } from '../instances.ts';
import { integer, random } from '../random.ts';

type Any = any;

function answer(F: Any, seed: number, dtype: FloatDType): unknown {
  const r = random(seed);
  const shape = [1 + integer(r, 3), 1 + integer(r, 40), 1 + integer(r, 30)];
  const filled = () => ({
    data: new arrayOf[dtype](shape[0] * shape[1] * shape[2]).map(() => r()),
    shape,
  });
  const options = {
    reduction: ['mean', 'sum', 'none'][seed % 3],
    fromLogits: ['softmax', 'sigmoid', false][integer(r, 3)],
    axis: r() < 0.5 ? 1 : -1,
    wrt: ['input', 'target'],
  };
  return F.dice.valueAndGrad(filled(), filled(), options);
}

export function expectSameSets(
  F: Any,
  whole: Any,
  seeds: readonly number[],
  only: FloatDType | undefined,
): void {
  for (const seed of seeds) {
    const dtype = seed % 2 ? 'f32' : 'f64';
    if (dtype === (only ?? dtype))
      expect(answer(F, seed, dtype), `dice ${seed}`).toEqual(answer(whole, seed, dtype));
  }
}
