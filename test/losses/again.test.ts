// A call like the last one, on tensors, takes a short way: whatever the tensors are, it does what the long way does.
import { expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { code } from '../faults/caught.ts';
import { integer, random } from '../random.ts';

type Any = any;

/** Tensors of which many are like others, some lie over others, and one or the other is of another shape or dtype. */
function poolOf(F: Any): Any[] {
  const numbers = (n: number, k: number) =>
    Float32Array.from({ length: n }, (_, i) => ((i * 7 + k * 5) % 11) / 12);
  const own = Array.from({ length: 3 }, (_, k) => F.tensor(numbers(6, k)));
  const both = F.tensor(numbers(8, 3));
  return [
    ...own,
    F.attach(both.byteOffset, [6]),
    F.attach(both.byteOffset + 8, [6]),
    F.attach(own[0].byteOffset, [6]),
    F.tensor(numbers(5, 6)),
    F.tensor(Float64Array.from(numbers(6, 7))),
    F.tensor(numbers(6, 8), [2, 3]),
  ];
}

/** Ways of saying where a gradient goes; the last are wrong. */
const outs: readonly ((place: Any) => Any)[] = [
  (grad) => grad,
  (grad) => ({ grad }),
  (grad) => ({ grad }),
  (grad) => ({
    get grad() {
      return grad;
    },
  }),
  (grad) => ({ __proto__: null, grad }),
  (place) =>
    new (class {
      get grad() {
        return place;
      }
    })(),
  (target) => ({ grad: { target } }),
  (grad) => ({ grad, other: grad }),
  () => ({ grad: undefined }),
];

it.each(['mse', 'bceWithLogits'])('%s: the short way and the long way', (loss) => {
  const [F, G] = [loadSync(), loadSync()] as Any[];
  const pools = [poolOf(F), poolOf(G)];
  const r = random(11);
  const seen = new Map<string, number>();
  for (let i = 0; i < 4000; i++) {
    const near = integer(r, 3) > 0;
    const draw = () => integer(r, near ? 5 : pools[0].length);
    const [x, y, out] = [draw(), draw(), draw()];
    const operation = ['value', 'grad', 'valueAndGrad'][integer(r, 3)];
    const reduction = ['mean', 'sum', 'none'][integer(r, 5) % 3];
    const form = integer(r, near ? 5 : outs.length);
    const wrt = [undefined, undefined, 'input', 'target', ['target']][integer(r, near ? 2 : 5)];
    const results = [F, G].map((f, side) => {
      const pool = pools[side];
      // what has been between two calls makes the second one go the long way
      if (f === G) G[loss]([1], [1]);
      const of = f[loss];
      const run = () =>
        operation === 'value'
          ? of(pool[x], pool[y], reduction === 'none' ? { reduction, out: pool[out] } : { reduction })
          : of[operation](pool[x], pool[y], { reduction: 'sum', wrt, out: outs[form](pool[out]) });
      let result: Any;
      const failed = code(() => {
        result = run();
      });
      return [
        failed,
        result?.value ?? result?.data ?? result,
        pool.map((t) => (t.disposed ? 'gone' : [...t.data])),
      ];
    });
    expect(results[0]).toEqual(results[1]);
    const outcome = String(results[0][0]);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    const event = integer(r, 40);
    for (const [side, f] of [F, G].entries()) {
      const pool = pools[side];
      if (event === 0) pool[x].dispose();
      if (event === 1) pool.splice(0, pool.length, ...poolOf(f));
      if (event === 2 && f.memory.capacity < 2 ** 24) f.zeros([f.memory.capacity / 4]).dispose();
    }
    if (i % 200 === 0) for (const [side, f] of [F, G].entries()) pools[side].splice(0, 99, ...poolOf(f));
  }
  for (const outcome of ['nothing thrown', 'ERR_DISPOSED', 'ERR_OPTION', 'ERR_SHAPE', 'ERR_DTYPE'])
    expect([outcome, (seen.get(outcome) ?? 0) > 10]).toEqual([outcome, true]);
  for (const f of [F, G]) f.dispose();
});

it('an option of another name is another one, also with the same value', () => {
  const F = loadSync() as Any;
  const [x, t, weight] = [
    [1, 2, 5],
    [0, 0, 0],
    [0, 1, 3],
  ].map((list) => F.tensor(Float32Array.from(list)));
  // a mean divides by the sum of sample weights, and by the number of elements with weights
  for (let i = 0; i < 3; i++) {
    expect(F.mse(x, t, { weight })).toBeCloseTo(79 / 3);
    expect(F.mse(x, t, { sampleWeight: weight })).toBe(79 / 4);
  }
  expect(F.mse.grad(x, t, { gradOutput: 2 }).data[0]).toBeCloseTo(4 / 3);
  expect(F.mse.grad(x, t, { reduction: 'sum' }).data[0]).toBe(2);
  F.dispose();
});
