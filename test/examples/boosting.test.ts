// examples/boosting: what it learns, against a constant and a linear model, and that a row's weight is as good as copies of it.
import { readFileSync } from 'node:fs';
import type { LossFunctions } from 'simdloss';
import { afterAll, describe, expect, test } from 'vitest';
import { boost, predict, type Rows } from '../../examples/boosting/boost.ts';
import { compare, datasets, rowsOf } from '../../examples/boosting/compare.ts';
import { fitConstant, fitLinear } from '../../examples/boosting/linear.ts';
import { objectives } from '../../examples/boosting/objectives.ts';
import { table } from '../../examples/boosting/table.ts';
import { growTree, tableOf } from '../../examples/boosting/tree.ts';
import { load } from '../../src/index.ts';

// the example's types are those of the built package, which a class with private fields keeps apart from the source's
const wasm = (await load()) as unknown as LossFunctions;
const js = (await load({ backend: 'js' })) as unknown as LossFunctions;

afterAll(() => {
  wasm.dispose();
  js.dispose();
});

/** The most that boosting's figure may be of the linear model's: on these data, which are near linear, it is seldom better. */
const OF_LINEAR: Record<string, number> = {
  mse: 1.1,
  huber: 1.02,
  pseudoHuber: 1.05,
  'pinball 0.9': 1,
  bceWithLogits: 1.6,
};

describe.each(objectives)('$name', (objective) => {
  const rows = rowsOf(datasets[objective.dataset].train);
  const few = 8;

  test.each([wasm, js])('beats a constant, and is as near to a linear model as is said (%#)', (F) => {
    const { constant, linear, boosted } = compare(F, objective);
    expect(boosted).toBeLessThan(0.85 * constant);
    expect(linear).toBeLessThan(0.8 * constant);
    expect(boosted).toBeLessThan(OF_LINEAR[objective.name] * linear);
  });

  test('a weight of 2 is a row twice, a weight of 0 none', () => {
    const weights = Float32Array.from(rows.y, (_, row) => row % 3);
    const features = rows.x.length / rows.y.length;
    const copies = [...weights].flatMap((weight, row) => new Array<number>(weight).fill(row));
    const copied: Rows = {
      x: Float32Array.from(
        copies.flatMap((row) => [...rows.x.subarray(row * features, (row + 1) * features)]),
      ),
      y: Float32Array.from(copies, (row) => rows.y[row]),
    };
    const start = fitConstant(wasm, objective, rows, weights);
    expect(start).toBeCloseTo(fitConstant(wasm, objective, copied), 4);
    const weighted = predict(boost(wasm, objective, rows, start, weights, few), rows.x);
    const twice = predict(boost(wasm, objective, copied, start, undefined, few), rows.x);
    const without = predict(boost(wasm, objective, rows, start, undefined, few), rows.x);
    const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));
    expect(distance(weighted, twice)).toBeLessThan(1e-5);
    expect(distance(weighted, without)).toBeGreaterThan(0.01);
  });

  test('leaves nothing in memory', () => {
    compare(wasm, objective);
    const before = [wasm.memory.bytesInUse, wasm.memory.liveTensors];
    compare(wasm, objective);
    expect([wasm.memory.bytesInUse, wasm.memory.liveTensors]).toEqual(before);
  });
});

test('the constants are what is known of each loss', () => {
  const { y } = rowsOf(datasets.diabetes.train);
  const constant = (name: string, of: keyof typeof datasets) =>
    fitConstant(wasm, objectives.find((o) => o.name === name)!, rowsOf(datasets[of].train));
  expect(constant('mse', 'diabetes')).toBeCloseTo(0, 5); // the mean of standardised targets
  const quantile = constant('pinball 0.9', 'diabetes');
  expect(y.filter((t) => t < quantile).length / y.length).toBeCloseTo(0.9, 1);
  const labels = rowsOf(datasets['breast cancer'].train).y;
  const share = labels.reduce((sum, t) => sum + t, 0) / labels.length;
  expect(constant('bceWithLogits', 'breast cancer')).toBeCloseTo(Math.log(share / (1 - share)), 4);
});

test('the linear model of mse is where its normal equations hold', () => {
  const rows = rowsOf(datasets.diabetes.train);
  const features = rows.x.length / rows.y.length;
  const weights = fitLinear(wasm, objectives[0], rows);
  for (let j = 0; j <= features; j++) {
    let slope = j === 0 ? 0 : weights[j]; // the ridge's
    rows.y.forEach((t, row) => {
      const at = (k: number) => (k === 0 ? 1 : rows.x[row * features + k - 1]);
      const score = weights.reduce((sum, w, k) => sum + w * at(k), 0);
      slope += 2 * (score - t) * at(j);
    });
    expect(slope).toBeCloseTo(0, 2);
  }
});

test('a split is where it has to be, and a leaf is a step of Newton', () => {
  const x = Float32Array.of(5, 0, 1, 0, 9, 1, 3, 1); // two features; the second decides
  const grad = Float32Array.of(1, 1, -2, -2);
  const hess = Float32Array.of(1, 1, 1, 1);
  const growth = { depth: 1, lambda: 1, minHessianSum: 1 };
  expect(growTree(tableOf(x, 2), grad, hess, growth)).toEqual({
    feature: 1,
    threshold: 0,
    low: { value: -2 / 3 },
    high: { value: 4 / 3 },
  });
  expect(growTree(tableOf(x, 2), grad, hess, { ...growth, minHessianSum: 3 })).toEqual({ value: 2 / 5 });
});

test('README.md has what it prints', () => {
  const readme = readFileSync(new URL('../../examples/boosting/README.md', import.meta.url), 'utf8');
  expect(readme).toContain(table(wasm));
});
