// Typed arrays over the instance's memory: used in place where a tensor has their bytes or nobody of the instance does, else
// refused, before anything is written.
import { describe, expect, it } from 'vitest';
import { type LossFunctions, load, loadSync, type Tensor } from '../../src/index.ts';
import { inlineModule } from '../../src/wasm/generated/inline.ts';
import { code } from '../faults/caught.ts';
import { arrayOf, dtypes } from '../instances.ts';
import { drawnOf, gradientsOf, inputBy, inputsOf, sizeOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';

type Any = any;
const PAGE = 65536;
const BASE = PAGE + 1000;
const SIZE = 8 * PAGE;

/** An instance in a region, with the bytes of the whole memory. */
function region(shared = false) {
  const memory = new WebAssembly.Memory({ initial: 10, maximum: 12, shared });
  const F = loadSync({ module: inlineModule(), memory: { memory, base: BASE, size: SIZE } });
  const whole = new Uint8Array(memory.buffer);
  return { F, memory, whole };
}

/** A view of the bytes of a tensor that is no more; whoever comes next may have them. */
function stale(F: LossFunctions, like: Any): Any {
  const tensor = F.tensor(like.data ?? like, like.shape);
  const { data, shape } = tensor;
  tensor.dispose();
  return { data, shape: [...shape] };
}

describe('the bytes of a tensor that was disposed', () => {
  it('as in the report: a prepared step whose record would lie under its result', () => {
    const { F, whole } = region();
    const [x, y, t] = [0, 1, 2].map(() => F.tensor(new Float32Array(4096)));
    const out = t.data;
    t.dispose();
    x.data.fill(1e30);
    const before = whole.slice();
    const options = { out, reduction: 'sum', compute: 'grad' } as const;
    expect(code(() => F.mse.prepare(x, y, options)())).toBe('ERR_OPTION');
    expect(code(() => F.mse.grad(x, y, { out }))).toBe('ERR_OPTION');
    expect(code(() => F.mse.grad(new Float32Array(4096), y, { out }))).toBe('ERR_OPTION');
    expect(code(() => F.tensor(out))).toBe('ERR_OPTION');
    expect(code(() => F.exp(x, { out }))).toBe('ERR_OPTION');
    expect(Buffer.compare(whole, before)).toBe(0);
  });

  describe.each(allRows)('$loss', (row) => {
    it.each(dtypes)('are no operand of it, nor a result: %s', (dtype) => {
      const { F, whole } = region();
      const loss = lossOf(F, row.loss);
      for (const variant of [...row.variants, ...drawnOf(row)]) {
        const inputs = inputsOf(row, variant, dtype);
        if (inputs.input.data.length > 2000) continue;
        const { input, target, options } = inputs;
        const wrt = gradientsOf(row, variant);
        const none = variant.options?.reduction === undefined;
        const fixed = none ? { ...options, reduction: 'none' } : options;
        const all: Record<string, Any> = { input, target };
        for (const [name, value] of Object.entries(fixed)) {
          if (typeof value === 'object' && value !== null && 'data' in value) all[name] = value;
        }
        for (const name of wrt) all[`out ${name}`] = inputBy(inputs, name);
        if (none) all['out value'] = { data: new arrayOf[dtype](sizeOf(inputs.rows)), shape: inputs.rows };
        const call = (prepared: boolean, given: Record<string, Any>): unknown => {
          const grad = Object.fromEntries(wrt.map((name) => [name, given[`out ${name}`]]));
          const value = none ? { value: given['out value'] } : {};
          const { input: x, target: t, ...rest } = given;
          const operands = Object.fromEntries(
            Object.entries(rest).filter(([name]) => !name.startsWith('out ')),
          );
          const every = { ...fixed, ...operands, wrt, out: { grad, ...value } };
          return prepared ? loss.prepare(x, t, every)() : loss.valueAndGrad(x, t, every);
        };
        const arrays = (): Record<string, Any> =>
          Object.fromEntries(
            Object.entries(all).map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]),
          );
        // all of them in one tensor each: fine
        F.scope(() => {
          const want = arrays();
          call(false, want);
          for (const prepared of [false, true]) {
            const given = arrays();
            for (const [name, { data, shape }] of Object.entries(given))
              given[name] = { data: F.tensor(data, shape).data, shape };
            call(prepared, given);
            for (const name of Object.keys(all)) expect(given[name].data, name).toEqual(want[name].data);
          }
        });
        // nothing is read of what has no elements
        for (const name of Object.keys(all).filter((role) => all[role].data.length > 0)) {
          for (const prepared of [false, true]) {
            const given = { ...arrays(), [name]: stale(F, all[name]) };
            const [before, books] = [whole.slice(), F.memory.bytesInUse];
            expect(
              code(() => call(prepared, given)),
              `${variant.title}: ${name}`,
            ).toBe('ERR_OPTION');
            expect(Buffer.compare(whole, before)).toBe(0);
            expect(F.memory.bytesInUse).toBe(books);
          }
        }
      }
    });
  });

  it('are no operand of the helpers', () => {
    const { F, whole } = region();
    const x = { data: Float32Array.from({ length: 60 }, Math.sin), shape: [6, 10] };
    const calls: Record<string, (...all: Any[]) => unknown> = {};
    for (const name of ['softmax', 'logSoftmax', 'sigmoid', 'exp', 'tanh'] as const) {
      calls[name] = (input, out) => (F as Any)[name](input, { out });
    }
    for (const name of ['softmax', 'logSoftmax', 'sigmoid'] as const) {
      calls[`${name}.grad`] = (saved, upstream, out) => (F as Any)[name].grad(saved, upstream, { out });
    }
    for (const [name, call] of Object.entries(calls)) {
      for (let i = 0; i < call.length; i++) {
        const given = Array.from({ length: call.length }, (_, k) =>
          k === i ? stale(F, x) : { ...x, data: x.data.slice() },
        );
        const before = whole.slice();
        expect(
          code(() => call(...given)),
          `${name} ${i}`,
        ).toBe('ERR_OPTION');
        expect(Buffer.compare(whole, before)).toBe(0);
      }
    }
  });
});

