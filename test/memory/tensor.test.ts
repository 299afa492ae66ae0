import { describe, expect, it } from 'vitest';
import { load, Tensor } from '../../src/index.ts';
import { code } from '../faults/caught.ts';
import { backends } from '../instances.ts';

describe.each(backends)('tensors: %s', (backend) => {
  it('are zeros of a shape, or copies of data', async () => {
    const F = await load({ backend });
    const zeros = F.zeros([2, 3]);
    expect(zeros).toBeInstanceOf(Tensor);
    expect([zeros.dtype, zeros.shape, zeros.length]).toEqual(['f32', [2, 3], 6]);
    expect([...zeros.data]).toEqual([0, 0, 0, 0, 0, 0]);
    const source = Int32Array.of(3, 1, 2);
    const copy = F.tensor(source);
    source[0] = 9;
    expect([copy.dtype, copy.shape, [...copy.data]]).toEqual(['i32', [3], [3, 1, 2]]);
    expect(F.zeros([4], 'f64').dtype).toBe('f64');
    expect(F.zeros([4], 'i64').data).toBeInstanceOf(BigInt64Array);
    expect([...F.tensor([1, 2, 3, 4], [2, 2]).data]).toEqual([1, 2, 3, 4]);
    expect([...F.tensor([1, 2], [2], 'i32').data]).toEqual([1, 2]);
    expect(F.tensor(Float64Array.of(1, 2), [2, 1]).dtype).toBe('f64');
    expect(F.zeros([]).data.length).toBe(1);
    expect(F.zeros([0, 5]).length).toBe(0);
    F.dispose();
  });

  it('memory that was used before is zeroed', async () => {
    const F = await load({ backend });
    const a = F.zeros([1000]);
    a.data.fill(7);
    a.dispose();
    expect(F.zeros([1000]).data.every((x) => x === 0)).toBe(true);
  });

  it('refuse what does not fit', async () => {
    const F = await load({ backend });
    const any = F as any;
    expect(code(() => any.zeros([2, -1]))).toBe('ERR_SHAPE');
    expect(code(() => any.zeros([1.5]))).toBe('ERR_SHAPE');
    expect(code(() => any.tensor(3))).toBe('ERR_TYPE');
    expect(code(() => any.zeros([3], 'f8'))).toBe('ERR_DTYPE');
    expect(code(() => any.tensor(Float32Array.of(1, 2), [3]))).toBe('ERR_SHAPE');
    expect(code(() => any.tensor(new DataView(new ArrayBuffer(8))))).toBe('ERR_DTYPE');
    expect(code(() => any.tensor(BigInt64Array.of(1n), [1], 'f32'))).toBe('ERR_DTYPE');
    expect(code(() => any.tensor([1, '2'], [2]))).toBe('ERR_TYPE');
    expect(F.memory.liveTensors).toBe(0);
  });

  it('end with dispose(), the scope or the instance', async () => {
    const F = await load({ backend });
    const before = F.memory.bytesInUse;
    const a = F.zeros([100]);
    expect(F.memory.liveTensors).toBe(1);
    expect(F.memory.bytesInUse).toBeGreaterThanOrEqual(before + 400);
    a.dispose();
    a.dispose();
    expect(a.disposed).toBe(true);
    expect(F.memory.bytesInUse).toBe(before);
    expect(code(() => a.data)).toBe('ERR_DISPOSED');
    expect(code(() => F.l1(a, a))).toBe('ERR_DISPOSED');
    if (typeof Symbol.dispose === 'symbol') {
      const b = F.zeros([10]);
      b[Symbol.dispose]();
      expect(b.disposed).toBe(true);
    }
    const c = F.zeros([10]);
    F.dispose();
    expect(c.disposed).toBe(true);
    expect(code(() => F.zeros([1]))).toBe('ERR_DISPOSED');
    expect(code(() => F.l1(Float32Array.of(1), Float32Array.of(1)))).toBe('ERR_DISPOSED');
    expect(code(() => F.softmax(Float32Array.of(1)))).toBe('ERR_DISPOSED');
    expect(code(() => F.scope(() => 1))).toBe('ERR_DISPOSED');
    expect(F.memory.liveTensors).toBe(0);
  });

  it('results of Tensors are Tensors, those of arrays are arrays', async () => {
    const F = await load({ backend });
    const x = F.tensor(Float32Array.of(1, 2));
    const y = Float32Array.of(0, 0);
    const ofTensor = F.l1(x, y, { reduction: 'none' });
    expect(ofTensor).toBeInstanceOf(Tensor);
    const ofArray = F.l1(y, x, { reduction: 'none' });
    expect(ofArray).not.toBeInstanceOf(Tensor);
    expect(ofArray).toEqual({ data: Float32Array.of(1, 2), shape: [2] });
  });

  it('another instance’s tensor counts as an ordinary array', async () => {
    const F = await load({ backend });
    const G = await load({ backend });
    const x = G.tensor(Float32Array.of(1, 2));
    expect(F.mse(x, Float32Array.of(0, 0))).toBe(2.5);
    expect(F.mse.grad(x, Float32Array.of(0, 0))).not.toBeInstanceOf(Tensor);
    x.dispose();
    expect(code(() => F.mse(x, x))).toBe('ERR_DISPOSED');
  });
});

describe.each(backends)('scopes: %s', (backend) => {
  it('free what was made inside except what is returned', async () => {
    const F = await load({ backend });
    const outside = F.zeros([3]);
    let lost: Tensor | undefined;
    const kept = F.scope(() => {
      lost = F.zeros([5]);
      const inner = F.scope(() => ({ deep: [F.zeros([7])], lost: 1 }));
      const grad = F.l1.grad(F.zeros([4]), F.zeros([4]));
      return { inner, grad };
    });
    expect(lost?.disposed).toBe(true);
    expect([outside.disposed, kept.inner.deep[0].disposed, kept.grad.disposed]).toEqual([
      false,
      false,
      false,
    ]);
    expect(F.memory.liveTensors).toBe(3);
  });

  it('free everything where fn throws', async () => {
    const F = await load({ backend });
    const before = F.memory.bytesInUse;
    expect(() =>
      F.scope(() => {
        F.zeros([5]);
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect([F.memory.liveTensors, F.memory.bytesInUse]).toEqual([0, before]);
  });

  it('refuse an async function', async () => {
    const F = await load({ backend });
    expect(code(() => F.scope(async () => F.zeros([3])))).toBe('ERR_TYPE');
    expect(code(() => (F as any).scope(3))).toBe('ERR_TYPE');
    expect(F.memory.liveTensors).toBe(0);
  });

  it('end the steps made inside, except a returned one', async () => {
    const F = await load({ backend });
    const x = F.zeros([4]);
    const before = F.memory.bytesInUse;
    let ended: (() => unknown) | undefined;
    const step = F.scope(() => {
      ended = F.l1.prepare(x, x);
      return F.l1.prepare(x, x);
    });
    expect(code(ended!)).toBe('ERR_DISPOSED');
    expect(step()).toBe(0);
    step.dispose();
    expect(F.memory.bytesInUse).toBe(before);
  });
});
