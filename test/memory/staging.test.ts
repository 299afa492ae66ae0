// Ordinary arrays on the wasm backend: plain calls borrow room for them, prepared steps have their own.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { LinearArena } from '../../src/memory/arena.ts';
import { code } from '../faults/caught.ts';
import { gradientsOf, inputsOf, variantsOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';

type Any = any;
const PAGE = 65536;

afterEach(() => {
  vi.restoreAllMocks();
});

const floats = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i + 1));

describe('borrow', () => {
  const arenaOf = (pages: number, growable: boolean) =>
    new LinearArena(
      new WebAssembly.Memory({ initial: pages, maximum: 4 }),
      0,
      pages * PAGE,
      growable ? 4 : 0,
    );

  it('lends what is free, again and again, and takes nothing', () => {
    const arena = arenaOf(1, false);
    const at = arena.borrow(1000);
    expect([at % 64, arena.allocator.used]).toEqual([0, 0]);
    expect(arena.allocator.highWater).toBe(1024);
    expect([arena.borrow(1000), arena.borrow(10), arena.borrow(2000)]).toEqual([at, at, at]);
  });

  it('not what was allocated since', () => {
    const arena = arenaOf(1, false);
    const lent = arena.borrow(100);
    const taken = arena.allocate(100);
    expect(taken).toBe(lent);
    expect(arena.borrow(100)).toBe(taken + 128);
    arena.free(taken);
    // still free, and so is the place before it
    expect(arena.borrow(100)).toBe(taken + 128);
    expect(arena.borrow(200)).toBe(taken);
  });

  it('grows the memory, and is −1 where it cannot', () => {
    const arena = arenaOf(1, true);
    expect(arena.borrow(2 * PAGE)).toBe(64);
    expect(arena.memory.buffer.byteLength).toBeGreaterThan(2 * PAGE);
    expect(arena.borrow(5 * PAGE)).toBe(-1);
    expect(arena.borrow(2 ** 33)).toBe(-1);
    expect(arena.borrow(64)).toBe(64);
    expect(arenaOf(1, false).borrow(PAGE)).toBe(-1);
  });
});

describe.each(allRows)('plain calls of $loss', (row) => {
  it('give the bits that they give without room in one piece, and those of tensors', () => {
    const F = loadSync() as Any;
    const loss = lossOf(F, row.loss);
    for (const dtype of ['f32', 'f64'] as const) {
      for (const variant of variantsOf(row)) {
        const { input, target, options } = inputsOf(row, variant, dtype);
        const wrt = gradientsOf(row, variant);
        const all = { ...options, reduction: 'none', wrt };
        const results = (x: unknown, t: unknown): unknown => {
          const { value, grad } = loss.valueAndGrad(x, t, all);
          const list = [value, ...(Object.values(grad) as Any[])];
          const copies = list.map(({ data }) => data.slice());
          for (const result of list) result.dispose?.();
          return [loss(x, t, options), ...copies];
        };
        const before = F.memory.bytesInUse;
        const arrays = results(input, target);
        expect(F.memory.bytesInUse).toBe(before);
        const borrow = vi.spyOn(LinearArena.prototype, 'borrow').mockReturnValue(-1);
        expect(results(input, target), `${dtype} ${variant.title}`).toEqual(arrays);
        expect(borrow).toHaveBeenCalled();
        borrow.mockRestore();
        const x = F.tensor(input.data, input.shape);
        const t = F.tensor(target.data, target.shape);
        expect(results(x, t), `${dtype} ${variant.title}`).toEqual(arrays);
        expect(results(x, target), `${dtype} ${variant.title}`).toEqual(arrays);
        x.dispose();
        t.dispose();
      }
    }
  });
});