describe('bytes that are not all in one tensor', () => {
  it('are refused', () => {
    const { F, memory } = region();
    // two tensors side by side, with a step's space behind them if it is taken next, and free bytes before them
    const room = F.zeros([1024]);
    room.dispose();
    const [first, second] = [512, 576].map((from) => F.attach(room.byteOffset + from, [16]).byteOffset);
    const step = F.mse.prepare(new Float32Array(16), new Float32Array(16));
    const x = new Float32Array(16);
    const view = (at: number) => new Float32Array(memory.buffer, at, 16);
    const call = (at: number) => [
      code(() => F.mse(view(at), x)),
      code(() => F.mse.grad(x, x, { out: view(at) })),
      code(() => F.mse.prepare(x, x, { out: view(at) })),
      code(() => F.tensor(view(at))),
    ];
    const refused = Array(4).fill('ERR_OPTION');
    const [start, end] = [Math.ceil(BASE / 64) * 64, Math.floor((BASE + SIZE) / 64) * 64];
    // half before the first, half in each, half behind the last, in free bytes or the step's, in the instance's own
    // working space, at the edges of the region
    for (const at of [
      first - 32,
      first + 32,
      second + 32,
      second + 64,
      first - 256,
      start,
      start - 32,
      end - 32,
    ])
      expect(call(at)).toEqual(refused);
    step();
    for (const at of [first, second, 64, BASE - 1000, end])
      expect(code(() => F.mse(view(at), x))).toBe('nothing thrown');
  });

  it('outside the region they are in place', () => {
    const { F, memory, whole } = region();
    const n = 1000;
    const [x, out] = [
      new Float32Array(memory.buffer, 64, n),
      new Float32Array(memory.buffer, BASE + SIZE + 24, n),
    ];
    x.forEach((_, i) => {
      x[i] = i;
    });
    const t = F.zeros([n]);
    const used = F.memory.highWaterMark;
    F.mse.grad(x, t, { out, reduction: 'sum' });
    expect(out).toEqual(x.map((v) => 2 * v));
    const step = F.mse.prepare(x, t, { out: x, reduction: 'sum', compute: 'grad' });
    step();
    expect(x).toEqual(out);
    // nothing but the step's record
    expect(F.memory.highWaterMark - used).toBeLessThan(512);
    expect(whole.subarray(64 + 4 * n, PAGE).every((b) => b === 0)).toBe(true);
  });
});

