// Strided class axes that are too long for a tile: rows are brought together, and working space stays at a row of all operands and
// 1 MB. Each row has the bits that it has alone, in one piece.
import { describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { integer, random } from '../random.ts';

type Any = any;
type Floats = Float32Array | Float64Array;
const MB = 2 ** 20;
const F = loadSync() as Any;
const J = loadSync({ backend: 'js' }) as Any;
const arrays = { f32: Float32Array, f64: Float64Array };

/** [outer, classes, inner] as [outer × inner, classes]. */
function together(data: Floats, [outer, classes, inner]: readonly number[]): Floats {
  const rows = data.slice();
  for (let o = 0, at = 0; o < outer; o++)
    for (let c = 0; c < classes; c++)
      for (let i = 0; i < inner; i++) rows[(o * inner + i) * classes + c] = data[at++];
  return rows;
}

const bytes = ({ buffer, byteOffset, byteLength }: Floats) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
/** Whether numbers or arrays have the same bits: a matcher takes seconds for as many elements. */
const same = (a: Any, b: Any): boolean =>
  typeof a === 'number' ? Object.is(a, b) : bytes(a.data ?? a).equals(bytes(b.data ?? b));

const forms: Record<string, { soft: boolean; options: object; weighted?: boolean }> = {
  'index targets': { soft: false, options: {} },
  'index targets, weighted': { soft: false, options: { ignoreIndex: 3 }, weighted: true },
  smoothed: { soft: false, options: { labelSmoothing: 0.1 } },
  'probability targets': { soft: true, options: {} },
};
const shapes = [
  [2, 5462, 3],
  [1, 5463, 40],
  [1, 140_000, 2],
];

describe.each(['f32', 'f64'] as const)('%s', (dtype) => {
  const make = arrays[dtype] as typeof Float32Array;
  it.each(Object.entries(forms))('%s: as rows in one piece', (name, { soft, options, weighted }) => {
    const r = random(name.length);
    for (const shape of shapes) {
      const [outer, classes, inner] = shape;
      const rows = outer * inner;
      const data = make.from({ length: rows * classes }, () => r() * 12 - 6);
      const flat = { data: together(data, shape), shape: [rows, classes] };
      const labels = Int32Array.from({ length: rows }, (_, i) => (i % 5 === 4 ? 3 : integer(r, classes)));
      const t = soft ? make.from({ length: rows * classes }, () => r() / classes) : data;
      const target = soft ? { data: t, shape } : { data: labels, shape: [outer, inner] };
      const flatTarget = soft ? { data: together(t, shape), shape: [rows, classes] } : labels;
      const weight = weighted === true ? make.from({ length: classes }, r) : undefined;
      const sampleWeight = make.from({ length: rows }, (_: unknown, i: number) =>
        i % 3 === 1 ? 0 : 0.5 + r(),
      );
      const reduction = (['mean', 'sum', 'none'] as const)[integer(r, 3)];
      const all = { ...options, weight, reduction };
      const ours = { ...all, sampleWeight: { data: sampleWeight, shape: [outer, inner] } };
      const theirs = { ...all, sampleWeight };
      const how = `${shape}, ${reduction}`;
      const got = F.crossEntropy.valueAndGrad({ data, shape }, target, ours);
      const want = F.crossEntropy.valueAndGrad(flat, flatTarget, theirs);
      expect(same(got.value, want.value), how).toBe(true);
      expect(same(together(got.grad.data, shape), want.grad), how).toBe(true);
      const { hess } = F.crossEntropy.gradAndHess({ data, shape }, target, ours);
      const second = F.crossEntropy.gradAndHess(flat, flatTarget, theirs);
      expect(same(together(hess.data, shape), second.hess), how).toBe(true);
      if (soft) {
        const wrt = ['input', 'target'];
        const a = F.crossEntropy.grad({ data, shape }, target, { ...ours, wrt });
        const b = F.crossEntropy.grad(flat, flatTarget, { ...theirs, wrt });
        expect(same(together(a.target.data, shape), b.target), how).toBe(true);
        expect(same(together(a.input.data, shape), b.input), how).toBe(true);
      }
      // as a step on tensors, in place
      const x = F.tensor({ data, shape });
      const step = F.crossEntropy.prepare(x, target, { ...ours, out: { grad: x } });
      expect(same(step(), want.value), how).toBe(true);
      expect(same(together(x.data, shape), want.grad), how).toBe(true);
      step.dispose();
      x.dispose();
    }
  });

  it('softmax and the like', () => {
    const shape = [2, 7001, 3];
    const r = random(71);
    const data = make.from({ length: 2 * 7001 * 3 }, () => r() * 9 - 4);
    const flat = { data: together(data, shape), shape: [6, 7001] };
    for (const name of ['softmax', 'logSoftmax', 'logSumExp']) {
      const got = F[name]({ data, shape }, { axis: 1 }).data;
      expect(same(name === 'logSumExp' ? got : together(got, shape), F[name](flat)), name).toBe(true);
    }
    const up = { data: make.from({ length: 6 }, r), shape: [2, 3] };
    const grad = F.logSumExp.grad({ data, shape }, up).data;
    expect(same(together(grad, shape), F.logSumExp.grad(flat, { ...up, shape: [6] }))).toBe(true);
  });
});

it('with threads, and on js', async () => {
  const T = (await load({ threads: 2 })) as Any;
  const shape = [1, 20_000, 30];
  const r = random(5);
  const x = { data: Float32Array.from({ length: 600_000 }, () => r() * 9), shape };
  const labels = { data: Int32Array.from({ length: 30 }, () => integer(r, 20_000)), shape: [1, 30] };
  const want = F.crossEntropy.valueAndGrad(x, labels);
  for (let i = 0; i < 3; i++) {
    const { value, grad } = T.crossEntropy.valueAndGrad(x, labels);
    expect([value, same(grad, want.grad)]).toEqual([want.value, true]);
  }
  expect(J.crossEntropy(x, labels)).toBeCloseTo(want.value, 5);
  T.dispose();
});

it('working space: a row of all operands and 1 MB', () => {
  for (const soft of [false, true]) {
    for (const shape of [
      [1, 2 ** 20, 2],
      [1, 2 ** 16, 8],
      [3, 6000, 5],
      [1, 5400, 5],
    ]) {
      const [outer, classes, inner] = shape;
      const G = loadSync() as Any;
      const x = G.tensor(shape);
      const grad = G.tensor(shape);
      const labels = { data: new Int32Array(outer * inner), shape: [outer, inner] };
      const target = G.tensor(soft ? { data: x.data, shape } : labels);
      const before = G.memory.bytesInUse;
      const { value } = G.crossEntropy.valueAndGrad(x, target, { reduction: 'sum', out: { grad } });
      expect(value).toBeCloseTo(soft ? 0 : outer * inner * Math.log(classes), 1);
      const operands = soft ? 3 : 2;
      expect(G.memory.highWaterMark - before).toBeLessThan(4 * operands * classes + 1.1 * MB);
      G.dispose();
    }
  }
});
