// Random calls of ctc on an instance, held to another's.
import { expect } from 'vitest';
import type { FloatDType } from '../../src/index.ts';
import { arrayOf } from '../instances.ts';
import { integer, random } from '../random.ts';

type Any = any;

function answer(F: Any, seed: number, dtype: FloatDType): unknown {
  const r = random(seed);
  const [frames, sequences, classes, labels] = [
    integer(r, 30),
    1 + integer(r, 4),
    2 + integer(r, 9),
    integer(r, 9),
  ];
  const lengths = (most: number) => Int32Array.from({ length: sequences }, () => integer(r, most + 1));
  const input = {
    data: new arrayOf[dtype](frames * sequences * classes).map(() => -6 * r()),
    shape: [frames, sequences, classes],
  };
  const target = {
    data: Int32Array.from({ length: sequences * labels }, () => 1 + integer(r, classes - 1)),
    shape: [sequences, labels],
  };
  const options = { reduction: ['mean', 'sum', 'none'][seed % 3], fromLogits: r() < 0.5 };
  return F.ctc.valueAndGrad(input, target, lengths(frames), lengths(labels), options);
}

export function expectSameSequences(
  F: Any,
  whole: Any,
  seeds: readonly number[],
  only: FloatDType | undefined,
): void {
  for (const seed of seeds) {
    const dtype = seed % 2 ? 'f32' : 'f64';
    if (dtype === (only ?? dtype))
      expect(answer(F, seed, dtype), `ctc ${seed}`).toEqual(answer(whole, seed, dtype));
  }
}
