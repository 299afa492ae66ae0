// Whatever is given, wherever: a result, or an error with a code and a text of a few lines; nothing grows without bounds, nothing
// is lost, and the instance goes on as before.
import { beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/index.ts';
import { loadSync, Tensor } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { drawOf } from '../draws/index.ts';
import { backends } from '../instances.ts';
import { inputsOf } from '../losses/inputs.ts';
import { boundLoss } from '../losses/roles.ts';
import { rows, separateRows } from '../rows/index.ts';
import { code } from './caught.ts';
import { complaint, detached, lists, revoked, slow, values } from './hostileValues.ts';

type Any = any;
const MB = 2 ** 20;

/** Every way to call a loss; a step runs twice. */
const waysOf = (loss: Any): Record<string, (...args: unknown[]) => unknown> => ({
  value: loss,
  grad: loss.grad,
  valueAndGrad: loss.valueAndGrad,
  ...(loss.gradAndHess !== undefined && { gradAndHess: loss.gradAndHess }),
  prepare: (...args) => {
    const run = loss.prepare(...args);
    return [run(), run()];
  },
});

/** Calls of the losses whose inputs are of shapes of their own: these, and what has no default. */
const others = Object.fromEntries(
  Object.values(rows)
    .filter(({ loss }) => drawOf(loss))
    .map((row) => {
      const { input, target, options } = inputsOf(row, row.variants[0], 'f32');
      const { third, fourth, ...rest } = options;
      const inputs = [input, target, third, fourth].filter((of) => of !== undefined);
      return [row.loss, { inputs, options: rest }] as const;
    }),
);

describe.each(backends)('%s', (backend) => {
  const F = loadSync({ backend }) as Any;
  const usual = (): unknown[] => [
    F.mse(Float32Array.of(1, 2), [0, 0]),
    F.crossEntropy.grad({ data: Float64Array.of(1, 2), shape: [1, 2] }, [1], { labelSmoothing: 0.5 }).data[0],
    F.softmax(Float32Array.of(1, 1)).data[0],
  ];
  const want = usual();
  let wrong: string[] = [];
  beforeEach(() => {
    wrong = [];
  });

  /** Gives every value to `call`, which has the rest of the arguments, and may be another one for each. */
  function giveAll(where: string, call: (value: unknown, i: number) => unknown, from = values): void {
    const books = () => `${F.memory.bytesInUse} bytes, ${F.memory.liveTensors} tensors`;
    const before = books();
    Object.entries(from).forEach(([name, make], i) => {
      const value = make();
      const note = (text: string) => wrong.push(`${where}, ${name}: ${text}`);
      try {
        // what a call makes ends with the scope
        F.scope(() => void call(value, i));
      } catch (error) {
        const text = complaint(error);
        if (text !== undefined) note(text);
      }
      if (books() !== before) note(`${books()} instead of ${before}`);
      if ((F.memory.buffer?.byteLength ?? 0) > 24 * MB) note(`grew to ${F.memory.capacity}`);
    });
    if (String(usual()) !== String(want)) wrong.push(`${where}: other results afterwards`);
  }

  describe.each(separateRows)('$loss', (row) => {
    const { input, target, options } = inputsOf(row, row.variants[0], 'f32');
    const loss = boundLoss(F, row.loss, options.third);
    const hasHessian = loss.gradAndHess !== undefined;
    const ways = waysOf(loss);
    const { prepare: step } = ways;

    it.each(Object.entries(ways))('inputs and options of .%s', (way, call) => {
      giveAll(`${way} input`, (x) => call(x, target));
      giveAll(`${way} target`, (x) => call(input, x));
      giveAll(`${way} both`, (x) => call(x, x, { reduction: 'none' }));
      giveAll(`${way} options`, (x) => call(input, target, x));
      expect(wrong).toEqual([]);
    });

    const second = hasHessian ? ['hessian', 'hessianScale', 'minHessian'] : [];
    it.each(['compute', ...second, ...loss.options])('option %s', (name) => {
      const calls =
        name === 'compute' ? [step] : second.includes(name) ? [loss.gradAndHess, step] : Object.values(ways);
      for (const reduction of ['mean', 'none']) {
        giveAll(reduction, (x, i) => calls[i % calls.length](input, target, { reduction, [name]: x }));
      }
      expect(wrong).toEqual([]);
    });

    it('members of out, and of wrt', () => {
      for (const reduction of ['mean', 'none']) {
        giveAll('out.grad', (x) => loss.valueAndGrad(input, target, { reduction, out: { grad: x } }));
        if (hasHessian) {
          giveAll('out.hess', (x) => loss.gradAndHess(input, target, { reduction, out: { hess: x } }));
          const both = { reduction, compute: 'gradAndHess' };
          giveAll('out of both', (x) => step(input, target, { ...both, out: { grad: x, hess: x } }));
        }
        giveAll('out.value', (x) => step(input, target, { reduction, out: { value: x } }));
        const named = { reduction, wrt: ['input'] };
        giveAll('out.input', (x) => loss.grad(input, target, { ...named, out: { input: x } }));
        giveAll('out.grad.input', (x) => step(input, target, { ...named, out: { grad: { input: x } } }));
        giveAll('out, named', (x) => loss.grad(input, target, { ...named, out: x }));
      }
      giveAll('wrt', (x) => loss.grad(input, target, { wrt: [x] }));
      giveAll('wrt', (x) => loss.grad(input, target, { wrt: ['input', x] }));
      expect(wrong).toEqual([]);
    });
  });

  it('every loss is given something', () => {
    expect([...separateRows.map(({ loss }) => loss), ...Object.keys(others)].sort()).toEqual(
      Object.keys(registry).sort(),
    );
  });

  describe.each(Object.entries(others))('%s', (name, { inputs, options }) => {
    const loss = F[name];
    const ways = waysOf(loss);

    it.each(Object.entries(ways))('inputs and options of .%s', (way, call) => {
      call(...inputs, options);
      inputs.forEach((_, at) => {
        giveAll(`${way} input ${at}`, (x) => call(...inputs.map((it, i) => (i === at ? x : it)), options));
      });
      // dice has sums for each class, 1e6 of them
      const { 'a long list': _, ...short } = values;
      giveAll(`${way} all`, (x) => call(...inputs.map(() => x), options), name === 'dice' ? short : values);
      giveAll(`${way} options`, (x) => call(...inputs, x));
      expect(wrong).toEqual([]);
    });

    it.each(['compute', 'out', 'wrt', ...loss.options])('option %s', (option) => {
      for (const reduction of ['mean', 'none'])
        giveAll(reduction, (x, i) => {
          const calls = option === 'compute' ? [ways.prepare] : Object.values(ways);
          return calls[i % calls.length](...inputs, { ...options, reduction, [option]: x });
        });
      expect(wrong).toEqual([]);
    });
  });

  it('helpers', () => {
    const x = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
    const helpers = Object.entries(F).filter(
      ([name, f]) =>
        typeof f === 'function' && !(name in registry) && !/^(tensor|zeros|attach|scope|dispose)$/.test(name),
    ) as [string, Any][];
    expect(helpers.length).toBe(13);
    for (const [name, helper] of helpers) {
      giveAll(name, (v) => helper(v));
      giveAll(`${name} options`, (v) => helper(x, v));
      for (const option of ['out', 'axis']) giveAll(`${name} ${option}`, (v) => helper(x, { [option]: v }));
      if (name === 'rowFigures') {
        giveAll('rowFigures target', (v) => helper(x, v, { axis: 1 }));
        giveAll('rowFigures options', (v) => helper(x, [0, 1], v));
        for (const option of ['axis', 'ignoreIndex'])
          giveAll(`rowFigures ${option}`, (v) => helper(x, [0, 1], { [option]: v }));
      }
      if (name === 'topK') {
        giveAll('topK input', (v) => helper(v, 1));
        giveAll('topK options', (v) => helper(x, 1, v));
        giveAll('topK axis', (v) => helper(x, 1, { axis: v }));
      }
      if (helper.grad === undefined) continue;
      giveAll(`${name}.grad`, (v) => helper.grad(v, x));
      giveAll(`${name}.grad gradOutput`, (v) => helper.grad(x, v));
      giveAll(`${name}.grad options`, (v) => helper.grad(x, x, v));
      giveAll(`${name}.grad out`, (v) => helper.grad(x, x, { out: v }));
    }
    expect(wrong).toEqual([]);
  });

  it('evaluations', () => {
    const x = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
    const start = () => evaluate(F, { loss: 'crossEntropy', figures: ['accuracy', 'perClass'] }) as Any;
    const state = start().add(x, [0, 1], { group: 'a' }).state();
    const [group] = state.groups;
    giveAll('instance', (v) => evaluate(v as Any, { loss: 'mse' }));
    giveAll('options', (v) => evaluate(F, v as Any));
    for (const option of ['loss', 'figures', 'topK', 'bins', 'shift', 'maxCells', 'weight', 'axis'])
      giveAll(option, (v) =>
        (evaluate(F, { loss: 'crossEntropy', [option]: v } as Any) as Any).add(x, [0, 1]).result(),
      );
    giveAll('input', (v) => start().add(v, [0, 1]).state());
    giveAll('target', (v) => start().add(x, v).state());
    giveAll('shifted target', (v) => (evaluate(F, { loss: 'nll', shift: 1 }) as Any).add(x, v).state());
    giveAll('add options', (v) => start().add(x, [0, 1], v).state());
    for (const option of ['sampleWeight', 'mask', 'group'])
      giveAll(option, (v) =>
        start()
          .add(x, [0, 1], { [option]: v })
          .result(),
      );
    giveAll('key', (v) =>
      start()
        .add(x, [0, 1], { group: ['a', v] })
        .state(),
    );
    giveAll('state', (v) => start().merge(v).result());
    giveAll('from', (v) => evaluate.from(F, v as Any));
    for (const part of Object.keys(state)) {
      giveAll(`state.${part}`, (v) =>
        start()
          .merge({ ...state, [part]: v })
          .result(),
      );
      giveAll(`from ${part}`, (v) => evaluate.from(F, { ...state, [part]: v }).result());
    }
    giveAll('group', (v) =>
      start()
        .merge({ ...state, groups: [v] })
        .result(),
    );
    for (const part of Object.keys(group)) {
      giveAll(`group ${part}`, (v) =>
        start()
          .merge({ ...state, groups: [{ ...group, [part]: v }] })
          .result(),
      );
      for (const name of Object.keys(group[part])) {
        const damaged = (v: unknown) => ({ ...group, [part]: { ...group[part], [name]: v } });
        giveAll(`group ${part} ${name}`, (v) =>
          start()
            .merge({ ...state, groups: [damaged(v)] })
            .state(),
        );
        giveAll(`group ${part} ${name}`, (v) =>
          start()
            .merge({ ...state, groups: [damaged([v])] })
            .state(),
        );
      }
    }
    expect(wrong).toEqual([]);
  });

  it('tensor, attach', () => {
    giveAll('tensor', (v) => F.tensor(v));
    giveAll('tensor shape', (v) => F.tensor(Float32Array.of(1, 2), v));
    giveAll('tensor shape of numbers', (v) => F.tensor([1, 2], v));
    giveAll('tensor dtype of data', (v) => F.tensor(Float32Array.of(1, 2), undefined, v));
    giveAll('zeros', (v) => F.zeros(v));
    giveAll('zeros size', (v) => F.zeros([v, 1]));
    giveAll('zeros dtype', (v) => F.zeros([2], v));
    giveAll('attach', (v) => F.attach(v, [2]));
    giveAll('attach shape', (v) => F.attach(F.memory.capacity - 64, v));
    giveAll('attach dtype', (v) => F.attach(F.memory.capacity - 64, [2], v));
    expect(wrong).toEqual([]);
  });

  it('scope: functions and results', () => {
    giveAll('scope', (v) => F.scope(v));
    giveAll('scope result', (v) => F.scope(() => [F.zeros([2]), v][1]));
    giveAll('scope results', (v) =>
      F.scope(() => ({ v: [v], map: new Map([[v, v]]), set: new Set([v]), t: F.zeros([2]) })),
    );
    expect(wrong).toEqual([]);
  });

  it('what takes longer', () => {
    const x = Float32Array.of(1, 2);
    giveAll('input', (v) => F.mse(v, x), slow);
    giveAll('target', (v) => F.crossEntropy.prepare({ data: x, shape: [1, 2] }, v), slow);
    giveAll('options', (v) => F.mse.grad(x, x, v), slow);
    giveAll('weight', (v) => F.bce(x, x, { weight: v }), slow);
    giveAll('wrt', (v) => F.bce.grad(x, x, { wrt: v }), slow);
    giveAll('out', (v) => F.bce.grad(x, x, { out: v }), slow);
    giveAll('tensor', (v) => F.tensor(v), slow);
    giveAll('scope', (v) => F.scope(() => [v, F.zeros([1])]), slow);
    expect(wrong).toEqual([]);
    expect(process.memoryUsage().rss).toBeLessThan(2 ** 30);
  });

  it('steps whose lists are revoked between two runs', () => {
    for (const shape of [undefined, [2]]) {
      const { proxy, revoke } = Proxy.revocable([1, 2], {});
      const step = F.mse.prepare(shape === undefined ? proxy : { data: proxy, shape }, [0, 0]);
      expect(step()).toBe(2.5);
      revoke();
      expect(code(step)).toBe('ERR_TYPE');
      step.dispose();
    }
  });

  it('the texts: what was given is shown, as far as that is short', () => {
    const text = (f: () => unknown): string => {
      try {
        f();
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    const x = Float32Array.of(1, 2);
    const axis = (v: unknown) => text(() => F.softmax(x, { axis: v }));
    expect(axis(12n)).toMatch(/got 12n$/);
    expect(axis(-(2n ** 63n))).toMatch(/got -9223372036854775808n$/);
    expect(axis(2n ** 63n)).toMatch(/got a large bigint$/);
    expect(axis(revoked({}))).toMatch(/got a revoked proxy$/);
    expect(axis(revoked(() => 1))).toMatch(/got a revoked proxy$/);
    expect(axis('y'.repeat(99))).toMatch(/got "y{40}"$/);
    expect(text(() => F.mse(x, { data: x, shape: Array(65).fill(1) }))).toBe(
      '"target.shape" expected at most 64 axes, got 65',
    );
    const long = Array.from({ length: 64 }, (_, i) => (i === 0 ? 0 : 2 ** 40));
    const empty = { data: new Float32Array(0), shape: long };
    expect(text(() => F.mse(x, empty))).toMatch(
      /^"target" expected shape \[2\] as "input" has, got \[0, 1099511627776, .*…$/,
    );
    expect(text(() => F.crossEntropy({ data: x, shape: [1, 2] }, empty)).length).toBeLessThanOrEqual(200);
    expect(text(() => F.mse(x, x, { [`reduction${'n'.repeat(1e6)}`]: 1 }))).toMatch(/known options are/);
    expect(text(() => F.mse(x, x, { redaction: 1 }))).toMatch(/did you mean "reduction"/);
  });

  it('every list as the names of wrt: two at most', () => {
    giveAll('wrt', (v) => F.mse.grad([1, 2], [0, 0], { wrt: v }), lists);
    expect(wrong).toEqual([]);
    const named = (wrt: string[]) => Object.keys(F.mse.grad([1], [0], { wrt }));
    expect([named(['target', 'input']), named(['target']), named(['input', 'input'])]).toEqual([
      ['input', 'target'],
      ['target'],
      ['input'],
    ]);
  });
});

it('a tensor of the js backend whose buffer was transferred', () => {
  const [F, G] = [loadSync({ backend: 'js' }) as Any, loadSync() as Any];
  for (const shape of [[3], [0]]) {
    const make = () => {
      const tensor = F.zeros(shape);
      detached(tensor.data);
      return tensor;
    };
    const other = F.zeros(shape);
    const step = F.mse.prepare(other, other);
    const foreign = G.mse.prepare(other, other);
    const tensor = make();
    expect(code(() => tensor.data)).toBe('ERR_SHAPE');
    for (const L of [F, G]) {
      expect(code(() => L.mse(tensor, other))).toBe('ERR_SHAPE');
      expect(code(() => L.mse(other, other, { sampleWeight: tensor }))).toBe('ERR_SHAPE');
      expect(code(() => L.mse.grad(other, other, { out: tensor }))).toBe('ERR_SHAPE');
      expect(code(() => L.softmax(tensor))).toBe('ERR_SHAPE');
      expect(code(() => L.tensor(tensor))).toBe('ERR_SHAPE');
    }
    expect(F.scope(() => tensor)).toBe(tensor);
    detached(other.data);
    if (shape[0] > 0) expect([code(step), code(foreign)]).toEqual(['ERR_SHAPE', 'ERR_SHAPE']);
    tensor.dispose();
    expect(code(() => tensor.data)).toBe('ERR_DISPOSED');
  }
  expect(Tensor.is(F.zeros([1]))).toBe(true);
});
