// The wasm backend's linear memory: views, growth, regions, attach, exhaustion.
import { describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { code } from '../faults/caught.ts';

const codeOf = async (p: Promise<unknown>): Promise<string> =>
  p.then(
    () => 'nothing thrown',
    (error) => error.code ?? String(error),
  );

describe('views', () => {
  it('are zero-copy, both ways', async () => {
    const F = await load();
    const t = F.zeros([3]);
    const bytes = new Float32Array(F.memory.buffer as ArrayBuffer, t.byteOffset, 3);
    t.data[1] = 5;
    expect(bytes[1]).toBe(5);
    bytes[2] = 6;
    expect(t.data[2]).toBe(6);
    expect(t.byteOffset % 64).toBe(0);
  });

  it('a typed array over this memory is used in place', async () => {
    const F = await load();
    const t = F.zeros([8]);
    const view = t.data.subarray(1, 5);
    view.set([1, 2, 3, 4]);
    const before = F.memory.highWaterMark;
    const out = t.data.subarray(5, 8);
    F.mse.grad(view.subarray(0, 3), new Float32Array(3), { out, reduction: 'sum' });
    expect([...t.data]).toEqual([0, 1, 2, 3, 4, 2, 4, 6]);
    // only the target was staged
    expect(F.memory.highWaterMark - before).toBeLessThanOrEqual(128);
  });
});

describe('growth', () => {
  it('detaches views and harms nothing else', async () => {
    const F = await load({ memory: { initial: 1 } });
    const x = F.tensor(Float32Array.of(1, 2, 3));
    const labels = F.tensor(Uint8Array.of(0, 2));
    const logits = F.tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const captured = x.data;
    const array = { data: Float32Array.of(4, 4, 4), shape: [3] };
    const step = F.mse.prepare(x, array);
    const classes = F.crossEntropy.prepare(logits, labels);
    const [first, firstLoss] = [step(), classes()];
    const large = F.zeros([1 << 20]);
    expect(captured.length).toBe(0);
    expect([...x.data]).toEqual([1, 2, 3]);
    expect(step()).toBe(first);
    expect(classes()).toBe(firstLoss);
    array.data[0] = 1;
    expect(step()).toBe(5 / 3);
    labels.data[1] = 3;
    expect(code(classes)).toBe('ERR_LABEL');
    large.dispose();
    expect(F.crossEntropy(logits, Int32Array.of(0, 2))).toBe(firstLoss);
  });

  it('within a call: operands that lie in the memory are still found', async () => {
    for (const elements of [1 << 16, 1 << 18]) {
      const F = await load({ memory: { initial: 1 } });
      const t = F.zeros([4]);
      const large = new Float32Array(elements).fill(2);
      t.data.set([2, 2, 2, 2]);
      // a raw view of the memory as weight, while staging the inputs makes it grow
      expect(F.mse(large, new Float32Array(elements), { weight: t.data.subarray(0, 1) })).toBe(8);
      expect(F.tensor(t.data).length).toBe(4);
    }
  });

  it('a result that needs growth', async () => {
    const F = await load({ memory: { initial: 1 } });
    const x = F.zeros([12000]);
    x.data.fill(3);
    expect((F.mse.grad(x, x.data, { reduction: 'none' }).data as Float32Array).every((g) => g === 0)).toBe(
      true,
    );
    expect(F.memory.capacity).toBeGreaterThan(65536);
  });
});

describe('exhaustion', () => {
  it('is ERR_MEMORY and leaves everything usable', async () => {
    const F = await load({ memory: { initial: 1, maximum: 2 } });
    const x = F.tensor(Float32Array.of(1, 2, 3, 4));
    const used = F.memory.bytesInUse;
    expect(code(() => F.zeros([1 << 20]))).toBe('ERR_MEMORY');
    expect(code(() => F.zeros([2 ** 32]))).toBe('ERR_MEMORY');
    const big = new Float32Array(20000);
    expect(code(() => F.l1(big, big))).toBe('ERR_MEMORY');
    expect(code(() => F.l1.prepare(big, big))).toBe('ERR_MEMORY');
    expect(code(() => F.crossEntropy.grad({ data: big, shape: [10, 2000] }, new Int32Array(10)))).toBe(
      'ERR_MEMORY',
    );
    expect(F.memory.bytesInUse).toBe(used);
    expect(F.mse(x, x)).toBe(0);
    const most = F.zeros([Math.floor((F.memory.capacity - used - 128) / 4)]);
    most.dispose();
    expect(F.memory.bytesInUse).toBe(used);
  });

  it('a memory too small for the working space', async () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    expect(await codeOf(load({ memory: { memory, base: 0, size: 4096 } }))).toBe('ERR_MEMORY');
  });
});

