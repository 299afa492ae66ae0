import type { LossFunctions } from 'simdloss';
import { afterAll, describe, expect, test } from 'vitest';
import { compareBackends } from '../../examples/train/compare.ts';
import { loadDatasets } from '../../examples/train/data.ts';
import { checkGradient } from '../../examples/train/gradcheck.ts';
import { AGREEMENT_LIMIT, faultsOf, GRADIENT_LIMIT } from '../../examples/train/limits.ts';
import { createLinear, descend, forward } from '../../examples/train/model.ts';
import { baseline } from '../../examples/train/score.ts';
import { jobs, train } from '../../examples/train/train.ts';
import { load } from '../../src/index.ts';

// the example's types are those of the built package, which a class with private fields keeps apart from the source's
const fromSource = (F: unknown): LossFunctions => F as LossFunctions;
const wasm = fromSource(await load());
const js = fromSource(await load({ backend: 'js' }));
const datasets = loadDatasets();

afterAll(() => {
  wasm.dispose();
  js.dispose();
});

test('every loss that the example is to show has a job', () => {
  expect(jobs.map((job) => job.loss)).toEqual(['l1', 'mse', 'bce', 'bceWithLogits', 'nll', 'crossEntropy']);
});

describe.each(jobs)('$loss on $dataset', (job) => {
  const data = datasets[job.dataset];
  const short = { ...job, steps: 40 };

  test.each([wasm, js])('the training loss falls and the model beats a guess (%#)', (F) => {
    const losses: number[] = [];
    const run = train(F, short, data, (_, loss) => losses.push(loss));
    expect(losses).toHaveLength(short.steps);
    expect(losses[0]).toBe(run.first);
    expect(run.final).toBeLessThan(0.75 * run.first);
    const guess = baseline(data).value;
    if (run.heldOut.kind === 'accuracy') expect(run.heldOut.value).toBeGreaterThan(guess + 0.2);
    else expect(run.heldOut.value).toBeLessThan(guess - 10);
  });

  test('leaves nothing in memory', () => {
    train(wasm, { ...job, steps: 1 }, data);
    const before = [wasm.memory.bytesInUse, wasm.memory.liveTensors];
    train(wasm, { ...job, steps: 1 }, data);
    expect([wasm.memory.bytesInUse, wasm.memory.liveTensors]).toEqual(before);
  });

  test.each([wasm, js])('the gradient passes its check (%#)', (F) => {
    expect(checkGradient(F, job.loss, data)).toBeLessThan(GRADIENT_LIMIT);
  });

  test('the backends agree', () => {
    const { model } = train(wasm, short, data);
    const { disagreement, wasm: time, js: jsTime } = compareBackends(wasm, js, job.loss, model, data, 3);
    expect(disagreement).toBeLessThan(AGREEMENT_LIMIT);
    expect(time).toBeGreaterThan(0);
    expect(jsTime).toBeGreaterThan(0);
  });
});

test('a run out of bounds is told by name, NaN too', () => {
  expect(faultsOf('l1', 1e-9, 0)).toEqual([]);
  expect(faultsOf('l1', 2e-6, Number.NaN)).toEqual([
    'l1: gradient check error 2.0e-6, limit 1e-6',
    'l1: the backends differ by NaN, limit 1e-5',
  ]);
});

test('bce on sigmoid and bceWithLogits learn the same, and so do nll on logSoftmax and crossEntropy', () => {
  const final = (loss: string) => {
    const job = jobs.find((candidate) => candidate.loss === loss)!;
    return train(wasm, { ...job, steps: 40 }, datasets[job.dataset]).final;
  };
  expect(final('bce')).toBeCloseTo(final('bceWithLogits'), 6);
  expect(final('nll')).toBeCloseTo(final('crossEntropy'), 6);
});

test('the model steps down the gradient of its own forward', () => {
  const features = 3;
  const outputs = 2;
  const x = Float32Array.of(1, -2, 0.5, 0.25, 3, -1);
  const model = createLinear(features, outputs, 5);
  // the loss is Σ g · outputs, whose gradient with respect to the outputs is g
  const g = Float32Array.of(1, -1, 2, 0.5);
  const loss = (weights: Float32Array, bias: Float32Array) => {
    const out = new Float32Array(4);
    forward({ features, outputs, weights, bias }, x, out);
    return out.reduce((sum, value, i) => sum + value * g[i], 0);
  };
  const stepped = { ...model, weights: model.weights.slice(), bias: model.bias.slice() };
  descend(stepped, x, g, 1);
  for (const name of ['weights', 'bias'] as const) {
    model[name].forEach((value, i) => {
      // linear: a difference over a step of 1 is exact but for rounding
      const higher = { weights: model.weights.slice(), bias: model.bias.slice() };
      higher[name][i] = value + 1;
      const slope = loss(higher.weights, higher.bias) - loss(model.weights, model.bias);
      expect(value - stepped[name][i]).toBeCloseTo(slope, 4);
    });
  }
});
