// Every allocation of every kind of call fails once: a typed error, nothing written, nothing lost, usable afterwards.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LossFunctions, loadSync } from '../../src/index.ts';
import { Allocator } from '../../src/memory/allocator.ts';
import { LinearArena } from '../../src/memory/arena.ts';
import { inputsOf, isClassLoss } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { rows } from '../rows/index.ts';
import { code } from './caught.ts';

type Any = any;

afterEach(() => {
  vi.restoreAllMocks();
});

/**
 * Runs f with the k-th allocation refused, for k = 1, 2 … until none is; how many there were. Nothing is lent either: a
 * plain call on ordinary arrays would need no allocation then.
 */
function refuseEach(f: () => void, check: (outcome: string) => void): number {
  const allocate = Allocator.prototype.allocate;
  const borrow = vi.spyOn(LinearArena.prototype, 'borrow').mockReturnValue(-1);
  for (let k = 1; ; k++) {
    let count = 0;
    const spy = vi.spyOn(Allocator.prototype, 'allocate').mockImplementation(function (
      this: Allocator,
      bytes,
    ) {
      return ++count === k ? -1 : allocate.call(this, bytes);
    });
    const outcome = code(f);
    spy.mockRestore();
    if (count < k) {
      borrow.mockRestore();
      return k - 1;
    }
    check(outcome);
  }
}

const books = (F: LossFunctions): number[] => [F.memory.bytesInUse, F.memory.liveTensors];

describe.each(Object.values(rows))('$loss', (row) => {
  it('the k-th allocation fails', () => {
    const F = loadSync() as Any;
    for (const variant of row.variants.slice(0, 12)) {
      const { input, target, options } = inputsOf(row, variant, 'f32');
      const wrt = isClassLoss(row) ? 'input' : ['input', 'target'];
      const labels = { data: Uint32Array.from(target.data), shape: target.shape };
      const tensors = {
        input: F.tensor(input.data, input.shape),
        target: F.tensor(target.data, target.shape),
      };
      const copies = [input, target].map((x) => x.data.slice());
      const loss = lossOf(F, row.loss);
      const out = new Float32Array(input.data.length).fill(-7);
      const calls: Record<string, () => unknown> = {
        value: () => loss(input, target, options),
        none: () => loss(tensors.input, target, { ...options, reduction: 'none' }).dispose(),
        grad: () => loss.grad(input, tensors.target, { ...options, out: { data: out, shape: input.shape } }),
        tensors: () => {
          const { grad } = loss.valueAndGrad(tensors.input, tensors.target, { ...options, wrt });
          for (const g of Array.isArray(wrt) ? Object.values(grad as Any) : [grad]) (g as Any).dispose();
        },
        prepare: () => {
          const step = loss.prepare(tensors.input, target, { ...options, reduction: 'none' });
          step();
          step.dispose();
        },
      };
      if (isClassLoss(row) && target.data instanceof Int32Array)
        calls.labels = () => loss(tensors.input, labels, options);
      const before = books(F);
      for (const [name, call] of Object.entries(calls)) {
        const label = `${variant.title}, ${name}`;
        const refused = refuseEach(call, (outcome) => {
          expect(`${label}: ${outcome}`).toBe(`${label}: ERR_MEMORY`);
          expect(books(F), label).toEqual(before);
          expect([input, target].map((x) => x.data)).toEqual(copies);
          expect(out.every((x) => x === -7)).toBe(true);
        });
        if (name === 'value') expect(refused).toBeGreaterThan(1);
        // the run without a refusal wrote the gradient
        out.fill(-7);
        expect(books(F), label).toEqual(before);
      }
      tensors.input.dispose();
      tensors.target.dispose();
    }
  });
});

it('helpers: the k-th allocation fails', () => {
  const F = loadSync() as Any;
  const x = { data: Float32Array.from({ length: 420 }, (_, i) => Math.sin(i)), shape: [3, 70, 2] };
  const t = F.tensor(x.data, x.shape);
  const before = books(F);
  for (const name of ['softmax', 'logSoftmax', 'sigmoid']) {
    for (const call of [
      () => F[name](x),
      () => F[name](t).dispose(),
      () => F[name].grad(x, t),
      () => F[name].grad(t, x).dispose(),
    ]) {
      const refused = refuseEach(call, (outcome) => {
        expect(outcome).toBe('ERR_MEMORY');
        expect(books(F)).toEqual(before);
      });
      expect(refused).toBeGreaterThan(0);
    }
  }
});

it('tensor(): the allocation fails, and the copy fails after it', () => {
  const F = loadSync() as Any;
  const before = books(F);
  expect(
    refuseEach(
      () => F.zeros([5]).dispose(),
      (o) => expect(o).toBe('ERR_MEMORY'),
    ),
  ).toBe(1);
  expect(code(() => F.tensor([1, 'x'], [2]))).toBe('ERR_TYPE');
  expect(books(F)).toEqual(before);
});

it('load(): the working space does not fit', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const need = loadSync().memory.bytesInUse;
  for (const size of [0, 1, 63, 64, 4096, need - 64, need - 1]) {
    expect(code(() => loadSync({ memory: { memory, base: 0, size } }))).toBe('ERR_MEMORY');
  }
  expect(loadSync({ memory: { memory, base: 0, size: need + 3 * 64 } }).mse([3], [1])).toBe(4);
  expect(loadSync({ memory: { initial: 0, maximum: 1 } }).mse([3], [1])).toBe(4);
});

it('growth is refused at the maximum, by memory.grow itself and by 4 GiB', () => {
  const F = loadSync({ memory: { initial: 1, maximum: 3 } });
  const x = F.tensor(Float32Array.of(1, 2));
  const before = books(F);
  expect(code(() => F.zeros([3 * 65536], 'u8'))).toBe('ERR_MEMORY');
  expect(code(() => F.zeros([2 ** 32]))).toBe('ERR_MEMORY');
  expect(books(F)).toEqual(before);
  // what is exactly left still fits
  const left = 3 * 65536 - 64 - F.memory.bytesInUse;
  const rest = F.zeros([left], 'u8');
  expect(code(() => F.zeros([1]))).toBe('ERR_MEMORY');
  expect(F.mse(x, x)).toBe(0);
  expect(code(() => F.mse.grad(x, x))).toBe('ERR_MEMORY');
  rest.dispose();
  expect(books(F)).toEqual(before);
  const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
    throw new RangeError('no');
  });
  const G = loadSync({ memory: { initial: 1 } });
  expect(code(() => G.zeros([65536]))).toBe('ERR_MEMORY');
  grow.mockRestore();
  expect(G.zeros([65536]).length).toBe(65536);
});