describe('regions', () => {
  it('two instances in one memory do not disturb each other', async () => {
    const memory = new WebAssembly.Memory({ initial: 4 });
    const half = 2 * 65536;
    const F = await load({ memory: { memory, base: 0, size: half } });
    const G = await load({ memory: { memory, base: half, size: half } });
    const H = await load();
    const make = (L: typeof F, seed: number) => {
      const x = L.tensor(
        Float32Array.from({ length: 700 }, (_, i) => Math.sin(seed * i)),
        [70, 10],
      );
      return { L, x, t: L.tensor(Int32Array.from({ length: 70 }, (_, i) => (i * seed) % 10)) };
    };
    const [f, g] = [make(F, 3), make(G, 7)];
    const [hf, hg] = [make(H, 3), make(H, 7)];
    const steps = [f, g].map(({ L, x, t }) => L.crossEntropy.prepare(x, t));
    const alone = [hf, hg].map(({ L, x, t }) => L.crossEntropy.valueAndGrad(x, t));
    for (let i = 0; i < 3; i++) {
      for (const k of [0, 1]) {
        expect(steps[k]()).toBe(alone[k].value);
        expect(steps[k].grad.data).toEqual(alone[k].grad.data);
      }
    }
    expect(f.x.byteOffset + f.x.length * 4).toBeLessThanOrEqual(half);
    expect(g.x.byteOffset).toBeGreaterThanOrEqual(half);
    // a region cannot grow
    expect(code(() => F.zeros([half]))).toBe('ERR_MEMORY');
    F.dispose();
    expect(steps[1]()).toBe(alone[1].value);
  });

  it('may start and end anywhere', async () => {
    const memory = new WebAssembly.Memory({ initial: 3 });
    const whole = new Uint8Array(memory.buffer);
    whole.fill(0xa5);
    const [base, size] = [1001, 100_003];
    const F = await load({ memory: { memory, base, size } });
    F.scope(() => {
      const x = F.zeros([3, 100]);
      F.crossEntropy.valueAndGrad(x, Int32Array.of(1, 2, 3));
      F.mse.valueAndGrad(new Float32Array(999), new Float32Array(999));
    });
    expect(code(() => F.zeros([size]))).toBe('ERR_MEMORY');
    expect(whole.subarray(0, base).every((b) => b === 0xa5)).toBe(true);
    expect(whole.subarray(base + size).every((b) => b === 0xa5)).toBe(true);
  });
});

describe('attach', () => {
  it('is a tensor over bytes that someone else wrote', async () => {
    const memory = new WebAssembly.Memory({ initial: 3 });
    const base = 65536;
    const F = await load({ memory: { memory, base, size: 2 * 65536 } });
    new Float32Array(memory.buffer, 20, 3).set([1, 2, 3]);
    const x = F.attach(20, [3]);
    expect([x.dtype, [...x.data], x.byteOffset]).toEqual(['f32', [1, 2, 3], 20]);
    expect(F.mse(x, new Float32Array(3))).toBe(14 / 3);
    F.mse.grad(x, new Float32Array(3), { out: x, reduction: 'sum' });
    expect([...new Float32Array(memory.buffer, 20, 3)]).toEqual([2, 4, 6]);
    const used = F.memory.bytesInUse;
    x.dispose();
    expect(F.memory.bytesInUse).toBe(used);
    expect(code(() => F.attach(3, [1]))).toBe('ERR_OPTION');
    expect(code(() => F.attach(-4, [1]))).toBe('ERR_OPTION');
    expect(code(() => F.attach(3 * 65536 - 4, [2]))).toBe('ERR_SHAPE');
    expect(F.attach(3 * 65536 - 8, [1], 'f64').length).toBe(1);
    const G = await load({ backend: 'js' });
    expect(code(() => G.attach(0, [1]))).toBe('ERR_UNSUPPORTED');
  });
});

describe('loading', () => {
  it('takes modules, bytes and responses', async () => {
    const { readFileSync } = await import('node:fs');
    const url = new URL('../../build/simdloss.wasm', import.meta.url);
    const bytes = readFileSync(url);
    const module = new WebAssembly.Module(bytes);
    const response = () => new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
    for (const source of [
      module,
      bytes,
      new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      response(),
      url,
      url.href,
    ]) {
      const F = await load({ module: source });
      expect(F.l1(Float32Array.of(1), Float32Array.of(3))).toBe(2);
    }
    expect(loadSync({ module }).l1(Float32Array.of(1), Float32Array.of(3))).toBe(2);
    expect(loadSync({ module: bytes }).backend).toBe('wasm');
    expect(loadSync().l1(Float32Array.of(1), Float32Array.of(3))).toBe(2);
    expect(loadSync({ backend: 'js' }).l1(Float32Array.of(1), Float32Array.of(3))).toBe(2);
  });

  it('says what is in use', async () => {
    const F = await load();
    expect([F.backend, F.math, F.threads]).toEqual(['wasm', 'deterministic', 1]);
    const G = await load({ backend: 'js' });
    expect([G.backend, G.math, G.threads, G.memory.buffer]).toEqual(['js', 'deterministic', 1, undefined]);
  });

  it('refuses what it does not know', async () => {
    const any = load as (options: unknown) => Promise<unknown>;
    expect(await codeOf(any({ backend: 'gpu' }))).toBe('ERR_OPTION');
    expect(await codeOf(any({ backed: 'js' }))).toBe('ERR_OPTION');
    expect(await codeOf(any({ threads: 0 }))).toBe('ERR_OPTION');
    expect(await codeOf(any({ threads: 1.5 }))).toBe('ERR_OPTION');
    expect(await codeOf(any({ math: 'fast' }))).toBe('ERR_OPTION');
    expect(await codeOf(any({ memory: 3 }))).toBe('ERR_TYPE');
    expect(await codeOf(any({ memory: { initial: -1 } }))).toBe('ERR_OPTION');
    expect(await codeOf(any({ memory: { pages: 1 } }))).toBe('ERR_OPTION');
    expect(await codeOf(any({ memory: { memory: 3, base: 0, size: 1 } }))).toBe('ERR_TYPE');
    expect(await codeOf(any({ module: Uint8Array.of(1, 2, 3) }))).toBe('ERR_OPTION');
    expect(await codeOf(any(null))).toBe('ERR_TYPE');
    expect(await codeOf(any({ backend: 'js', memory: { initial: 1 } }))).toBe('ERR_OPTION');
  });

  it('instances share nothing', async () => {
    const F = await load();
    const G = await load();
    F.zeros([10]);
    expect([F.memory.liveTensors, G.memory.liveTensors]).toEqual([1, 0]);
    expect(F.memory.buffer).not.toBe(G.memory.buffer);
  });
});
