// Instances of parts: the bits of the whole module, whichever parts they have and whoever shares their memory.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FloatDType, type LossFunctions, loadSync as loadWhole } from '../../src/index.ts';
import { load, loadSync } from '../../src/parts/load.ts';
import { lossDigest, mathDigest } from '../determinism/work.ts';
import { describeCase, makeCase, type Reduction } from '../differential/case.ts';
import { run } from '../differential/run.ts';
import { both, f32, lossNames, names } from './every.ts';

type Any = any;
const whole = loadWhole();
const arrays = { f32: Float32Array, f64: Float64Array };

/** Random calls of a loss on an instance, held to the whole's. */
function expectSameLoss(
  F: Any,
  loss: (typeof lossNames)[number],
  seeds: readonly number[],
  dtype?: FloatDType,
) {
  const reductions: Reduction[] = ['mean', 'sum', 'none'];
  for (const seed of seeds) {
    const c = makeCase(loss, reductions[seed % 3], seed);
    if (dtype !== undefined && c.dtype !== dtype) continue;
    expect(run(F, c), describeCase(c)).toEqual(run(whole, c));
  }
}

/** What is no loss. */
const others = names.filter((name) => !(lossNames as readonly string[]).includes(name));

/** The same of a helper: forward and, where it has one, backward. */
function expectSameHelper(F: Any, name: (typeof others)[number], dtype: FloatDType, seed: number) {
  const classes = [1, 2, 3, 10, 64, 65, 200][seed % 7];
  const fill = (shape: number[], scale: number): Any => ({
    data: new arrays[dtype](shape[0] * shape[1]).map(
      (_: number, i: number) => scale * Math.sin(i * 12.9898 + seed),
    ),
    shape,
  });
  const x = fill([5, classes], seed % 2 ? 3 : 60);
  const go = fill(name === 'logSumExp' ? [5, 1] : [5, classes], 1);
  if (name === 'logSumExp') go.shape = [5];
  if (name === 'rowFigures') {
    const labels = Int32Array.from({ length: 5 }, (_, i) => (seed * 7 + i) % classes);
    expect(F[name](x, labels), `${name} ${dtype} ${seed}`).toEqual(whole[name](x, labels));
    return;
  }
  for (const G of [F, whole] as Any[]) expect(G[name](x).data.length).toBeGreaterThan(0);
  expect(F[name](x).data, `${name} ${dtype} ${seed}`).toEqual((whole as Any)[name](x).data);
  if ((whole as Any)[name].grad === undefined) return;
  expect(F[name].grad(x, go).data, `${name}.grad ${dtype} ${seed}`).toEqual(
    (whole as Any)[name].grad(x, go).data,
  );
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('each part by itself', () => {
  it.each(lossNames)('%s', async (name) => {
    expectSameLoss(await load({ losses: [both[name]] }), name, range(1, 600));
    expectSameLoss(loadSync({ losses: [f32[name]] }), name, range(10_000, 300), 'f32');
  });

  it.each(others)('%s', async (name) => {
    const [F, G] = [await load({ losses: [both[name]] }), loadSync({ losses: [f32[name]] })];
    for (const seed of range(1, 14)) {
      for (const dtype of ['f32', 'f64'] as const) expectSameHelper(F, name, dtype, seed);
      expectSameHelper(G, name, 'f32', seed);
    }
  });
});

it('all of them together: the digests of the whole', async () => {
  const F = (await load({ losses: names.map((name) => both[name]) })) as LossFunctions;
  expect(lossDigest(F, 2e4)).toBe(lossDigest(whole, 2e4));
  expect(mathDigest(F, 2 ** 19)).toBe(mathDigest(whole, 2 ** 19));
});

it('any of them together, some in f32 alone', () => {
  fc.assert(
    fc.property(
      fc.subarray([...names], { minLength: 1 }),
      fc.array(fc.boolean(), { minLength: names.length, maxLength: names.length }),
      fc.nat({ max: 1e6 }),
      (some, isBoth, seed) => {
        const F = loadSync({ losses: some.map((name, i) => (isBoth[i] ? both : f32)[name]) });
        some.forEach((name, i) => {
          const dtype = isBoth[i] ? undefined : 'f32';
          if ((others as readonly string[]).includes(name)) {
            expectSameHelper(F, name as Any, 'f32', seed % 1000);
            if (isBoth[i]) expectSameHelper(F, name as Any, 'f64', seed % 1000);
          } else expectSameLoss(F, name as Any, range(seed, 12), dtype);
        });
        F.dispose();
      },
    ),
    { numRuns: 40 },
  );
});

describe('one memory', () => {
  it.each([false, true])('of instances with different parts, in turn; shared: %s', (shared) => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared });
    const size = 2 ** 20;
    const regions = range(0, 4).map((i) => ({ memory, base: i * size, size }));
    const sets = [[both.crossEntropy], [both.bce, both.softmax], [both.klDiv, both.smoothL1], [f32.mse]];
    const instances = sets.map((losses, i) => loadSync({ losses, memory: regions[i] })) as Any[];
    for (const seed of range(1, 200)) {
      sets.forEach((losses, i) => {
        for (const { name } of losses) {
          if (name === 'softmax') expectSameHelper(instances[i], name, 'f32', seed);
          else expectSameLoss(instances[i], name as Any, [seed], i === 3 ? 'f32' : undefined);
        }
      });
    }
  });

  it('what one wrote, another reads where it is', () => {
    const memory = new WebAssembly.Memory({ initial: 8, maximum: 8 });
    const F = loadSync({ losses: [f32.softmax], memory: { memory, base: 0, size: 2 ** 18 } });
    const G = loadSync({ losses: [f32.nll], memory: { memory, base: 2 ** 18, size: 2 ** 18 } });
    const logits = F.tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const p = F.softmax(logits);
    const there = G.attach(p.byteOffset, [2, 3]);
    const labels = Int32Array.of(0, 2);
    expect(G.nll(there, labels)).toBe(whole.nll({ data: p.data.slice(), shape: [2, 3] }, labels));
  });
});
