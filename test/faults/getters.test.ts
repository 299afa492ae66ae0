// Callers whose getters do things while the library reads them, and arrays that go away between looking and using.
import { describe, expect, it } from 'vitest';
import { type LossFunctions, loadSync, Tensor } from '../../src/index.ts';
import { backends } from '../instances.ts';
import { code } from './caught.ts';

type Any = any;
const detach = (array: Any): void => void structuredClone(array.buffer, { transfer: [array.buffer] });
/** An operand whose data are read by way of `run`. */
const hooked = (run: () => void, data: unknown, shape: readonly number[]): Any => ({
  get data() {
    run();
    return data;
  },
  shape,
});
/** Numbers whose first is read by way of `run`. */
const listed = (run: () => void, list: number[]): number[] => {
  const [first] = list;
  return Object.defineProperty(list, 0, {
    enumerable: true,
    get: () => {
      run();
      return first;
    },
  });
};
const make = (backend: 'wasm' | 'js'): Any =>
  loadSync(backend === 'js' ? { backend } : { memory: { initial: 1 } });

describe.each(backends)('%s', (backend) => {
  it('a getter may call the same instance, make and dispose tensors and grow the memory', () => {
    const F = make(backend);
    const used = F.memory.bytesInUse;
    const plain = make(backend);
    const x = F.tensor(
      Float32Array.from({ length: 90 }, (_, i) => Math.sin(i)),
      [30, 3],
    );
    const labels = Uint8Array.from({ length: 30 }, (_, i) => i % 3);
    const busy = () => {
      F.scope(() => void F.mse.grad(F.zeros([40]), new Float32Array(40)));
      F.crossEntropy.valueAndGrad({ data: new Float32Array(90), shape: [30, 3] }, labels);
      F.zeros([F.memory.capacity === Number.POSITIVE_INFINITY ? 9 : F.memory.capacity], 'u8').dispose();
    };
    const want = plain.crossEntropy.valueAndGrad({ data: x.data.slice(), shape: [30, 3] }, labels, {
      weight: Float32Array.of(1, 2, 3),
    });
    const got = F.crossEntropy.valueAndGrad(x, hooked(busy, labels, [30]), {
      get weight() {
        busy();
        return listed(busy, [1, 2, 3]);
      },
    });
    expect(got.value).toBe(want.value);
    expect(got.grad.data).toEqual(want.grad.data);
    got.grad.dispose();
    x.dispose();
    expect([F.memory.bytesInUse, F.memory.liveTensors]).toEqual([used, 0]);
  });

  it('a getter that throws is the caller’s own error, and nothing is left behind', () => {
    const F = make(backend);
    const x = F.zeros([50]);
    const used = F.memory.bytesInUse;
    const mine = () => {
      throw new Error('mine');
    };
    for (const call of [F.mse, F.mse.grad, F.mse.valueAndGrad, F.mse.prepare]) {
      expect(() => call(x, hooked(mine, x.data, [50]))).toThrow('mine');
      expect(() => call(x, listed(mine, Array(50).fill(0)))).toThrow('mine');
      expect(() =>
        call(x, x, {
          get reduction() {
            return mine();
          },
        }),
      ).toThrow('mine');
    }
    expect(() => F.softmax(hooked(mine, x.data, [50]))).toThrow('mine');
    expect(() => F.tensor(listed(mine, [1]), [1])).toThrow('mine');
    expect([F.memory.bytesInUse, F.memory.liveTensors]).toEqual([used, 1]);
  });

  it('an input disposed by a later getter', () => {
    const F = make(backend);
    const x = F.tensor(new Float32Array(100).fill(3));
    const end = () => x.dispose();
    expect(code(() => F.mse.grad(x, hooked(end, new Float32Array(100), [100])))).toBe('ERR_DISPOSED');
    const y = F.tensor(new Float32Array(100).fill(3));
    expect(
      code(() =>
        F.mse.grad(
          y,
          listed(() => y.dispose(), Array(100).fill(0)),
        ),
      ),
    ).toBe('ERR_DISPOSED');
    expect(F.memory.liveTensors).toBe(0);
  });

  it('an output disposed by a later getter: nobody else’s tensor is written', () => {
    const F = make(backend);
    const value = F.zeros([16]);
    let victim: Any;
    const swap = () => {
      value.dispose();
      victim = F.zeros([16]);
    };
    const grad = hooked(swap, new Float32Array(16), [16]);
    const x = new Float32Array(16).fill(3);
    const call = () =>
      F.mse.valueAndGrad(x, new Float32Array(16), { reduction: 'none', out: { value, grad } });
    expect(code(call)).toBe('ERR_DISPOSED');
    expect(victim.data.every((v: number) => v === 0)).toBe(true);
  });

  it('an upstream gradient of a helper disposed by an option', () => {
    const F = make(backend);
    const x = F.zeros([4]);
    const g = F.zeros([4]);
    const options = {
      get out() {
        g.dispose();
        return undefined;
      },
    };
    expect(code(() => F.sigmoid.grad(x, g, options))).toBe('ERR_DISPOSED');
  });

  it('an array detached by a later getter, as input and as output', () => {
    const F = make(backend);
    for (const n of [10, 50_000]) {
      const x = new Float32Array(n).fill(1);
      expect(
        code(() =>
          F.mse(
            x,
            hooked(() => detach(x), new Float32Array(n), [n]),
          ),
        ),
      ).toBe('ERR_SHAPE');
      const out = new Float32Array(n);
      const grad = hooked(() => detach(out), new Float32Array(n), [n]);
      const call = () =>
        F.mse.valueAndGrad(new Float32Array(n), new Float32Array(n), {
          reduction: 'none',
          out: { value: out, grad },
        });
      expect(code(call)).toBe('ERR_SHAPE');
    }
  });

  it('numbers that become fewer', () => {
    const F = make(backend);
    const x: number[] = Array(30_000).fill(1);
    const target = hooked(
      () => {
        x.length = 0;
      },
      new Float32Array(30_000),
      [30_000],
    );
    // they were copied when they were looked at
    expect(F.mse(x, target)).toBe(1);
  });

  it('tensor(): numbers whose getter grows the memory are all copied', () => {
    const F = make(backend);
    const list = listed(() => F.zeros([1 << 16]), [1, 2, 3]);
    expect([...F.tensor(list, [3]).data]).toEqual([1, 2, 3]);
  });

  it('labels of another type, while weights grow the memory', () => {
    const F = make(backend);
    const labels = F.tensor(Uint8Array.from({ length: 2000 }, (_, i) => i % 2));
    const logits = { data: new Float32Array(4000), shape: [2000, 2] };
    expect(F.crossEntropy(logits, labels, { weight: listed(() => F.zeros([1 << 16]), [1, 1]) })).toBeCloseTo(
      Math.LN2,
      6,
    );
  });

  it('a step that a getter ends while it runs', () => {
    const F = make(backend);
    let on = false;
    const list = listed(() => {
      if (!on) return;
      step.dispose();
      for (let i = 0; i < 40; i++) F.zeros([64]).data.fill(1e38);
    }, [0, 0]);
    const step = F.mse.prepare(Float32Array.of(1, 2), list);
    expect(step()).toBe(2.5);
    on = true;
    expect(code(step)).toBe('ERR_DISPOSED');
  });

  it('a step whose array is detached between runs', () => {
    const F = make(backend);
    const x = Float32Array.of(1, 2);
    const step = F.mse.prepare(x, [0, 0]);
    expect(step()).toBe(2.5);
    detach(x);
    expect(code(step)).toBe('ERR_SHAPE');
    const out = Float32Array.of(7, 7);
    const value = Float32Array.of(7, 7);
    const writes = F.mse.prepare(Float32Array.of(1, 2), [0, 0], {
      reduction: 'none',
      out: { value, grad: out },
    });
    writes();
    value.fill(7);
    detach(out);
    expect(code(writes)).toBe('ERR_SHAPE');
    expect([...value]).toEqual([7, 7]);
  });

  it('a step on another instance’s tensor, whose memory grows', () => {
    const F = make(backend);
    const G = loadSync({ memory: { initial: 1 } });
    const x = G.tensor(Float32Array.of(1, 2));
    const step = F.mse.prepare(x, [0, 0]);
    expect(step()).toBe(2.5);
    G.zeros([1 << 20]);
    expect(step()).toBe(2.5);
    x.data[0] = 3;
    expect(step()).toBe(6.5);
    x.dispose();
    expect(code(step)).toBe('ERR_DISPOSED');
  });

  it('the instance disposed by a getter', () => {
    const F = make(backend);
    const x = F.zeros([4]);
    const end = () => F.dispose();
    expect(code(() => F.mse.grad(x, hooked(end, new Float32Array(4), [4])))).toBe('ERR_DISPOSED');
    expect(F.memory.liveTensors).toBe(0);
    const G = make(backend);
    const used = G.memory.bytesInUse;
    const y = Float32Array.of(1);
    code(() =>
      G.mse.prepare(
        y,
        hooked(() => G.dispose(), y, [1]),
      ),
    );
    expect(G.memory.bytesInUse).toBe(used);
  });
});

