// Numbers of 16 bits: what every loss says of them is what it says of their f32s, to the bit; results are rounded once.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bitsOf, numberOf } from '../../src/half.ts';
import { loadSync } from '../../src/index.ts';
import { load as loadParts } from '../../src/parts/load.ts';
import { describeCase, makeCase, type Reduction } from '../differential/case.ts';
import { run } from '../differential/run.ts';
import { code } from '../faults/caught.ts';
import { backends, loaded, relaxed } from '../instances.ts';
import { both, helperNames } from '../parts/every.ts';
import { random } from '../random.ts';
import { lossNames } from '../rows/names.ts';
import { eager } from '../threads/eager.ts';
import { through } from './halves.ts';

type Any = any;
const kinds = ['f16', 'bf16'] as const;
const words = new Uint32Array(1);
const float = new Float32Array(words.buffer);
/** The same number, NaN of any bits. */
const same = (a: number, b: number): boolean => Object.is(a, b);

describe('in JavaScript', () => {
  it.each(kinds)('%s: each number is its own bits, and ties go to the even one', (kind) => {
    const last = kind === 'f16' ? 0x7bff : 0x7f7f;
    let wrong = 0;
    for (let b = 0; b < 65536; b++) {
      const x = numberOf(kind, b);
      if (Number.isNaN(x) !== (b & 0x7fff) > last + 1) wrong++;
      if (Number.isNaN(x)) continue;
      if (bitsOf(kind, x) !== b) wrong++;
      if ((b & 0x7fff) >= last) continue;
      const next = numberOf(kind, b + 1);
      const middle = (x + next) / 2;
      const s = Math.sign(next);
      const e = 2 ** -52 * Math.abs(middle);
      const near = [-e, 0, e].map((d) => bitsOf(kind, middle + s * d));
      if (near[0] !== b || near[1] !== b + (b % 2) || near[2] !== b + 1) wrong++;
    }
    expect(wrong).toBe(0);
    const [least, most] = [numberOf(kind, 1), numberOf(kind, last)];
    const beyond = most + (most - numberOf(kind, last - 1)) / 2;
    expect(
      [least / 2, -least / 2, beyond * (1 - 2 ** -52), beyond, 1e300, -Infinity].map((x) => bitsOf(kind, x)),
    ).toEqual([0, 0x8000, last, last + 1, last + 1, 0x8000 + last + 1]);
  });
});

