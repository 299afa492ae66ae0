import { expect, test } from 'vitest';
import { compareText, regressions } from '../../bench/guard/compare.ts';

const before = new Map([
  ['same', 10],
  ['noise', 10],
  ['worse', 10],
  ['much worse', 2],
  ['better', 10],
  ['gone', 10],
  ['broken', 10],
]);
const after = new Map([
  ['same', 10],
  ['noise', 8.51],
  ['worse', 8.49],
  ['much worse', 0.5],
  ['better', 20],
  ['broken', Number.NaN],
  ['new', 1],
]);

test('names what got worse by over 15 %, the worst first', () => {
  expect(regressions(before, after)).toEqual({
    compared: 5,
    worse: [
      { name: 'much worse', before: 2, after: 0.5 },
      { name: 'worse', before: 10, after: 8.49 },
    ],
    missing: ['gone', 'broken'],
    threshold: 0.15,
  });
});

test('prints them', () => {
  expect(compareText(regressions(before, after)).split('\n')).toEqual([
    '2 of 5 ratios are worse than the committed ones by over 15 %',
    '  much worse: 2× → 0.5× (-75 %)',
    '  worse: 10× → 8.49× (-15 %)',
    '2 were not measured now',
  ]);
});