describe('plain calls', () => {
  it('leave tensors alone that were made since the last one', () => {
    const F = loadSync();
    const x = floats(500);
    const zeros = new Float32Array(500);
    const want = F.mse.valueAndGrad(x, zeros);
    for (let i = 0; i < 5; i++) {
      const tensor = F.zeros([300 * (i + 1)], 'u8');
      tensor.data.fill(7);
      expect(F.mse.valueAndGrad(x, zeros)).toEqual(want);
      expect(tensor.data.every((byte) => byte === 7)).toBe(true);
      if (i % 2 === 0) tensor.dispose();
    }
  });

  it('copy results out from where the last ones were, and from elsewhere', () => {
    const F = loadSync();
    for (const x of [
      floats(6),
      Float64Array.from(floats(6)),
      floats(3),
      Float64Array.from(floats(3)),
      floats(6),
    ]) {
      for (const sign of [1, -1]) {
        const input = x.map((v) => sign * v);
        expect(F.l1.grad(input, x.map(() => 0) as never, { reduction: 'sum' }).data).toEqual(
          input.map(Math.sign),
        );
      }
    }
    expect(F.l1.grad(new Float32Array(0), new Float32Array(0)).data).toEqual(new Float32Array(0));
  });

  it('grow the memory, which detaches labels in it that are still to be read', () => {
    const x = { data: floats(1 << 16), shape: [1 << 14, 4] };
    for (const Labels of [Int32Array, Uint8Array, BigInt64Array]) {
      const F = loadSync({ memory: { initial: 1 } }) as Any;
      const make = (bad: number) => {
        const labels = new (Labels as Any)(1 << 14);
        if (bad > 0) labels[bad] = labels instanceof BigInt64Array ? 5n : 5;
        return F.tensor(labels);
      };
      const [good, wrong] = [make(0), make(9000)];
      expect(() => F.crossEntropy(x, wrong)).toThrow('got 5 at index 9000');
      const G = loadSync({ backend: 'js' });
      expect(F.crossEntropy(x, good)).toBeCloseTo(G.crossEntropy(x as Any, new Int32Array(1 << 14)), 5);
    }
  });

  it('and labels of which there are none', () => {
    for (const Labels of [Int32Array, Uint16Array, BigInt64Array]) {
      const F = loadSync({ memory: { initial: 1 } }) as Any;
      const labels = F.tensor(new (Labels as Any)(0));
      // so many weights that they make the memory grow
      const weight = new Float32Array(1 << 16);
      const logits = () => ({ data: new Float32Array(0), shape: [0, 1 << 16] });
      expect(F.crossEntropy(logits(), labels, { weight, reduction: 'sum' })).toBe(0);
      F.zeros([F.memory.capacity]);
      expect(F.crossEntropy.prepare(logits(), labels, { weight, reduction: 'sum' })()).toBe(0);
    }
  });

  it('in a region with holes: room in several pieces serves as well', () => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const F = loadSync({ memory: { memory, base: 0, size: 2 * PAGE } });
    const x = floats(1000);
    const want = F.mse.valueAndGrad(x, new Float32Array(1000));
    const tensors: { dispose(): void }[] = [];
    for (;;) {
      try {
        tensors.push(F.zeros([1000]));
      } catch {
        break;
      }
    }
    for (let i = 0; i < 10; i += 2) tensors[i].dispose();
    const books = () => [F.memory.bytesInUse, F.memory.liveTensors, F.memory.highWaterMark];
    const before = books();
    expect(F.mse.valueAndGrad(x, new Float32Array(1000))).toEqual(want);
    const out = new Float32Array(1100).fill(-7);
    expect(code(() => F.mse.grad(floats(1100), new Float32Array(1100), { out }))).toBe('ERR_MEMORY');
    expect(out.every((g) => g === -7)).toBe(true);
    expect(books()).toEqual(before);
  });

  it('go on while a shared memory grows', async () => {
    const F = await load({ threads: 2, memory: { initial: 16, maximum: 256 } });
    const x = floats(300);
    const want = loadSync().huber.valueAndGrad(x, new Float32Array(300));
    const step = F.huber.prepare(x, new Float32Array(300));
    for (let i = 0; i < 8; i++) {
      expect(F.huber.valueAndGrad(x, new Float32Array(300))).toEqual(want);
      expect(step()).toBe(want.value);
      F.zeros([PAGE]);
    }
    F.dispose();
  });
});

describe('views of the memory that begin at its address 0', () => {
  // address 0 means "not given" to a kernel, so they are copied; and growth detaches them
  const make = () => {
    const F = loadSync({ memory: { initial: 1 } });
    const zero = F.attach(0, [4]);
    zero.data.set([5, 1, 2, 3]);
    return { F, zero };
  };
  // 4 classes, so many rows that they make the memory grow
  const logits = { data: floats(1 << 18), shape: [4, 1 << 16] };
  const labels = new Int32Array(4);
  const options = { axis: 1, weight: undefined };

  it.each(['plain', 'prepared'])('%s: the sample weights', (way) => {
    const { F, zero } = make();
    const sampleWeight = Float32Array.of(5, 1, 2, 3);
    const want = loadSync().crossEntropy(logits, labels, { ...options, sampleWeight });
    const all = { ...options, sampleWeight: zero };
    const got =
      way === 'plain' ? F.crossEntropy(logits, labels, all) : F.crossEntropy.prepare(logits, labels, all)();
    expect(got).toBe(want);
  });

  it.each(['plain', 'prepared'])('%s: the result', (way) => {
    const { F, zero } = make();
    const want = loadSync().crossEntropy(logits, labels, { reduction: 'none' });
    const all = { ...options, reduction: 'none' } as const;
    if (way === 'plain') F.crossEntropy(logits, labels, { ...all, out: zero });
    else F.crossEntropy.prepare(logits, labels, { ...all, compute: 'value', out: { value: zero } })();
    expect(zero.data).toEqual(want.data);
  });
});
