// load() of parts: what an instance has, and what it refuses.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folder } from '../../scripts/cut.ts';
import { loadSync as loadWhole } from '../../src/index.ts';
import * as edge from '../../src/parts/edge.ts';
import * as barrel from '../../src/parts/generated/index.ts';
import { load, loadSync } from '../../src/parts/load.ts';
import { both, f32, names, ofAll } from './every.ts';

type Any = any;
const whole = loadWhole() as Any;
const shared = Object.keys(whole).filter((name) => !([...names, ...ofAll] as string[]).includes(name));
/** A part as an edge runtime has it: compiled. */
const compiled = (name: 'mse' | 'softmax') => ({
  ...f32[name],
  f32: new WebAssembly.Module(readFileSync(new URL(`${name}.f32.wasm`, folder))),
});

describe('an instance of parts', () => {
  it('has what was given, and what every instance has', async () => {
    for (const F of [
      await load({ losses: [f32.mse, f32.softmax] }),
      loadSync({ losses: [f32.softmax, f32.mse] }),
    ]) {
      expect(Object.keys(F).sort()).toEqual([...shared, 'mse', 'softmax'].sort());
      expect([F.backend, F.math, F.threads]).toEqual(['wasm', 'deterministic', 1]);
      expect(Object.isFrozen(F)).toBe(true);
    }
  });

  it('has the same functions, with the same metadata, as the whole', () => {
    const F = loadSync({ losses: names.map((name) => f32[name]) }) as Any;
    for (const name of names) {
      const [part, all] = [F[name], whole[name]];
      expect(Object.keys(part)).toEqual(Object.keys(all));
      for (const [key, value] of Object.entries(all)) {
        if (typeof value !== 'function') expect(part[key]).toEqual(value);
      }
      expect([part.name, Object.isFrozen(part)]).toEqual([all.name, true]);
    }
  });

  it('a dtype whose part was not given: an error with the way to it, for every loss and helper', () => {
    const F = loadSync({ losses: names.map((name) => f32[name]) }) as Any;
    const G = loadSync({ losses: names.map((name) => both[name]) }) as Any;
    // a plain list computes in f64, as a Float64Array does
    for (const data of [Float64Array.of(0.25, 0.75, 0.5, 0.5), [0.25, 0.75, 0.5, 0.5]])
      for (const name of names) {
        const x = { data, shape: [2, 2] };
        const isLoss = whole[name].inputs !== undefined;
        const inputs = name === 'rowFigures' ? ['input', 'target'] : (whole[name].inputs ?? []);
        const more = inputs.slice(1).map((input: string) => {
          if (name === 'ntxent') return Int32Array.of(0, 1);
          if (name === 'ctc') return input === 'target' ? Int32Array.of(1) : 1;
          if (input === 'target' && name === 'multilabelMargin')
            return { data: Int32Array.of(0, -1, 1, -1), shape: [2, 2] };
          const isOfRows =
            input === 'target' && ['nll', 'multiMargin', 'cosineEmbedding', 'rowFigures'].includes(name);
          if (!isOfRows) return x;
          return name === 'cosineEmbedding' ? data.slice(0, 2) : Int32Array.of(0, 1);
        });
        const ways = isLoss
          ? ['grad', 'valueAndGrad', 'gradAndHess'].filter((way) => way in whole[name])
          : [];
        if (name === 'dice') more.push({ fromLogits: false });
        const calls: ((from: Any) => unknown)[] = [
          (from) => from[name](x, ...more),
          ...ways.map((way) => (from: Any) => from[name][way](x, ...more)),
          ...(isLoss ? [(from: Any) => from[name].prepare(x, ...more)()] : []),
          ...(!isLoss && whole[name].grad && name !== 'logSumExp'
            ? [(from: Any) => from[name].grad(x, x)]
            : []),
        ];
        for (const call of calls) {
          expect(() => call(F), name).toThrow(
            expect.objectContaining({
              code: 'ERR_UNSUPPORTED',
              message: expect.stringMatching(`^F\\.${name}(\\.grad)? in f64 .*'simdloss/losses/${name}/f64'`),
            }),
          );
          expect(call(G), name).toEqual(call(whole));
        }
      }
  });

  it('what is apart: an error with the way to it, and there with it', () => {
    const x = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
    const x64 = { ...x, data: Float64Array.from(x.data) };
    const labels = Int32Array.of(0, 1);
    const missing = (entry: string) =>
      expect.objectContaining({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringContaining(`('simdloss/losses/${entry}')`),
      });
    const F = loadSync({ losses: [barrel.crossEntropy] }) as Any;
    const G = loadSync({ losses: [f32.crossEntropy] }) as Any;
    const H = loadSync({ losses: [both.crossEntropy] }) as Any;
    for (const options of [
      { temperature: 2 },
      { softcap: 2 },
      { zLoss: 1 },
      { mask: { ...x, data: [1, 1, 0, 1] } },
    ]) {
      expect(() => F.crossEntropy(x, labels, options)).toThrow(missing('crossEntropy/shaped'));
      expect(() => F.crossEntropy(x64, labels, options)).toThrow(missing('crossEntropy/shaped/f64'));
      expect(() => G.crossEntropy(x64, labels, options)).toThrow(missing('crossEntropy/shaped/f64'));
      expect(G.crossEntropy(x, labels, options)).toBe(whole.crossEntropy(x, labels, options));
      expect(H.crossEntropy(x64, labels, options)).toBe(whole.crossEntropy(x64, labels, options));
    }
    expect(F.crossEntropy(x, labels)).toBe(whole.crossEntropy(x, labels));
  });

  it('the ABI of every module is checked', async () => {
    const other = new Uint8Array(readFileSync(new URL('softmax.f32.wasm', folder)));
    // the constant of the exported global: another number for whatever it is
    const { abi } = new WebAssembly.Instance(new WebAssembly.Module(other), {
      env: { memory: new WebAssembly.Memory({ initial: 1 }) },
    }).exports as Any;
    const leb = (n: number) => [0x41, ...[0, 7, 14].map((s) => ((n >> s) & 127) | 128), n >> 21, 0x0b];
    const at = Buffer.from(other).indexOf(Buffer.from(leb(abi.value)));
    expect(at).toBeGreaterThan(0);
    other.set(leb(abi.value ^ 1), at);
    const foreign = { ...f32.softmax, f32: new WebAssembly.Module(other) };
    const refused = expect.objectContaining({
      code: 'ERR_OPTION',
      message: expect.stringContaining(`with ABI ${abi.value ^ 1} instead of ${abi.value}`),
    });
    for (const losses of [
      [foreign, f32.mse],
      [f32.mse, foreign],
    ]) {
      expect(() => loadSync({ losses })).toThrow(refused);
      await expect(load({ losses })).rejects.toThrow(refused);
    }
  });

  it('takes a loss twice, and none', () => {
    const F = loadSync({ losses: [f32.mse, both.mse, f32.mse] });
    expect(F.mse([1, 2], [1, 4])).toBe(2);
    const G = loadSync({ losses: [] });
    expect(Object.keys(G).sort()).toEqual([...shared].sort());
    expect(G.tensor(Float32Array.of(1, 2)).data).toEqual(Float32Array.of(1, 2));
  });

  it('has the js backend on demand, for what was given', async () => {
    const F = await load({ losses: [f32.mse, f32.softmax], backend: 'js' });
    expect(Object.keys(F).sort()).toEqual([...shared, 'mse', 'softmax'].sort());
    expect([F.backend, F.mse([1, 2], [1, 4])]).toEqual(['js', 2]);
    expect(() => loadSync({ losses: [f32.mse], backend: 'js' })).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    );
  });
});