describe.each(backends)('%s', (backend) => {
  const F = loaded[backend] as Any;

  it.each(kinds)('%s: all numbers become f32s, and f32s the nearest ones', (kind) => {
    F.scope(() => {
      const all = F.zeros([65536], kind);
      all.data.set(Uint16Array.from({ length: 65536 }, (_, b) => b));
      const wide = F.tensor(all, undefined, 'f32').data;
      let wrong = 0;
      for (let b = 0; b < 65536; b++) if (!same(wide[b], numberOf(kind, b))) wrong++;
      expect(wrong).toBe(0);
      // the gradient of l1 is what is handed down
      const r = random(16);
      const n = 2 ** 20;
      const x = F.zeros([n]);
      for (let i = 0; i < n; i++) {
        // any float; or one close to what lies between two
        words[0] = r() * 2 ** 32;
        if (i % 2) {
          float[0] = numberOf(kind, Math.floor(r() * 65536));
          words[0] += kind === 'f16' ? 0x1000 : 0x8000;
          words[0] += Math.floor(3 * r()) - 1;
        }
        x.data[i] = float[0];
      }
      const out = F.zeros([n], kind);
      F.l1.grad(F.tensor(new Float32Array(n).fill(1)), F.zeros([n]), {
        reduction: 'none',
        gradOutput: x,
        out,
      });
      for (let i = 0; i < n; i++) {
        const got = numberOf(kind, out.data[i]);
        if (!same(got, numberOf(kind, bitsOf(kind, x.data[i])))) wrong++;
      }
      expect(wrong).toBe(0);
    });
  });

  describe('every loss', () => {
    const seeds = Array.from({ length: backend === 'wasm' ? 400 : 150 }, (_, i) => i + 1);
    const pair = (seed: number) => [through(F, true, seed), through(F, false, seed)];

    it.each(lossNames)('%s', (loss) => {
      const reductions: Reduction[] = ['mean', 'sum', 'none'];
      let count = 0;
      for (const seed of seeds) {
        const c = makeCase(loss, reductions[seed % 3], seed);
        if (c.dtype === 'f64') continue;
        const [halves, floats] = pair(seed);
        const answer = (G: Any) => {
          try {
            return run(G, c);
          } catch (error) {
            return code(() => {
              throw error;
            });
          }
        };
        const want = answer(floats);
        if (typeof want !== 'string') count++;
        expect(answer(halves), describeCase(c)).toEqual(want);
      }
      expect(count).toBeGreaterThan(seeds.length / 4);
    });

    it.each([...helperNames, 'rowFigures'])('%s', (name) => {
      const r = random(3);
      for (const seed of seeds.slice(0, 60)) {
        const shape = [1 + (seed % 7), 1 + ((seed * 5) % 90)];
        const floats = (sizes: number[]) => ({
          data: Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => 8 * r() - 4),
          shape: sizes,
        });
        const x = floats(shape);
        const labels = Int32Array.from({ length: shape[0] }, () => Math.floor(shape[1] * r()));
        const second = name === 'rowFigures' ? labels : {};
        const out = seed % 2 && name !== 'rowFigures' && name !== 'logSumExp' ? { out: floats(shape) } : {};
        const go = floats(name === 'logSumExp' ? [shape[0]] : shape);
        const [a, b] = pair(seed).map((G) => [
          G[name](x, name === 'rowFigures' ? second : out),
          F[name].grad === undefined ? 0 : G[name].grad(x, go, out),
        ]);
        expect(a, `${name} ${seed}`).toEqual(b);
      }
    });
  });
});

describe('larger than a tile', () => {
  const r = random(5);
  const floats = (...shape: number[]): Any => ({
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 6 * r() - 3),
    shape,
  });
  const labels = (shape: number[], classes: number): Any => ({
    data: Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.floor(classes * r())),
    shape,
  });
  const calls: [string, string, Any[]][] = [
    ['elements', 'mse', [floats(700_001), floats(700_001)]],
    ['a broadcast third', 'gaussianNll', [floats(3, 200_000), floats(3, 200_000), floats(1, 200_000)]],
    ['rows', 'crossEntropy', [floats(701, 1000), labels([701], 1000)]],
    ['a row beyond a tile', 'crossEntropy', [floats(3, 400_000), labels([3], 400_000)]],
    ['a strided axis', 'crossEntropy', [floats(2, 7, 100_003), labels([2, 100_003], 7)]],
    ['probabilities on a strided axis', 'crossEntropy', [floats(2, 5, 70_001), floats(2, 5, 70_001)]],
    ['features', 'cosineDistance', [floats(900, 1000), floats(900, 1000)]],
    ['picked', 'nll', [floats(2, 7, 100_003), labels([2, 100_003], 7)]],
  ];
  const instances: [string, () => Promise<Any>][] = [
    ['one thread', async () => loaded.wasm],
    ...(relaxed ? [] : [['threads', async () => (await eager(3, 5)).F] as [string, () => Promise<Any>]]),
    ['js', async () => loaded.js],
  ];
  describe.each(instances)('%s', (_, instance) => {
    it.each(calls)('%s: %s', async (_, name, inputs) => {
      const F = await instance();
      for (const always of kinds)
        for (const asTensors of [false, true]) {
          const answers = [true, false].map((isHalf) =>
            F.scope(() => {
              const G = through(F, isHalf, 1, always);
              const own = inputs.map((x) => (asTensors ? G.tensor(x.data, x.shape) : x));
              const out = () =>
                asTensors
                  ? G.tensor(new Float32Array(inputs[0].data.length), inputs[0].shape)
                  : { ...inputs[0] };
              const step = G[name].prepare(...own, { compute: 'grad', out: out() });
              step();
              step();
              const digest = ({ data }: Any) => createHash('sha256').update(data).digest('hex');
              return [
                G[name](...own),
                digest(G[name].grad(...own)),
                digest(G[name].grad(...own, { out: out() })),
                digest(step.grad),
                digest(G[name].grad(...own, { out: own[0] })),
              ];
            }),
          );
          expect(answers[0], `${always} ${asTensors}`).toEqual(answers[1]);
        }
    });
  });
});

