// What load() makes of `math: 'relaxed'`, in engines that have it and in those that don't.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { hasRelaxed } from '../../src/wasm/instantiate.ts';

const file = new URL('../../build/simdloss.relaxed.wasm', import.meta.url);
const x = Float32Array.of(0.25, -3, 8, 1);
const t = Float32Array.of(0, 1, 1, 0);

describe.runIf(hasRelaxed())('in an engine with relaxed SIMD', () => {
  it('is used where multiply-add is fused, and said so', async () => {
    const F = await load({ math: 'relaxed' });
    const { fused } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {
      env: { memory: new WebAssembly.Memory({ initial: 1 }) },
    }).exports as { fused(): number };
    expect(F.math).toBe(fused() ? 'relaxed' : 'deterministic');
    const G = await load();
    expect(F.bceWithLogits(x, t)).toBeCloseTo(G.bceWithLogits(x, t), 6);
  });

  it('is found in a given module', async () => {
    const F = await load({ module: file });
    expect(F.math).toBe((await load({ math: 'relaxed' })).math);
    expect(loadSync({ math: 'relaxed', module: readFileSync(file) }).math).toBe(F.math);
  });

  it('goes with threads', async () => {
    const F = await load({ math: 'relaxed', threads: 2 });
    const alone = await load({ math: 'relaxed' });
    expect([F.math, F.threads]).toEqual([alone.math, 2]);
    const many = Float32Array.from({ length: 1e5 }, (_, i) => Math.sin(i) * 7);
    const labels = many.map((v) => (v > 0 ? 1 : 0));
    const [a, b] = [F, alone].map((f) => f.bceWithLogits.valueAndGrad(many, labels));
    expect(a.value).toBe(b.value);
    expect(a.grad.data).toEqual(b.grad.data);
    F.dispose();
  });

  it('cannot be had at once without its module', () => {
    expect(() => loadSync({ math: 'relaxed' })).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
  });
});

describe.runIf(!hasRelaxed())('in an engine without relaxed SIMD', () => {
  it('the deterministic module is used', async () => {
    expect((await load({ math: 'relaxed' })).math).toBe('deterministic');
    expect(loadSync({ math: 'relaxed' }).math).toBe('deterministic');
  });

  it('the relaxed module is refused', async () => {
    await expect(load({ module: file })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
  });
});