describe('a prepared step', () => {
  const make = (F: LossFunctions, owner: Tensor<'f32'>, role: string) => {
    const view = owner.data.subarray(3, 103);
    const given: Any = {
      input: new Float32Array(100),
      target: new Float32Array(100),
      weight: undefined,
      out: undefined,
    };
    given[role] = view;
    return F.l1.prepare(given.input, given.target, { weight: given.weight, out: given.out });
  };

  it.each(['input', 'target', 'weight', 'out'])(
    'ends with the tensor that an array of it views: %s',
    (role) => {
      const { F, whole } = region();
      const owner = F.tensor(new Float32Array(200).fill(1));
      const step = make(F, owner, role);
      step();
      F.zeros([1000]).dispose();
      step();
      owner.dispose();
      expect(code(step)).toBe('ERR_DISPOSED');
      // and stays so when others have the bytes
      F.attach(owner.byteOffset, [200]);
      const before = whole.slice();
      expect(code(step)).toBe('ERR_DISPOSED');
      expect(Buffer.compare(whole, before)).toBe(0);
      step.dispose();
    },
  );

  it.each(['input', 'target', 'weight', 'out'])(
    'goes on where another tensor is over the same bytes: %s',
    (role) => {
      const { F } = region();
      const owner = F.tensor(new Float32Array(200).fill(1));
      const step = make(F, owner, role);
      const value = step();
      const other = F.attach(owner.byteOffset + 40, [5]);
      owner.dispose();
      F.tensor(new Float32Array(200).fill(9));
      expect(step()).toBe(value);
      other.dispose();
      expect(code(step)).toBe('ERR_DISPOSED');
    },
  );

  it('of a step’s own getters', () => {
    const { F } = region();
    const owner = F.zeros([3]);
    const list = [1, 2, 3];
    let dispose = false;
    Object.defineProperty(list, 0, {
      get: () => {
        if (dispose) owner.dispose();
        return 1;
      },
    });
    const step = F.mse.prepare(list, owner.data);
    step();
    dispose = true;
    expect(code(step)).toBe('ERR_DISPOSED');
  });
});

describe('a getter that disposes the tensor of a view that was looked at', () => {
  it.each(['plain', 'prepared'])('%s', (way) => {
    const { F, whole } = region();
    const owner = F.zeros([30]);
    const out = F.zeros([30]);
    const options = {
      get out() {
        owner.dispose();
        return out;
      },
    };
    const loss: Any = way === 'plain' ? F.mse.grad : F.mse.prepare;
    const before = whole.slice();
    expect(code(() => loss(owner.data, new Float32Array(30), options))).toBe('ERR_OPTION');
    expect(Buffer.compare(whole, before)).toBe(0);
  });
});