describe('what is said of them', () => {
  const F = loadSync() as Any;
  const bits = { data: Uint16Array.of(0x3c00, 0x4000), shape: [2], dtype: 'f16' };

  it('tensors', () => {
    const t = F.tensor([1, 2.0004883, 65520], [3], 'f16');
    expect(t.dtype).toBe('f16');
    expect([...t.data]).toEqual([0x3c00, 0x4000, 0x7c00]);
    expect(String(t)).toBe('Tensor f16 [3]: 1, 2, Infinity');
    expect(F.memory.liveTensors).toBe(1);
    expect([...F.tensor(t, undefined, 'bf16').data]).toEqual([0x3f80, 0x4000, 0x7f80]);
    expect([...F.tensor(t, undefined, 'f64').data]).toEqual([1, 2, Infinity]);
    expect([...F.tensor(bits).data]).toEqual([0x3c00, 0x4000]);
    expect(F.tensor(bits).dtype).toBe('f16');
    // once, not by way of an f32
    expect([...F.tensor(Float64Array.of(1 + 2 ** -11 + 2 ** -40), undefined, 'f16').data]).toEqual([0x3c01]);
    F.dispose();
  });

  it('results are f32, where none is given; f64 and labels are refused', () => {
    const G = loaded.wasm as Any;
    const grad = G.mse.grad(bits, Float32Array.of(0, 0));
    expect(grad.data).toEqual(Float32Array.of(1, 2));
    expect(code(() => G.mse(bits, Float64Array.of(0, 0)))).toBe('ERR_DTYPE');
    expect(code(() => G.mse.grad([1, 2], [0, 0], { out: bits }))).toBe('ERR_DTYPE');
    expect(code(() => G.mse({ ...bits, dtype: 'u16' }, [0, 0]))).toBe('ERR_DTYPE');
    // whatever a library calls them, their bits are no labels
    const one = { data: Uint16Array.of(0x3c00), shape: [1] };
    for (const type of ['float16', 'Float16', 'torch.float16', 'f16', 'numpy.float16'])
      expect(G.mse({ ...one, type }, [0]), type).toBe(1);
    for (const type of ['bfloat16', 'BFloat16', 'torch.bfloat16'])
      expect(G.mse({ ...one, data: Uint16Array.of(0x3f80), type }, [0]), type).toBe(1);
    expect(code(() => G.nll({ data: [0.5, 0.5], shape: [1, 2] }, { ...bits, shape: [1] }))).toBe('ERR_SHAPE');
    expect(code(() => G.crossEntropy(floats(2, 2), bits))).toBe('ERR_DTYPE');
    const gradOutput = { data: Uint16Array.of(0x4200), shape: [], dtype: 'f16' };
    expect(G.l1.grad(bits, [0, 0], { reduction: 'sum', gradOutput }).data).toEqual(Float32Array.of(3, 3));
  });
  const floats = (...shape: number[]): Any => ({ data: new Float32Array(shape[0] * shape[1]), shape });

  it('parts take them beside half alone', async () => {
    const { half } = (await import('../../src/parts/generated/half.ts')) as Any;
    const plain = (await loadParts({ losses: [both.mse] })) as Any;
    expect(code(() => plain.mse(bits, [0, 0]))).toBe('ERR_UNSUPPORTED');
    expect(code(() => plain.tensor([1], [1], 'f16'))).toBe('ERR_UNSUPPORTED');
    for (const backend of ['wasm', 'js'] as const) {
      const F = (await loadParts({ losses: [both.mse, half], backend })) as Any;
      expect(F.half).toBeUndefined();
      expect(F.mse(bits, [0, 0])).toBe(2.5);
      expect([...F.tensor([1], [1], 'f16').data]).toEqual([0x3c00]);
    }
  });
});
