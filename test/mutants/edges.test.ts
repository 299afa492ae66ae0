// Limits of options and kinds of sources, each on both sides.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { floats, loaded, matrix } from '../instances.ts';

type Any = any;

const code = (run: () => unknown): string => {
  try {
    run();
    return 'nothing thrown';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('loadSync takes bytes and a module, nothing else', () => {
  const file = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
  const bytes = Uint8Array.from(file);
  const load = (module: Any) => loadSync({ module });

  it.each([
    ['ArrayBuffer', bytes.buffer],
    ['Uint8Array', bytes],
    ['Module', new WebAssembly.Module(bytes)],
  ])('%s', (_, module) => {
    expect(load(module).l1(Float32Array.of(1), Float32Array.of(3))).toBe(2);
  });

  it.each([
    ['a URL', new URL('file:///simdloss.wasm')],
    ['a path', 'simdloss.wasm'],
    ['a promise', Promise.resolve(bytes)],
    ['an array', [0, 97, 115, 109]],
    ['null', null],
  ])('%s: ERR_TYPE', (_, module) => {
    expect(code(() => load(module))).toBe('ERR_TYPE');
  });
});

describe('the memory of an instance', () => {
  const PAGE = 65536;
  const loading = (memory: Any) => code(() => loadSync({ memory }));
  const other = new WebAssembly.Memory({ initial: 3 });

  it.each([
    { initial: 0 },
    { initial: 0, maximum: 2 },
    { initial: 2, maximum: 2 },
    { maximum: 2 },
    { initial: 65536 / 1024, maximum: 65536 },
    { memory: other, base: 0, size: 3 * PAGE },
    { memory: other, base: PAGE, size: 2 * PAGE },
  ])('fits: %o', (memory) => {
    expect(loading(memory)).toBe('nothing thrown');
  });

  it.each([
    { maximum: 0 },
    { maximum: 65537 },
    { maximum: 1.5 },
    { initial: -1 },
    { initial: 3, maximum: 2 },
    { initial: 65537 },
    { memory: other, base: -1, size: PAGE },
    { memory: other, base: 3 * PAGE + 1, size: 0 },
    { memory: other, base: 0, size: 3 * PAGE + 1 },
    { memory: other, base: 1, size: 3 * PAGE },
    { memory: other, base: 0, size: -1 },
    { memory: other, base: 0 },
    { memory: other, size: PAGE },
    { memory: other, base: 0, size: PAGE, initial: 1 },
  ])('ERR_OPTION: %o', (memory) => {
    expect(loading(memory)).toBe('ERR_OPTION');
  });

  it.each([
    { memory: other, base: 0, size: 0 },
    { memory: other, base: 3 * PAGE, size: 0 },
  ])('too small, but no wrong option: %o', (memory) => {
    expect(loading(memory)).toBe('ERR_MEMORY');
  });

  it('has two pages at first, or as many as it may have', () => {
    expect(loadSync({ memory: {} }).memory.buffer!.byteLength).toBe(2 * PAGE);
    expect(loadSync().memory.buffer!.byteLength).toBe(2 * PAGE);
    expect(loadSync({ memory: { maximum: 2 } }).memory.buffer!.byteLength).toBe(2 * PAGE);
    expect(['nothing thrown', 'ERR_MEMORY']).toContain(loading({ maximum: 1 }));
  });
});

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const least = dtype === 'f32' ? 2 ** -126 : 2 ** -1022;

  it.each([0, least / 4, least / 2, least * (1 - 2 ** -20), least, 2 * least])(
    'smoothL1 with beta %d',
    (beta) => {
      const { value, grad } = F.smoothL1.valueAndGrad(floats(dtype, [2, 3, -5]), floats(dtype, [2, 1, 1]), {
        beta,
        reduction: 'sum',
      });
      expect(value).toBe(8);
      expect([...grad.data]).toEqual([0, 1, -1]);
    },
  );

  it('smoothL1 with a subnormal beta is L1, with a normal one is not', () => {
    const grad = (beta: number) =>
      F.smoothL1.grad(floats(dtype, [least / 2]), floats(dtype, [0]), { beta }).data[0];
    expect(grad(least * 0.75)).toBe(1);
    expect(grad(least)).toBeLessThan(1);
  });

  it('logSumExp is not written over its input, whatever the sizes', () => {
    const data = floats(dtype, [1, 2, 3, 4]);
    expect(code(() => F.logSumExp({ data, shape: [4, 1] }, { out: { data, shape: [4] } }))).toBe(
      'ERR_OPTION',
    );
  });

  it.each([
    ['reductio', true],
    ['REDUCTION', true],
    ['reductionabc', true],
    ['reductionabcd', false],
    ['abcreduction', true],
    ['abcdreduction', false],
    ['xyzuction', true],
    ['wxyzction', false],
  ])('option "%s" is taken for a misspelt one: %s', (name, isHint) => {
    const call = () => F.mse(floats(dtype, [1]), floats(dtype, [1]), { [name]: 1 });
    expect(call).toThrow(isHint ? 'did you mean "reduction"?' : 'known options are ');
  });

  it('a disposed operand is named', () => {
    const tensor = F.zeros([1], dtype);
    tensor.dispose();
    expect(() => F.mse(tensor, floats(dtype, [1]))).toThrow('"input" was disposed');
    expect(() => F.mse(floats(dtype, [1]), tensor)).toThrow('"target" was disposed');
    expect(() => F.mse(floats(dtype, [1]), floats(dtype, [1]), { weight: tensor })).toThrow(
      '"weight" was disposed',
    );
  });

  it('eps clips outside [eps, 1 − eps], not at its ends', () => {
    const eps = 0.25;
    const p = floats(dtype, [0.25, 0.75, 0.2421875, 0.7578125]);
    const { data } = F.bce.grad(p, floats(dtype, [1, 0, 1, 0]), { eps, reduction: 'sum' });
    expect([...data.map((g: number) => Math.round(g))]).toEqual([-4, 4, 0, 0]);
    const rows = { data: p, shape: [2, 2] };
    const g = F.crossEntropy.grad(rows, Int32Array.of(0, 0), { fromLogits: false, eps, reduction: 'sum' });
    expect(g.data[0]).not.toBe(0);
    expect(g.data[2]).toBe(0);
  });

  it.each(['softmax', 'logSoftmax', 'logSumExp', 'sigmoid'])('%s names what is wrong', (name) => {
    expect(() => F[name]('text')).toThrow('"input"');
    expect(() => F[name].grad('text', floats(dtype, [1]))).toThrow('"output"');
    expect(() => F[name].grad(floats(dtype, [1]), 'text')).toThrow('"gradOutput"');
  });
});
