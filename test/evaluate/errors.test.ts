// What evaluations refuse, and that nothing was added then; states that were made up.
import { describe, expect, it } from 'vitest';
import { type EvaluateOptions, evaluate, type State } from '../../src/evaluate/index.ts';
import { load } from '../../src/index.ts';
import { load as loadParts, crossEntropy as part } from '../../src/parts/generated/crossEntropy.ts';
import { loaded } from '../instances.ts';
import { random } from '../random.ts';

const F = loaded.wasm;
const code = (name: string) => expect.objectContaining({ code: name });
const logits = { data: Float32Array.of(1, 2, 3, 3, 2, 1), shape: [2, 3] };
const labels = Int32Array.of(2, 0);

describe('evaluate', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'ERR_TYPE'],
    ['no loss', {}, 'ERR_TYPE'],
    ['a loss that there is not', { loss: 'toString' }, 'ERR_OPTION'],
    ['a loss of all pairs', { loss: 'infoNce' }, 'ERR_OPTION'],
    ['an option that it has not', { loss: 'mse', ignoreIndex: 1 }, 'ERR_OPTION'],
    ['a reduction', { loss: 'mse', reduction: 'sum' }, 'ERR_OPTION'],
    ['a figure of others', { loss: 'mse', figures: ['accuracy'] }, 'ERR_OPTION'],
    ['a figure of none', { loss: 'klDiv', figures: ['rmse'] }, 'ERR_OPTION'],
    ['figures that are no list', { loss: 'mse', figures: 'rmse' }, 'ERR_TYPE'],
    ['topK without numbers', { loss: 'crossEntropy', figures: ['topK'] }, 'ERR_OPTION'],
    ['a k of 0', { loss: 'crossEntropy', topK: [0] }, 'ERR_OPTION'],
    ['topK of elements', { loss: 'mse', topK: [1] }, 'ERR_OPTION'],
    ['no bins', { loss: 'bce', bins: 0 }, 'ERR_OPTION'],
    ['a shift of elements', { loss: 'mse', shift: 1 }, 'ERR_OPTION'],
    ['z-loss with class weights', { loss: 'crossEntropy', zLoss: 1, weight: [1, 2] }, 'ERR_OPTION'],
  ])('%s', (_, options, error) => {
    expect(() => evaluate(F, options as EvaluateOptions)).toThrow(code(error));
  });
});

describe('add', () => {
  const cases: [string, EvaluateOptions, unknown[], string][] = [
    ['too few inputs', { loss: 'mse' }, [labels], 'ERR_TYPE'],
    ['a label that is none', { loss: 'crossEntropy' }, [logits, Int32Array.of(0, 3)], 'ERR_LABEL'],
    [
      'another dtype',
      { loss: 'crossEntropy' },
      [{ ...logits, data: new Float64Array(6) }, labels],
      'ERR_DTYPE',
    ],
    ['an option that add has not', { loss: 'crossEntropy' }, [logits, labels, { weight: 1 }], 'ERR_OPTION'],
    ['groups of another length', { loss: 'crossEntropy' }, [logits, labels, { group: ['a'] }], 'ERR_SHAPE'],
    ['a key that is none', { loss: 'crossEntropy' }, [logits, labels, { group: [1, 1.5] }], 'ERR_TYPE'],
    ['a mask of another shape', { loss: 'crossEntropy' }, [logits, labels, { mask: [1] }], 'ERR_SHAPE'],
    [
      'probabilities as targets of accuracy',
      { loss: 'crossEntropy', figures: ['accuracy'] },
      [logits, logits],
      'ERR_OPTION',
    ],
    [
      'weights where rows are counted',
      { loss: 'crossEntropy', figures: ['confusion'] },
      [logits, labels, { sampleWeight: Float32Array.of(1, 2) }],
      'ERR_OPTION',
    ],
    [
      'other classes where they are counted',
      { loss: 'crossEntropy', figures: ['perClass'] },
      [{ data: new Float32Array(4), shape: [2, 2] }, Int32Array.of(0, 1)],
      'ERR_SHAPE',
    ],
    [
      'more groups than there is room for',
      { loss: 'crossEntropy', maxCells: 10 },
      [logits, labels, { group: ['a', 'b'] }],
      'ERR_OPTION',
    ],
  ];

  it.each(cases)('%s', (_, options, args, error) => {
    const inUse = F.memory.bytesInUse;
    const e = evaluate(F, options);
    if (options.loss === 'crossEntropy') e.add(logits, labels, { group: 1 });
    const before = JSON.stringify(e.state());
    expect(() => e.add(...(args as Parameters<typeof e.add>))).toThrow(code(error));
    expect(JSON.stringify(e.state())).toBe(before);
    expect(F.memory.bytesInUse).toBe(inUse);
  });

  it('targets that are no labels, but where they do not count', () => {
    const e = evaluate(F, { loss: 'bce', figures: ['accuracy'] });
    const [p, t] = [Float32Array.of(0.25, 0.75), Float32Array.of(0.5, 1)];
    expect(() => e.add(p, t)).toThrow(code('ERR_OPTION'));
    expect(e.add(p, t, { mask: [0, 1] }).result()).toMatchObject({ count: 1, accuracy: 1 });
  });

  it('what is masked is not read', () => {
    const e = evaluate(F, { loss: 'crossEntropy', figures: ['accuracy', 'perplexity'] });
    const bad = { data: Float32Array.of(NaN, 2, 3, 3, 2, 1), shape: [2, 3] };
    e.add(bad, Int32Array.of(77, 0), { mask: [false, true] });
    expect(e.result()).toEqual(
      evaluate(F, { loss: 'crossEntropy', figures: ['accuracy', 'perplexity'] })
        .add({ data: Float32Array.of(3, 2, 1), shape: [1, 3] }, Int32Array.of(0))
        .result(),
    );
  });

  it('an instance without what figures take says how to get it', async () => {
    const G = await loadParts({ losses: [part] });
    expect(evaluate(G, { loss: 'crossEntropy' }).add(logits, labels).result().count).toBe(2);
    const e = evaluate(G, { loss: 'crossEntropy', figures: ['accuracy'] });
    expect(() => e.add(logits, labels)).toThrow(/rowFigures/);
  });

  it('weights may be a tensor in memory that grows for the terms', async () => {
    const small = await load();
    const n = 100_000;
    const weight = small.tensor(Float64Array.from({ length: n }, (_, i) => i % 3));
    const [x, t] = [3, 1].map((number) => small.tensor(new Float64Array(n).fill(number)));
    // all but what there is no room for in
    const { memory } = small;
    const left = memory.buffer === undefined ? 0 : memory.capacity - memory.bytesInUse;
    small.zeros([Math.max(0, left - 8192)], 'u8');
    const { sum, count } = evaluate(small, { loss: 'mse' }).add(x, t, { sampleWeight: weight }).result();
    expect([sum, count]).toEqual([4 * 99_999, 66_666]);
    small.dispose();
  });

  it('tensors are read where they are, and nothing of theirs is left', () => {
    const e = evaluate(F, { loss: 'crossEntropy', figures: ['accuracy'] });
    F.scope(() => {
      const x = F.tensor(logits);
      const before = F.memory.bytesInUse;
      for (let i = 0; i < 10; i++) e.add(x, F.tensor(labels));
      expect(F.memory.bytesInUse - before).toBeLessThan(2000);
    });
    expect(e.result()).toMatchObject({ count: 20, accuracy: 1 });
  });
});