describe('with threads', () => {
  const N = 512;
  const C = 400;
  const logits = Float32Array.from({ length: N * C }, (_, i) => Math.sin(i * 1.7) * 5);
  const labels = Int32Array.from({ length: N }, (_, i) => (i * 37) % C);
  const input = { data: logits, shape: [N, C] };

  it('the workers have every part from the start: the bits of the whole', async () => {
    const losses = [both.crossEntropy, both.mse, f32.softmax, both.bceWithLogits];
    const F = await load({ losses, threads: 2 });
    expect(F.threads).toBe(2);
    expect(F.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    const [a, b] = [
      F.crossEntropy.valueAndGrad(input, labels),
      whole.crossEntropy.valueAndGrad(input, labels),
    ];
    expect([a.value, a.grad.data]).toEqual([b.value, b.grad.data]);
    const [x, t] = [Float64Array.from(logits), Float64Array.from(logits, (v) => (v > 0 ? 1 : 0))];
    expect(F.mse(x, t)).toBe(whole.mse(x, t));
    expect(F.bceWithLogits(x, t)).toBe(whole.bceWithLogits(x, t));
    expect(F.softmax(input).data).toEqual(whole.softmax(input).data);
    F.dispose();
  });

  it('loadSync has none: they come on demand', () => {
    expect(() => loadSync({ losses: [f32.mse], threads: 2 })).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    );
  });
});

