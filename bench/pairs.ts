// npm run bench:pairs: infoNce and ntxent at the sizes of batches, with one thread and two. The least time of many calls, milliseconds.
import { load } from '../src/index.ts';
import { random } from '../test/random.ts';

const ROUNDS = 20;

/** Least time of a call. */
function least(call: () => unknown): number {
  let wall = Infinity;
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now();
    call();
    wall = Math.min(wall, performance.now() - start);
  }
  return wall;
}

for (const threads of [1, 2]) {
  const F = await load({ threads });
  for (const [rows, features] of [
    [32, 384],
    [256, 512],
    [2048, 512],
  ]) {
    const r = random(1);
    const drawn = () => {
      const tensor = F.zeros([rows, features]);
      tensor.data.forEach((_, i, data) => {
        data[i] = r() - 0.5;
      });
      return tensor;
    };
    const [a, b] = [drawn(), drawn()];
    const labels = F.tensor(Int32Array.from({ length: rows }, (_, i) => i >> 1));
    const wrt = ['input', 'target'] as const;
    const out = { grad: { input: F.zeros([rows, features]), target: F.zeros([rows, features]) } };
    const calls = {
      'infoNce, value': () => F.infoNce(a, b),
      'infoNce, both gradients': () => F.infoNce.valueAndGrad(a, b, { wrt, out }),
      'ntxent, value and gradient': () => F.ntxent.valueAndGrad(a, labels, { out: { grad: out.grad.input } }),
    };
    for (const [name, call] of Object.entries(calls))
      console.log(`${threads} threads, [${rows}, ${features}], ${name}: ${least(call).toFixed(2)} ms`);
    for (const tensor of [a, b, labels, ...Object.values(out.grad)]) tensor.dispose();
  }
  F.dispose();
}