describe('a shared memory has several objects for its bytes', () => {
  const objects = (memory: WebAssembly.Memory, before: ArrayBufferLike): Record<string, ArrayBufferLike> => ({
    now: memory.buffer,
    'before it grew': before,
    clone: structuredClone(memory.buffer),
  });

  it('all are the memory', () => {
    const { F, memory } = region(true);
    const before = memory.buffer;
    memory.grow(1);
    const n = 100;
    const x = F.tensor(Float32Array.from({ length: n }, (_, i) => i));
    const t = F.zeros([n]);
    for (const [name, buffer] of Object.entries(objects(memory, before))) {
      const view = (tensor: Tensor, from = 0) =>
        new Float32Array(buffer, tensor.byteOffset + 4 * from, n - from);
      // the first look at a buffer tells what it is
      const out = F.zeros([n]);
      const used = F.memory.highWaterMark;
      F.mse.grad(view(x), view(t), { out: view(out), reduction: 'sum' });
      expect(out.data, name).toEqual(x.data.map((v) => 2 * v));
      expect(F.memory.highWaterMark).toBe(used);
      // one element apart
      const options = { out: out.data.subarray(0, n - 1) };
      expect(
        code(() => F.mse.grad(view(out, 1), new Float32Array(n - 1), options)),
        name,
      ).toBe('ERR_OPTION');
      const step = F.mse.prepare(x, t, { out: view(out) });
      out.dispose();
      expect(code(step), name).toBe('ERR_DISPOSED');
      step.dispose();
      const gone = new Float32Array(buffer, out.byteOffset, n);
      expect(
        code(() => F.mse(gone, x)),
        name,
      ).toBe('ERR_OPTION');
      expect(
        code(() => F.mse.grad(x, t, { out: gone })),
        name,
      ).toBe('ERR_OPTION');
      expect(
        code(() => F.mse.prepare(x, t, { out: gone })),
        name,
      ).toBe('ERR_OPTION');
    }
    const other = new Float32Array(new SharedArrayBuffer(11 * PAGE), x.byteOffset, n);
    F.mse.grad(x, t, { out: other, reduction: 'sum' });
    expect(other).toEqual(x.data.map((v) => 2 * v));
  });

  it('with threads', async () => {
    const F = await load({ threads: 2, memory: { initial: 16, maximum: 64 } });
    const before = F.memory.buffer!;
    F.zeros([16 * PAGE], 'u8').dispose();
    expect(F.memory.buffer).not.toBe(before);
    const x = F.tensor(Float32Array.from({ length: 50_000 }, (_, i) => i % 7));
    const gone = F.zeros([5000]);
    gone.dispose();
    const out = new Float32Array(before, gone.byteOffset, 5000);
    const small = new Float32Array(5000);
    expect(code(() => F.mse.prepare(small, small, { out }))).toBe('ERR_OPTION');
    const view = new Float32Array(before, x.byteOffset, 1000);
    expect(F.mse(view, new Float32Array(1000))).toBe(loadSync().mse(view.slice(), new Float32Array(1000)));
    F.dispose();
  });
});

describe('tensors of another instance on the same memory', () => {
  const two = () => {
    const memory = new WebAssembly.Memory({ initial: 6 });
    const at = (page: number) => loadSync({ memory: { memory, base: page * PAGE, size: 3 * PAGE } });
    return { F: at(0), G: at(3), memory };
  };

  it('are used in place, and known to overlap', () => {
    const { F, G } = two();
    const n = 1000;
    const x = G.tensor(Float32Array.from({ length: n }, (_, i) => i));
    const [zero, out] = [F.zeros([n]), G.zeros([n])];
    const used = F.memory.highWaterMark;
    F.mse.grad(x, zero, { out, reduction: 'sum' });
    expect(out.data).toEqual(x.data.map((v) => 2 * v));
    expect(F.memory.highWaterMark).toBe(used);
    const part = G.attach(x.byteOffset + 4, [n]);
    expect(code(() => F.mse.grad(x, zero, { out: part }))).toBe('ERR_OPTION');
    const step = F.mse.prepare(x, zero, { out, reduction: 'sum' });
    step();
    x.dispose();
    expect(code(step)).toBe('ERR_DISPOSED');
  });

  it('over bytes of this one’s region that are not a tensor’s are refused', () => {
    const { F, G, memory } = two();
    const x = new Float32Array(8).fill(1);
    const used = F.memory.bytesInUse;
    const step = F.mse.prepare(x, new Float32Array(8));
    const whole = new Uint8Array(memory.buffer);
    const [value, before] = [step(), whole.slice()];
    let refused = 0;
    for (let at = 64; at < 3 * PAGE; at += 64) {
      if (code(() => F.mse.grad(x, x, { out: G.attach(at, [8]) })) === 'ERR_OPTION') refused++;
    }
    expect(refused).toBe((3 * PAGE) / 64 - 1);
    expect(Buffer.compare(whole, before)).toBe(0);
    expect([step(), F.memory.bytesInUse > used]).toEqual([value, true]);
    const own = F.zeros([8]);
    F.mse.grad(x, new Float32Array(8), { out: G.attach(own.byteOffset, [8]), reduction: 'sum' });
    expect([...own.data]).toEqual(Array(8).fill(2));
  });
});