describe('what is refused', () => {
  const refusal = (options: Any): Any => {
    try {
      loadSync(options);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it.each([
    { options: undefined, code: 'ERR_TYPE', says: '"losses" expected an array of what' },
    { options: null, code: 'ERR_TYPE', says: '"options" expected an object, got null' },
    { options: {}, code: 'ERR_TYPE', says: "what 'simdloss/losses' exports, got undefined" },
    { options: { losses: barrel }, code: 'ERR_TYPE', says: 'got an object' },
    { options: { losses: ['mse'] }, code: 'ERR_TYPE', says: 'got one with "mse"' },
    { options: { losses: [f32.mse, null] }, code: 'ERR_TYPE', says: 'got one with null' },
    { options: { losses: [whole.mse] }, code: 'ERR_TYPE', says: 'got one with a function' },
    {
      options: { losses: [f32.mse], module: new Uint8Array(8) },
      code: 'ERR_OPTION',
      says: 'not "module"',
    },
    {
      options: { losses: [f32.mse], loss: [] },
      code: 'ERR_OPTION',
      says: 'known options are losses, backend',
    },
    { options: { losses: [f32.mse], math: 'fast' }, code: 'ERR_OPTION', says: '"math" expected' },
    {
      options: { losses: [f32.mse], math: 'relaxed' },
      code: 'ERR_UNSUPPORTED',
      says: 'npx simdloss cut --math relaxed',
    },
  ])('$code $says', async ({ options, code, says }) => {
    expect(refusal(options)).toMatchObject({ code, message: expect.stringContaining(says) });
    await expect(load(options as Any)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(says),
    });
  });
});

describe('under the conditions of edge runtimes', () => {
  it('modules are compiled already', async () => {
    for (const F of [
      await edge.load({ losses: [compiled('mse'), compiled('softmax')] }),
      edge.loadSync({ losses: [compiled('mse'), compiled('softmax')] }),
    ]) {
      expect(F.mse(Float32Array.of(1, 2), Float32Array.of(1, 4))).toBe(2);
      expect(F.softmax(Float32Array.of(1, 2)).data).toEqual(whole.softmax(Float32Array.of(1, 2)).data);
    }
  });

  it.each([
    { options: { backend: 'js' }, says: "backend 'js' is not in simdloss/losses here, but in simdloss" },
    { options: { threads: 2 }, says: 'workers are not available here' },
  ] as const)('$options: $says', async ({ options, says }) => {
    const losses = [compiled('mse')];
    const refused = { code: 'ERR_UNSUPPORTED', message: expect.stringContaining(says) };
    await expect(edge.load({ losses, ...options })).rejects.toMatchObject(refused);
    expect(() => edge.loadSync({ losses, ...options })).toThrow(expect.objectContaining(refused));
    expect((await edge.load({ losses, threads: 'auto' })).threads).toBe(1);
  });
});
