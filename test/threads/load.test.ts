// What load() makes of `threads`, and of memories that others share.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { kernels } from '../../src/losses/registry.ts';
import { inlineModule } from '../../src/wasm/generated/inline.ts';
import { costOf } from '../../src/wasm/parts.ts';
import { withSharedMemory } from '../../src/wasm/shared.ts';
import { eager } from './eager.ts';

const N = 512;
const C = 400;
const logits = Float32Array.from({ length: N * C }, (_, i) => Math.sin(i * 1.7) * 5);
const labels = Int32Array.from({ length: N }, (_, i) => (i * 37) % C);
const input = { data: logits, shape: [N, C] };
const alone = await load();
const wanted = alone.crossEntropy(input, labels);
const shared = (pages = 64) => new WebAssembly.Memory({ initial: pages, maximum: 1024, shared: true });

describe('load', () => {
  it('says how many threads there are, on a memory that is shared', async () => {
    const F = await load({ threads: 3 });
    expect([F.threads, F.backend, F.math]).toEqual([3, 'wasm', 'deterministic']);
    expect(F.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(F.crossEntropy(input, labels)).toBe(wanted);
    F.dispose();
  });

  it('"auto" takes the processors, eight at most', async () => {
    const F = await load({ threads: 'auto' });
    expect(F.threads).toBeGreaterThanOrEqual(1);
    expect(F.threads).toBeLessThanOrEqual(8);
    F.dispose();
  });

  it('takes the module in every form that can be made shared', async () => {
    const bytes = inlineModule();
    const compiled = new WebAssembly.Module(withSharedMemory(bytes));
    const response = new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
    const file = new URL('../../build/simdloss.wasm', import.meta.url);
    for (const module of [bytes, bytes.buffer, compiled, response, file]) {
      const F = await load({ threads: 2, module });
      expect(F.crossEntropy(input, labels)).toBe(wanted);
      F.dispose();
    }
    const module = new WebAssembly.Module(bytes);
    await expect(load({ threads: 2, module })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    for (const F of [await load({ threads: 'auto', module }), loadSync({ threads: 'auto', module })]) {
      expect([F.threads, F.crossEntropy(input, labels)]).toEqual([1, wanted]);
    }
  });

  it('loadSync: the workers come when they can', () => {
    const F = loadSync({ threads: 2 });
    expect(F.threads).toBe(2);
    expect(F.crossEntropy(input, labels)).toBe(wanted);
    F.dispose();
  });

  it('threads are not for the js backend, nor for a memory that is not shared', async () => {
    await expect(load({ threads: 2, backend: 'js' })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    expect((await load({ threads: 'auto', backend: 'js' })).threads).toBe(1);
    const memory = { memory: new WebAssembly.Memory({ initial: 8 }), base: 0, size: 2 ** 19 };
    await expect(load({ threads: 2, memory })).rejects.toMatchObject({ code: 'ERR_OPTION' });
    expect((await load({ threads: 'auto', memory })).threads).toBe(1);
  });

  it('two instances, one with threads, on regions of one shared memory', async () => {
    const memory = shared();
    const size = memory.buffer.byteLength / 2;
    const F = await load({ threads: 2, memory: { memory, base: 0, size } });
    const G = await load({ memory: { memory, base: size, size } });
    const x = F.tensor(logits, [N, C]);
    const t = F.tensor(labels);
    // G reads what F holds, without a copy
    expect(G.crossEntropy(G.attach(x.byteOffset, [N, C]), G.attach(t.byteOffset, [N], 'i32'))).toBe(wanted);
    expect(F.crossEntropy(x, t)).toBe(wanted);
    F.dispose();
    G.dispose();
  });

  it('works inside a worker, whose messages stay its own', async () => {
    const url = new URL('../../dist/index.js', import.meta.url).href;
    const source = `
      import { parentPort } from 'node:worker_threads';
      import { load } from ${JSON.stringify(url)};
      parentPort.once('message', async ({ data, labels, shape }) => {
        const F = await load({ threads: 2 });
        parentPort.postMessage([F.threads, F.crossEntropy({ data, shape }, labels)]);
        F.dispose();
      });`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const answer = new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    worker.postMessage({ data: logits, labels, shape: [N, C] });
    expect(await answer).toEqual([2, wanted]);
    await worker.terminate();
  });
});

it('a process ends by itself while its workers are parked', async () => {
  const url = new URL('../../dist/index.js', import.meta.url).href;
  const script = `
    import { load } from ${JSON.stringify(url)};
    const F = await load({ threads: 3 });
    const x = { data: new Float32Array(${N * C}), shape: [${N}, ${C}] };
    console.log(F.threads, F.crossEntropy(x, new Int32Array(${N})).toFixed(6));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    timeout: 60_000,
  });
  expect(stdout.trim()).toBe(`3 ${Math.log(C).toFixed(6)}`);
});

/** Where the section that begins at `at` ends. */
function endOf(module: Uint8Array, at: number): number {
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = module[++at];
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return at + 1 + size;
  }
}

describe('a module for a shared memory', () => {
  const bytes = inlineModule();
  const instantiate = (module: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory) =>
    new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } });

  it('differs in the type of its import alone', () => {
    const module = withSharedMemory(bytes);
    expect(() => instantiate(bytes, shared())).toThrow(WebAssembly.LinkError);
    expect(() => instantiate(module, new WebAssembly.Memory({ initial: 1 }))).toThrow(WebAssembly.LinkError);
    instantiate(module, shared());
    expect(module.length - bytes.length).toBe(3);
    // all after the import section, the second one, is as it was
    const end = endOf(bytes, endOf(bytes, 8));
    const tail = Buffer.from(bytes.subarray(end));
    expect(Buffer.from(module).indexOf(tail)).toBe(end + 3);
  });

  it('stays as it is where it is one already', () => {
    const module = withSharedMemory(bytes);
    expect(withSharedMemory(module)).toEqual(module);
  });

  it('is not made of something else', () => {
    // (module), and (module (import "a" "b" (func)))
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    const other = Uint8Array.of(...empty, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0);
    for (const module of [empty, other, Uint8Array.of(1, 2, 3)]) {
      expect(() => withSharedMemory(module)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
    }
  });
});

describe('calls', () => {
  it('of every kernel can be cut', async () => {
    const memory = shared();
    const instance = new WebAssembly.Instance(new WebAssembly.Module(withSharedMemory(inlineModule())), {
      env: { memory },
    });
    const names = Object.keys(instance.exports).filter(
      (name) => !/^(prepass|addBlocks|addRows|unbroadcast|widen|narrow|fused|abi$)/.test(name),
    );
    for (const { name, loops } of kernels) {
      for (const loop of loops) expect(names).toContain(`${name}_${loop}_f32`);
    }
    expect(names.filter((name) => costOf(name) === undefined)).toEqual([]);
  });

  it('are cut by kernel and shape alone, and short ones are not', async () => {
    const F = await load({ threads: 2 });
    const few = { data: logits.subarray(0, 8 * C), shape: [8, C] };
    const before = F.memory.bytesInUse;
    F.crossEntropy(few, labels.subarray(0, 8));
    expect(F.memory.bytesInUse).toBe(before);
    // a cut call leaves room for its partial sums behind, the next one takes the same
    F.crossEntropy(input, labels);
    const after = F.memory.bytesInUse;
    expect(after).toBeGreaterThan(before);
    for (let i = 0; i < 20; i++) F.crossEntropy(input, labels);
    expect(F.memory.bytesInUse).toBe(after);
    F.dispose();
  });

  it('go on while the memory grows', async () => {
    const { F, memory } = await eager(3, 16);
    const x = F.tensor(logits, [N, C]);
    const t = F.tensor(labels);
    const step = F.crossEntropy.prepare(x, t, { compute: 'value' });
    for (let i = 0; i < 40; i++) {
      F.zeros([100_000]);
      expect(step()).toBe(wanted);
      expect(F.crossEntropy(x, t)).toBe(wanted);
    }
    expect(memory.buffer.byteLength).toBeGreaterThan(16e6);
    F.dispose();
  });

  it('hold to the pre-pass: a bad label is refused before anything is written', async () => {
    const { F } = await eager(2, 16);
    const bad = Int32Array.from(labels);
    bad[N - 1] = C;
    const out = new Float32Array(N * C).fill(7);
    expect(() => F.crossEntropy.grad(input, bad, { out: { data: out, shape: [N, C] } })).toThrow(
      expect.objectContaining({ code: 'ERR_LABEL' }),
    );
    expect(out.every((g) => g === 7)).toBe(true);
    F.dispose();
  });
});

it("the package's worker stands alone, so that it can be copied to where a page may load it from", () => {
  const worker = readFileSync(new URL('../../dist/worker.js', import.meta.url), 'utf8');
  expect(worker).not.toMatch(/\b(import|export)\b(?!\.meta)/);
  expect(worker).toContain('Atomics.wait');
});
