// Every number that an option may be is taken, and none beside: also where it stands for an array of it.
import { describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';
import { contains, type Interval } from '../../src/options/interval.ts';
import { loaded } from '../instances.ts';
import { rows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';
import { inputsOf } from './inputs.ts';
import { lossOf } from './roles.ts';

/** The numbers next to one of f64. */
function neighbours(x: number): number[] {
  if (!Number.isFinite(x)) return [x];
  const step = Math.max(2 ** -1074, Math.abs(x) * 2 ** -53);
  return [x - step, x, x + step];
}

/** Around its ends, and what is far from them or no number. */
const numbersOf = ({ low, high }: Interval): number[] => [
  ...neighbours(low),
  ...neighbours(high),
  ...[-Infinity, -1e300, -2, -1, -0.5, -1e-300, 0, 1e-300, 0.5, 1, 1.5, 2, 1e300, Infinity, NaN],
];

/** What the shape of the input has a say in, too. */
const OF_SHAPES = ['axis', 'blank'];

const ranges = descriptors.flatMap(({ name, options }) =>
  Object.entries(options).flatMap(([option, { interval, operand }]) => {
    const range =
      interval ??
      (operand?.number === 'broadcast' || operand?.number === 'param' ? operand.interval : undefined);
    return range === undefined || OF_SHAPES.includes(option) ? [] : [{ name, option, range }];
  }),
);

describe.each(ranges)('$name: $option', ({ name, option, range }) => {
  const row = rows[name as LossName];
  const { input, target } = inputsOf(row, row.variants[0], 'f32');
  const loss = lossOf(loaded.wasm, name);

  it.each(numbersOf(range).map((x) => [x, contains(range, x)]))('%d: %s', (x, isLegal) => {
    const refused = expect.objectContaining({
      code: 'ERR_OPTION',
      message: expect.stringMatching(new RegExp(`"${option}" expected an? (number|integer) `)),
    });
    for (const call of [loss, loss.grad, loss.prepare])
      if (isLegal)
        expect(() => call(input, target, { ...row.variants[0].options, [option]: x })).not.toThrow();
      else expect(() => call(input, target, { ...row.variants[0].options, [option]: x })).toThrow(refused);
  });
});

it('there are ranges of each kind', () => {
  const names = ranges.map(({ option }) => option);
  for (const option of ['eps', 'quantile', 'posWeight', 'weight', 'ignoreIndex'])
    expect(names).toContain(option);
});
