import { describe, expect, test } from 'vitest';
import { fillIndices, fillInput } from '../../bench/data.ts';
import { agree, differenceOf, TOLERANCE } from '../../bench/peers/agreement.ts';
import { cases } from '../../bench/peers/cases.ts';
import { handTuned } from '../../bench/peers/libraries/handTuned.ts';
import { simdloss } from '../../bench/peers/libraries/simdloss.ts';
import { committedFile, measured, readResults } from '../../bench/peers/results.ts';

const nameOf = ({ loss, shape }: { loss: string; shape: readonly number[] }) => `${loss} [${shape}]`;

describe('committed results', () => {
  const { cases: results, sweeps, tolerance } = readResults(committedFile);

  test('have every case', () => {
    expect(results.map(nameOf)).toEqual(cases.map(nameOf));
    expect(sweeps.length).toBeGreaterThan(0);
  });

  test('were measured, and agreed', () => {
    expect(tolerance).toBe(TOLERANCE);
    for (const { peers, ...which } of results) {
      for (const [peer, result] of Object.entries(peers)) {
        const name = `${nameOf(which)} ${peer}`;
        expect(agree(result.difference), name).toBe(true);
        expect(measured(result)?.time, name).toBeGreaterThan(0);
      }
    }
  });
});

// A rival that computes something else would be no measure: all tails, few classes and many, classes apart.
describe('hand-tuned JS computes the same', () => {
  const shapes = [
    ...Array.from({ length: 40 }, (_, i) => [7, i + 2]),
    [3, 1001],
    [2, 5, 700],
    [1, 21, 31, 33],
  ];
  test.each(shapes.map((shape) => [shape]))('%j', async (shape) => {
    const elements = shape.reduce((n, size) => n * size);
    const input = new Float32Array(elements);
    const target = new Int32Array(elements / shape[1]);
    fillInput('crossEntropy', input);
    for (let i = 0; i < elements; i += 3) input[i] *= 40; // beyond what the table reaches
    fillIndices(target, shape[1]);
    const problem = { loss: 'crossEntropy', shape, input, target } as const;
    const ours = await simdloss(problem, {});
    const difference = differenceOf(await handTuned(problem).result(), await ours!.result());
    expect(difference.value).toBeLessThan(2e-6);
    expect(difference.grad).toBeLessThan(2e-6);
  });
});

test('a wrong result is noticed', () => {
  const right = { value: 1, grad: Float32Array.of(1, -1, 0) };
  for (const grad of [
    [1, -1, 1e-4],
    [1, 1, 0],
    [1, -1, Number.NaN],
    [Number.NaN, -1, 0],
  ]) {
    expect(agree(differenceOf({ value: 1, grad: Float32Array.from(grad) }, right))).toBe(false);
  }
  for (const value of [1.0001, Number.NaN]) {
    expect(agree(differenceOf({ value, grad: right.grad }, right))).toBe(false);
  }
  expect(agree(differenceOf(right, right))).toBe(true);
});
