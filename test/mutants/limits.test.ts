// Ends of ranges: the axis option, a shape without axes, strides that say what is so anyway, scopes within scopes.
import { describe, expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { backends, floats, loaded, matrix } from '../instances.ts';

type Any = any;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;

  it.each(['nll', 'crossEntropy', 'multiMargin'])(
    '%s: the axis may be from −32 to 31, as far as the shape has it',
    (name) => {
      const rank = 32;
      const row = { data: floats(dtype, [-1, -2]), shape: [2, ...Array(rank - 1).fill(1)] };
      const last = { data: floats(dtype, [-1, -2]), shape: [...Array(rank - 1).fill(1), 2] };
      const label = { data: Int32Array.of(1), shape: Array(rank - 1).fill(1) };
      expect(F[name](row, label, { axis: -32 })).toBe(F[name](row, label, { axis: 0 }));
      expect(F[name](last, label, { axis: 31 })).toBe(F[name](last, label, { axis: -1 }));
      for (const axis of [-33, 32]) {
        expect(() => F[name](row, label, { axis })).toThrow('"axis" expected an integer from -32 to 31');
      }
    },
  );

  it('batchmean of a shape without axes divides by 1', () => {
    const [x, t] = [-1, 0.5].map((value) => ({ data: floats(dtype, [value]), shape: [] }));
    const sum = F.klDiv(x, t, { reduction: 'sum' });
    expect(sum).toBeGreaterThan(0);
    expect(F.klDiv(x, t, { reduction: 'batchmean' })).toBe(sum);
    expect(F.klDiv.grad(x, t, { reduction: 'batchmean' }).data[0]).toBe(-0.5);
  });

  it.each([
    [[6], [1]],
    [
      [2, 3],
      [3, 1],
    ],
    [
      [3, 1, 2],
      [2, 77, 1],
    ],
    [[], []],
  ])('shape %j with strides %j is dense', (shape, stride) => {
    const data = floats(dtype, [1, 2, 3, 4, 5, 6].slice(0, shape.length ? 6 : 1));
    const x = { data, shape, stride, offset: 0 };
    const zeros = { data: floats(dtype, data).fill(0), shape };
    expect(F.l1(x, zeros, { reduction: 'sum' })).toBe(shape.length ? 21 : 1);
  });
});

describe.each(backends)('%s', (backend) => {
  it('what an inner scope passes out ends with the next scope', () => {
    const F = loadSync({ backend }) as Any;
    const seen: Any[] = [];
    F.scope(() => {
      F.scope(() => {
        seen.push(F.scope(() => F.zeros([5])));
        expect(seen[0].disposed).toBe(false);
      });
      expect(seen[0].disposed).toBe(true);
      seen.push(F.scope(() => F.zeros([5])));
    });
    expect(seen[1].disposed).toBe(true);
    expect(F.memory.liveTensors).toBe(0);
  });

  it('the high-water mark is that of bytes in use', () => {
    const F = loadSync({ backend }) as Any;
    expect(F.memory.highWaterMark).toBe(F.memory.bytesInUse);
    const tensor = F.zeros([1000]);
    const most = F.memory.bytesInUse;
    tensor.dispose();
    expect(F.memory.highWaterMark).toBe(most);
  });
});
