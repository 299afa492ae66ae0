// One record serves all calls of a loss: calls made during a call must not disturb it, and nothing stays in it.
import { describe, expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { backends } from '../instances.ts';
import { heapAfterGc } from '../soak/gauge.ts';
import { code } from './caught.ts';

type Any = any;
const wave = (n: number, step: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(step * i));

describe.each(backends)('%s', (backend) => {
  const F = loadSync({ backend }) as Any;
  const x = F.tensor(wave(12, 1), [4, 3]);
  const labels = F.tensor(Int32Array.of(0, 1, 2, 1));
  const weight = wave(3, 0.3).map((w) => 1 + w);
  /** The same loss, with other options, shapes, dtypes and results. */
  const again = (): void => {
    const y = { data: Float64Array.from(wave(70, 2)), shape: [1, 70] };
    F.crossEntropy(y, [69], { labelSmoothing: 0.5, reduction: 'sum' });
    F.crossEntropy.valueAndGrad(y, y, { reduction: 'none' });
    code(() => F.crossEntropy(y, [70], { ignoreIndex: 3, weight: y }));
    code(() => F.crossEntropy(y, [70], { weight: Float64Array.from(wave(70, 1)) }));
    code(() => F.crossEntropy(y, [1], { reduction: 'sum', axis: 9 }));
  };
  const withGetters = (options: Any, run: () => void): Any =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.keys(options).map((name) => [
          name,
          {
            enumerable: true,
            get: () => {
              run();
              return options[name];
            },
          },
        ]),
      ),
    );

  it.each([
    {},
    { labelSmoothing: 0.1 },
    { weight, ignoreIndex: 1, reduction: 'sum' },
    { sampleWeight: wave(4, 0.2), gradOutput: 3 },
  ])('the same loss called by getters of %o', (options) => {
    const want = F.crossEntropy.valueAndGrad(x, labels, options);
    const out = F.zeros([4, 3]);
    const got = F.crossEntropy.valueAndGrad(
      x,
      withGetters({ data: labels.data, shape: [4] }, again),
      withGetters({ ...options, out: withGetters({ grad: out }, again) }, again),
    );
    expect(got.value).toBe(want.value);
    expect(got.grad).toBe(out);
    expect(out.data).toEqual(want.grad.data);
    // and nothing of it is left for the next call
    expect(F.crossEntropy(x, labels)).toBe(
      loadSync({ backend }).crossEntropy({ data: x.data, shape: [4, 3] }, [0, 1, 2, 1]),
    );
    for (const tensor of [want.grad, out]) tensor.dispose();
  });

  it('options of one call do not reach the next', () => {
    const plain = [F.crossEntropy(x, labels), F.huber(x, F.zeros([4, 3]))];
    F.crossEntropy(x, labels, {
      labelSmoothing: 0.2,
      weight,
      ignoreIndex: 0,
      allIgnored: 'zero',
      reduction: 'sum',
    });
    code(() => F.crossEntropy(x, labels, { reduction: 'sum', labelSmoothing: 0.3, nothing: 1 }));
    F.huber(x, F.zeros([4, 3]), { delta: 0.01, reduction: 'sum' });
    expect([F.crossEntropy(x, labels), F.huber(x, F.zeros([4, 3]))]).toEqual(plain);
  });

  it('a tensor of another instance in one call does not stand for one of this instance in the next', () => {
    const G = loadSync({ backend }) as Any;
    const y = G.tensor(wave(12, 3), [4, 3]);
    const plain = F.mse(x, x);
    expect(F.mse(y, x)).toBeGreaterThan(0);
    expect(F.mse(x, x)).toBe(plain);
  });

  it('keeps nothing of a call, whether it went through or threw', () => {
    const refs: WeakRef<object>[] = [];
    const watch = <T extends object>(object: T): T => {
      refs.push(new WeakRef(object));
      return object;
    };
    const calls = (): void => {
      const data = () => watch({ data: watch(wave(12, 1)), shape: watch([4, 3]) });
      const options = () =>
        watch({ out: data(), weight: watch(wave(3, 0)), gradOutput: 2, wrt: watch(['input']) });
      F.crossEntropy(data(), watch(Int32Array.of(0, 1, 2, 0)));
      F.crossEntropy.grad(data(), watch([0, 1, 2, 0]), { ...options(), out: watch({ input: data() }) });
      F.crossEntropy.valueAndGrad(data(), labels, {
        reduction: 'none',
        out: watch({ value: watch(wave(4, 1)) }),
      });
      F.crossEntropy.grad(data(), data());
      code(() => F.crossEntropy(data(), watch([0, 1, 2, 3])));
      code(() => F.crossEntropy(data(), watch([0, 1, 2, 3]), { weight: data() }));
      code(() => F.crossEntropy.grad(data(), labels, { ...options(), gradOutput: data() }));
      code(() => F.crossEntropy.grad(data(), labels, { out: data(), sampleWeight: data() }));
      F.mse(data(), data(), { weight: data(), sampleWeight: data() });
    };
    calls();
    return new Promise<void>((done) => {
      // a WeakRef holds on to its object until the present job ends
      setTimeout(() => {
        heapAfterGc();
        expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([]);
        done();
      });
    });
  });
});