describe('nothing was added', () => {
  it('is NaN, and a state that can be merged', () => {
    const e = evaluate(F, { loss: 'mse', figures: ['rmse', 'r2'] });
    expect(e.result()).toEqual({ loss: NaN, sum: 0, count: 0, weight: 0, rmse: NaN, r2: NaN });
    const other = evaluate(F, { loss: 'mse', figures: ['r2', 'rmse'] }).add([1, 2], [1, 3]);
    const before = JSON.stringify(other.state());
    expect(JSON.stringify(other.merge(e.state()).state())).toBe(before);
    expect(JSON.stringify(e.merge(other.state()).state())).toBe(before);
  });
});

describe('states', () => {
  const start = () =>
    evaluate(F, { loss: 'crossEntropy', figures: ['perClass'], topK: [1], labelSmoothing: 0.1 });
  const state = start().add(logits, labels, { group: 'a' }).state();

  it('of another kind are refused', () => {
    for (const other of [
      evaluate(F, { loss: 'nll' }),
      evaluate(F, { loss: 'crossEntropy' }),
      evaluate(F, { loss: 'crossEntropy', figures: ['perClass'], topK: [2], labelSmoothing: 0.1 }),
      evaluate(loaded.js, { loss: 'crossEntropy', figures: ['perClass'], topK: [1], labelSmoothing: 0.1 }),
    ])
      expect(() => other.merge(state)).toThrow(code('ERR_OPTION'));
  });

  it('have their options, infinite ones and arrays, too', () => {
    const e = evaluate(F, { loss: 'tripletMargin', p: Number.POSITIVE_INFINITY, swap: true });
    const x = { data: Float32Array.of(1, 2), shape: [1, 2] };
    const sent = JSON.parse(JSON.stringify(e.add(x, x, x).state()));
    expect(evaluate.from(F, sent).add(x, x, x).result().count).toBe(2);
    const weighted = evaluate(F, { loss: 'crossEntropy', weight: Float32Array.of(1, 2, 3) });
    const again = evaluate.from(F, JSON.parse(JSON.stringify(weighted.add(logits, labels).state())));
    expect(again.add(logits, labels).result().weight).toBe(8);
  });

  it('that were damaged in any place are refused, or still say something', () => {
    const text = JSON.stringify(state);
    const r = random(2);
    let refused = 0;
    for (let k = 0; k < 3000; k++) {
      const at = Math.floor(r() * text.length);
      const letter = '0x-"{}[]:,1ap+ é'[Math.floor(r() * 16)];
      let damaged: unknown;
      try {
        damaged = JSON.parse(text.slice(0, at) + letter + text.slice(at + 1 + Math.floor(r() * 2)));
      } catch {
        continue;
      }
      const e = start();
      const before = JSON.stringify(e.state());
      try {
        e.merge(damaged as State);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_OPTION' });
        expect(JSON.stringify(e.state())).toBe(before);
        refused++;
        continue;
      }
      expect(Number.isFinite(e.result().count)).toBe(true);
    }
    expect(refused).toBeGreaterThan(100);
  });

  it.each([
    null,
    1,
    'state',
    [],
    {},
    { ...state, groups: {} },
    { ...state, groups: [null] },
    { ...state, classes: -1 },
  ])('nonsense: %j', (nonsense) => {
    expect(() => start().merge(nonsense as never)).toThrow(code('ERR_OPTION'));
    if (nonsense !== null && typeof nonsense !== 'object')
      expect(() => evaluate.from(F, nonsense as never)).toThrow(code('ERR_OPTION'));
  });
});
