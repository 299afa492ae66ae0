// Random calls of losses of all pairs on an instance, held to another's.
import { expect } from 'vitest';
import type { FloatDType } from '../../src/index.ts';
import { arrayOf } from '../instances.ts';
import { integer, random } from '../random.ts';

type Any = any;

function answer(F: Any, loss: 'infoNce' | 'ntxent', seed: number, dtype: FloatDType): unknown {
  const r = random(seed);
  const shape = [1 + integer(r, 40), 1 + integer(r, 20)];
  const rows = () => ({ data: new arrayOf[dtype](shape[0] * shape[1]).map(() => r() - 0.5), shape });
  const options = { reduction: ['mean', 'sum', 'none'][seed % 3], chunkRows: r() < 0.5 ? 'auto' : 7 };
  const input = rows();
  if (loss === 'infoNce')
    return F.infoNce.valueAndGrad(input, rows(), {
      ...options,
      symmetric: r() < 0.5,
      wrt: ['input', 'target'],
    });
  return F.ntxent.valueAndGrad(
    input,
    Int32Array.from({ length: shape[0] }, () => integer(r, 5)),
    options,
  );
}

export function expectSamePairs(
  F: Any,
  whole: Any,
  loss: 'infoNce' | 'ntxent',
  seeds: readonly number[],
  only: FloatDType | undefined,
): void {
  for (const seed of seeds) {
    const dtype = seed % 2 ? 'f32' : 'f64';
    if (dtype === (only ?? dtype))
      expect(answer(F, loss, seed, dtype), `${loss} ${seed}`).toEqual(answer(whole, loss, seed, dtype));
  }
}