describe('arrays and tensors that lie', () => {
  it.each(backends)('a proxy of a tensor, an object with its prototype, a revoked proxy: %s', (backend) => {
    const F = make(backend);
    const x = F.zeros([4]);
    expect(code(() => F.mse(new Proxy(x, {}), x))).toBe('ERR_TYPE');
    expect(code(() => F.mse(Object.create(Tensor.prototype), x))).toBe('ERR_TYPE');
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(code(() => F.mse(proxy, x))).toBe('ERR_TYPE');
    expect(code(() => F.mse(x, x, proxy))).toBe('ERR_TYPE');
  });

  it('a tensor whose fields were rewritten', () => {
    const F = make('wasm');
    const x = F.tensor(Float32Array.of(1, 2, 3, 4));
    Reflect.set(x, 'byteOffset', 2 ** 30);
    Reflect.set(x, 'length', 1e6);
    expect(F.mse(x, new Float32Array(4))).toBe(7.5);
  });

  it.each(backends)('a typed array with a length, place or buffer of its own: %s', (backend) => {
    const F = make(backend);
    const t = F.tensor(Float32Array.of(1, 2, 3, 4));
    const lies = {
      length: 1e6,
      byteOffset: 2 ** 30,
      byteLength: 3,
      buffer: F.memory.buffer ?? new ArrayBuffer(64),
    };
    for (const source of [t.data, Float32Array.of(1, 2, 3, 4)]) {
      for (const [name, value] of Object.entries(lies)) {
        const x = new Float32Array(source.buffer, source.byteOffset, 4);
        Object.defineProperty(x, name, { value });
        expect(F.mse({ data: x, shape: [4] }, new Float32Array(4)), name).toBe(7.5);
      }
    }
  });

  it('a tensor or view at address 0 of a memory', () => {
    const memory = new WebAssembly.Memory({ initial: 3 });
    const F = loadSync({ memory: { memory, base: 65536, size: 2 * 65536 } }) as Any;
    const input = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
    const zero = F.attach(0, [2]);
    zero.data.set([5, 0]);
    const want = F.crossEntropy(input, [0, 1], { sampleWeight: Float32Array.of(5, 0) });
    expect(F.crossEntropy(input, [0, 1], { sampleWeight: zero })).toBe(want);
    const out = F.attach(0, [2, 2]);
    F.crossEntropy.grad(input, [0, 1], { out });
    expect([...out.data]).toEqual([...F.crossEntropy.grad(input, [0, 1]).data]);
  });

  it('the working space is not to be written by way of attach or a view', () => {
    const F = make('wasm');
    const n = F.memory.bytesInUse / 4;
    const x = new Float32Array(n).fill(1);
    expect(code(() => F.mse.grad(x, x, { out: F.attach(64, [n]) }))).toMatch(/^ERR_/);
    const view = new Float32Array(F.memory.buffer, 64, n);
    expect(code(() => F.mse.grad(x, x, { out: view }))).toMatch(/^ERR_/);
    expect(F.mse(x, x)).toBe(0);
  });
});

it('small ones', () => {
  const F: LossFunctions = loadSync();
  const any = F as Any;
  const go = (item: unknown) =>
    code(() => any.mse.grad([1], [2], { gradOutput: { data: [item], shape: [] } }));
  expect([go(Symbol('s')), go('2'), go(2n)]).toEqual(['ERR_TYPE', 'ERR_TYPE', 'ERR_TYPE']);
  const huge = new Array(2 ** 32 - 1);
  expect(['ERR_MEMORY', 'ERR_TYPE']).toContain(code(() => any.mse(huge, huge)));
  expect(code(() => F.zeros([...Array(20).fill(2 ** 53 - 1), 0]))).toBe('ERR_SHAPE');
});
