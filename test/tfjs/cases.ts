// A call of each loss of the registry, with numbers of its row.
import { setsOf } from '../losses/inputs.ts';
import { random } from '../random.ts';
import { rows } from '../rows/index.ts';
import { rowDescriptors } from '../rows/names.ts';
import type { LossName } from '../rows/row.ts';

export const SAMPLES = 6;
export const WIDTH = 5;

export interface Given {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

export interface Case {
  readonly name: LossName;
  /** In the order of F's. */
  readonly inputs: readonly Given[];
  /** Which of them have a gradient. */
  readonly hasGradient: readonly boolean[];
}

/** Numbers that float32 has exactly. */
const filled = (shape: readonly number[], next: () => number): Given => ({
  shape,
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.fround(next())),
  dtype: 'float32',
});

/** All but those whose weights are not of samples. */
const descriptors = rowDescriptors.filter(({ family }) => family.name !== 'projection');

export const cases: readonly Case[] = descriptors.map(({ name, inputs }) => {
  const row = rows[name as LossName];
  const r = random(7);
  const shape = [SAMPLES, WIDTH];
  const made = inputs.map((input, i): Given => {
    if (input.holds === 'indices' && input.shape === 'first')
      return { shape, data: Array.from(setsOf(r, shape).data), dtype: 'int32' };
    if (input.holds !== 'numbers')
      return {
        shape: [SAMPLES],
        data: filled([SAMPLES], () => Math.floor(r() * WIDTH)).data,
        dtype: 'int32',
      };
    const next = [row.input, row.target, row.third ?? row.target][i];
    return filled(input.shape === 'terms' ? [SAMPLES] : shape, () => next(r));
  });
  return {
    name: name as LossName,
    inputs: made,
    hasGradient: inputs.map(({ gradient }, i) => gradient && made[i].dtype === 'float32'),
  };
});
