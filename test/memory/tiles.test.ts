// Ordinary arrays that take more than a tile go through the memory tile by tile: the bits of tensors, little memory, nothing left.
import { afterAll, describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { drawOf } from '../draws/index.ts';
import { code } from '../faults/caught.ts';
import { arrayOf, dtypes } from '../instances.ts';
import { difference } from '../losses/bits.ts';
import {
  axisOption,
  gradientsOf,
  isClassLoss,
  isOfRows,
  isOfSets,
  inputsOf as largeInputsOf,
  setsOf,
  sizeOf,
  thirdShape,
} from '../losses/inputs.ts';
import { isProjection, lossOf, rolesOf } from '../losses/roles.ts';
import { asTensors } from '../mutants/tensors.ts';
import { integer, random } from '../random.ts';
import { allRows, separateRows } from '../rows/index.ts';
import type { Variant } from '../rows/row.ts';

type Any = any;
const TILE = 2 ** 20;
/** Call record, working space of sums, a row's rest. */
const SLACK = 2 ** 16;

const F = loadSync() as Any;
const threaded = (await load({ threads: 2 })) as Any;
afterAll(() => threaded.dispose());
const instances: [string, Any][] = [
  ['one thread', F],
  ['two threads', threaded],
];

/** Shapes whose operands take more than a tile, and which of their axes has classes. */
const classShapes: { shape: number[]; axis?: number; bytes?: number }[] = [
  { shape: [3000, 100] },
  { shape: [70_001, 3] },
  { shape: [150_001, 2] },
  { shape: [300, 1001] },
  // a row that is larger than a tile
  { shape: [3, 300_001], bytes: 300_001 * 8 * 4 },
  // whole slices, and ranges of their positions
  { shape: [41, 7, 700] },
  { shape: [2, 5, 70_001] },
  // the loop itself has three tiles of 16 rows
  { shape: [2, 70_001, 5], bytes: 70_001 * (3 * 64 + 16) },
  { shape: [1, 3, 300, 333], axis: 1 },
  { shape: [90_001, 3], axis: 0, bytes: 90_001 * (3 * 64 + 16) },
];
const elementShapes = [[90_001], [300_000], [301, 307]];
const featureShapes = [
  [3000, 100],
  [50_001, 8],
  [300, 1001],
  [3, 300_001],
  [41, 7, 700],
  [2, 70_001, 5],
];

const isOfFeatures = (row: Any): boolean => isOfRows(row) && !isClassLoss(row);

function shapesOf(row: Any): { shape: number[]; axis?: number; bytes?: number }[] {
  if (isClassLoss(row)) return classShapes;
  if (!isOfFeatures(row)) return elementShapes.map((shape) => ({ shape }));
  // of sets of labels a tile is at least a block of rows, of input, target and gradient, and the loop has a tile of its own
  const perClass = (rows: number): number => (isOfSets(row) ? Math.min(rows, 1024) * 3 * 4 + 3 * 64 : 6 * 8);
  return featureShapes.map((shape) => {
    const classes = shape[shape.length - 1];
    return { shape, bytes: perClass(sizeOf(shape) / classes) * classes };
  });
}

function inputsOf(
  row: Any,
  dtype: (typeof dtypes)[number],
  shape: readonly number[],
  axis: number,
  soft: boolean,
): Any {
  const r = random(shape[0] + shape.length);
  const make = (n: number, draw: () => number): Any =>
    (arrayOf[dtype] as Float32ArrayConstructor).from({ length: n }, () => Math.fround(draw()));
  const n = shape.reduce((a, b) => a * b, 1);
  const terms = isOfRows(row) ? shape.filter((_, i) => i !== axis) : shape;
  const count = terms.reduce((a, b) => a * b, 1);
  const input = { data: make(n, () => row.input(r)), shape };
  const canIgnore = 'ignoreIndex' in registry[row.loss as keyof typeof registry].options;
  const target =
    isClassLoss(row) && !soft
      ? {
          data: Int32Array.from({ length: count }, () =>
            canIgnore && r() < 0.1 ? -100 : integer(r, shape[axis]),
          ),
          shape: terms,
        }
      : isOfSets(row)
        ? setsOf(r, shape)
        : { data: make(n, () => row.target(r)), shape };
  const sampleWeight = { data: make(count, () => (r() < 0.1 ? 0 : 0.5 + r())), shape: terms };
  const weight = isClassLoss(row)
    ? { data: make(shape[axis], () => 0.5 + r()), shape: [shape[axis]] }
    : { data: make(shape[shape.length - 1], () => 0.5 + r()), shape: [shape[shape.length - 1]] };
  const gradOutput = { data: make(count, () => r() - 0.5), shape: terms };
  const dims = row.third && thirdShape(row, shape, terms);
  const third = dims && { data: make(sizeOf(dims), () => row.third(r)), shape: dims };
  return { input, target, sampleWeight, weight, gradOutput, third };
}

function expectSame(got: Any, want: Any, what: string): void {
  if (typeof got === 'number') expect(got, what).toBe(want);
  else expect(difference(got, want), what).toBe('');
}

/** Value and gradients, as plain arrays. */
function resultsOf(G: Any, loss: Any, x: Any, t: Any, options: Any): Any[] {
  return G.scope(() => {
    const { value, grad } = loss.valueAndGrad(x, t, options);
    const grads = Array.isArray(options.wrt) ? Object.values(grad) : [grad];
    return [value, ...grads].map((v: Any) => (typeof v === 'number' ? v : v.data.slice()));
  });
}

/** What goes through the memory in tiles: products, and losses of more than their rows, are there as a whole. */
const cut = separateRows.filter(({ loss }) => !isProjection(loss));
const whole = allRows.filter((row) => !cut.includes(row));

describe.each(instances)('%s', (_, G) => {
  describe.each(cut)('$loss', (row) => {
    const shapes = shapesOf(row);
    it.each(dtypes)('%s: the bits of tensors', (dtype) => {
      const loss = lossOf(G, row.loss);
      const takesWeight = 'weight' in registry[row.loss].options;
      for (const {
        shape,
        axis = isClassLoss(row) ? 1 : isOfRows(row) ? shape.length - 1 : 0,
        bytes = 0,
      } of shapes as typeof classShapes) {
        for (const soft of isClassLoss(row) && row.loss === 'crossEntropy' ? [false, true] : [false]) {
          const all = inputsOf(row, dtype, shape, axis, soft);
          const { input, target, third } = all;
          const isIndex = isClassLoss(row) && !soft;
          for (const [reduction, extra] of [
            ['mean', {}],
            ['mean', { sampleWeight: all.sampleWeight, ...(takesWeight && { weight: all.weight }) }],
            ['none', { gradOutput: all.gradOutput }],
          ] as const) {
            const options = {
              ...(isOfRows(row) && axisOption(row, axis)),
              reduction,
              ...extra,
              ...(third && { third }),
              wrt: isIndex ? 'input' : rolesOf(row.loss),
            };
            const what = `${shape} ${axis} ${soft} ${reduction} ${Object.keys(extra)}`;
            const before = G.memory.bytesInUse;
            const got = resultsOf(G, loss, input, target, options);
            if (G === F) expect(G.memory.bytesInUse, what).toBe(before);
            const want = G.scope(() => {
              const here = (a: Any) => a && G.tensor(a.data, a.shape);
              const own: Any = { ...options };
              for (const name of ['sampleWeight', 'weight', 'gradOutput', 'third'])
                if (own[name]) own[name] = here(own[name]);
              return resultsOf(G, loss, here(input), here(target), own);
            });
            for (const k of got.keys()) expectSame(got[k], want[k], `${what} result ${k}`);
            // a mixture: the input in the memory, the rest outside it
            const mixed = G.scope(() => resultsOf(G, loss, G.tensor(input.data, shape), target, options));
            for (const k of want.keys()) expectSame(mixed[k], want[k], `${what} mixed result ${k}`);
            if (bytes > 0) continue;
            const step = loss.prepare(input, target, { ...options, compute: 'valueAndGrad' });
            const value = step();
            expectSame(typeof value === 'number' ? value : value.data, want[0], `${what} prepared`);
            step.dispose();
            if (G === F) expect(G.memory.bytesInUse, what).toBe(before);
          }
        }
      }
    });
  });
});

describe.each(instances)('%s, as a whole', (_, G) => {
  it.each(whole)('$loss', (row) => {
    const variant: Variant = {
      title: 'large',
      shape: drawOf(row.loss)?.large ?? [300, 1001],
      options: row.variants[0].options,
      ...(isProjection(row.loss) && { tensors: { third: [7, 1001] } }),
    };
    for (const dtype of dtypes) {
      const inputs = largeInputsOf(row, variant, dtype);
      const wrt = gradientsOf(row, variant);
      const loss = lossOf(G, row.loss);
      for (const reduction of ['mean', 'none']) {
        const { input, target, options } = inputs;
        const before = G.memory.bytesInUse;
        const got = resultsOf(G, loss, input, target, { ...options, reduction, wrt });
        if (G === F) expect(G.memory.bytesInUse).toBe(before);
        const want = G.scope(() => {
          const { x, t, own } = asTensors(G, inputs);
          return resultsOf(G, loss, x, t, { ...own, reduction, wrt });
        });
        for (const k of want.keys()) expectSame(got[k], want[k], `${dtype} ${reduction} result ${k}`);
      }
    }
  });
});

describe('memory', () => {
  it.each(cut)('$loss takes a tile, or a row', (row) => {
    const shapes = shapesOf(row);
    for (const {
      shape,
      axis = isClassLoss(row) ? 1 : isOfRows(row) ? shape.length - 1 : 0,
      bytes = 0,
    } of shapes as typeof classShapes) {
      const own = loadSync() as Any;
      const { input, target, third } = inputsOf(row, 'f32', shape, axis, false);
      const before = own.memory.highWaterMark;
      lossOf(own, row.loss).valueAndGrad(input, target, {
        ...(isOfRows(row) && axisOption(row, axis)),
        ...(third && { third }),
        out: { grad: { data: new Float32Array(input.data.length), shape } },
      });
      expect(own.memory.highWaterMark - before, String(shape)).toBeLessThan(Math.max(TILE, bytes) + SLACK);
    }
  });

  it('a region too small for a tile: smaller tiles', () => {
    const memory = new WebAssembly.Memory({ initial: 8, maximum: 8 });
    const own = loadSync({ memory: { memory, base: 0, size: 8 * 65536 } } as Any) as Any;
    const x = Float32Array.from({ length: 500_000 }, (_, i) => Math.sin(i));
    const zeros = new Float32Array(x.length);
    expect(own.mse.valueAndGrad(x, zeros)).toEqual(F.mse.valueAndGrad(x, zeros));
    expect(code(() => own.mse.valueAndGrad(own.zeros([1]), zeros))).toBe('ERR_SHAPE');
  });

  it('a bad label of the last tile is seen before anything is written', () => {
    const shape = [3000, 100];
    const labels = new Int32Array(3000).fill(7);
    labels[2999] = 100;
    const x = new Float32Array(300_000);
    const grad = new Float32Array(x.length).fill(-7);
    for (const call of [F.crossEntropy.grad, F.crossEntropy.valueAndGrad]) {
      let message = '';
      try {
        call({ data: x, shape }, labels, {
          out: call === F.crossEntropy.grad ? { data: grad, shape } : { grad: { data: grad, shape } },
        });
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/2999/);
      expect(grad.every((g) => g === -7)).toBe(true);
    }
  });

  it('in place', () => {
    for (const n of [300_000, 300_001]) {
      const x = Float32Array.from({ length: n }, (_, i) => Math.sin(i));
      const t = new Float32Array(n).fill(0.25);
      const want = F.huber.grad(x, t).data;
      F.huber.grad(x, t, { out: x });
      expectSame(x, want, 'in place');
    }
  });
});
