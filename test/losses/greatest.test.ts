// argmax and topK against sorting, over every axis, with ties, NaN and infinities.
import { describe, expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { load as loadParts } from '../../src/parts/load.ts';
import { code } from '../faults/caught.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { integer, random } from '../random.ts';

type Any = any;

/** The classes of a row in order. */
function sorted(row: readonly number[]): number[] {
  const rank = (x: number) => (Number.isNaN(x) ? Infinity : x === Infinity ? Number.MAX_VALUE : x);
  return row
    .map((_, c) => c)
    .sort((a, b) => (rank(row[a]) === rank(row[b]) ? a - b : rank(row[a]) > rank(row[b]) ? -1 : 1));
}

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;

  it('every axis, every k, arrays and tensors', () => {
    const r = random(21);
    for (let run = 0; run < 400; run++) {
      const rank = 1 + integer(r, 3);
      const shape = Array.from({ length: rank }, () => 1 + integer(r, rank === 1 ? 200 : 12));
      const axis = integer(r, rank);
      const [outer, inner] = [shape.slice(0, axis), shape.slice(axis + 1)].map((s) =>
        s.reduce((a, b) => a * b, 1),
      );
      const classes = shape[axis];
      const values = r() < 0.5 ? [0, -0, 1, 1, 2, -3, Infinity, -Infinity, NaN] : undefined;
      const data = (arrayOf[dtype] as Float32ArrayConstructor).from(
        { length: outer * classes * inner } as ArrayLike<number>,
        () => (values ? values[integer(r, values.length)] : r() - 0.5),
      );
      const k = 1 + integer(r, classes);
      F.scope(() => {
        const x = r() < 0.5 ? F.tensor(data, shape) : { data, shape };
        const options = { axis: r() < 0.5 ? axis : axis - rank };
        const first = F.argmax(x, options);
        const best = F.topK(x, k, options);
        expect([...first.shape]).toEqual(shape.filter((_, i) => i !== axis));
        expect([...best.indices.shape]).toEqual(shape.map((s, i) => (i === axis ? k : s)));
        expect(best.values.shape).toEqual(best.indices.shape);
        for (let i = 0; i < outer; i++)
          for (let j = 0; j < inner; j++) {
            const at = (c: number, size: number) => (i * size + c) * inner + j;
            const row = Array.from({ length: classes }, (_, c) => data[at(c, classes)]);
            const want = sorted(row).slice(0, k);
            expect(first.data[i * inner + j]).toBe(want[0]);
            expect(want.map((_, m) => best.indices.data[at(m, k)])).toEqual(want);
            expect(want.map((_, m) => best.values.data[at(m, k)])).toEqual(want.map((c) => row[c]));
          }
      });
    }
  });

  it('the classes are labels, where the input lives', () => {
    F.scope(() => {
      const x = F.tensor(arrayOf[dtype].of(1, 3, 2, 9, 8, 7), [2, 3]);
      const labels = F.argmax(x);
      expect(labels.dtype).toBe('i32');
      expect(F.nll(x, labels, { reduction: 'sum' })).toBe(-12);
      expect(F.argmax(x.data.slice()).shape).toEqual([]);
    });
  });

  it('refuses what there is not', () => {
    const x = { data: arrayOf[dtype].of(1, 2), shape: [1, 2] };
    for (const k of [0, 3, 1.5, NaN, '1', undefined, 1n])
      expect(
        code(() => F.topK(x, k)),
        String(k),
      ).toBe('ERR_OPTION');
    expect(code(() => F.argmax({ data: new arrayOf[dtype](0), shape: [2, 0] }))).toBe('ERR_SHAPE');
    expect(code(() => F.argmax(Int32Array.of(1)))).toBe('ERR_DTYPE');
    expect(code(() => F.argmax(x, { axis: 2 }))).toBe('ERR_OPTION');
    expect(F.argmax({ data: new arrayOf[dtype](0), shape: [0, 2] }).shape).toEqual([0]);
  });
});

it('a result that fits nowhere leaves nothing', () => {
  const F = loadSync({ memory: { maximum: 3 } }) as Any;
  const x = F.zeros([20_000]);
  expect(code(() => F.topK(x, 20_000))).toBe('ERR_MEMORY');
  expect(F.memory.liveTensors).toBe(1);
});

it('numbers of 16 bits, and parts', async () => {
  const { argmax } = await import('../../src/parts/generated/argmax.ts');
  const { topK } = await import('../../src/parts/generated/topK.ts');
  const { half } = await import('../../src/parts/generated/half.ts');
  const bits = { data: Uint16Array.of(0xbc00, 0x3c00, 0x4000), shape: [3], dtype: 'f16' };
  for (const F of [loaded.wasm, loaded.js, await loadParts({ losses: [argmax, topK, half] })] as Any[]) {
    expect([...F.argmax(bits).data]).toEqual([2]);
    const { values, indices } = F.topK(bits, 2);
    expect([...values.data, ...indices.data]).toEqual([2, 1, 2, 1]);
    expect(values.data).toBeInstanceOf(Float32Array);
    expect(F.argmax(Float64Array.of(3, 4)).data[0]).toBe(1);
  }
});
