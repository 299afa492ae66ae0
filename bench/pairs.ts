// npm run bench:pairs: infoNce and ntxent at the sizes of batches, with one thread and two; written to bench/results/pairs.json.
import { load } from '../src/index.ts';
import { random } from '../test/random.ts';
import { Recorder } from './records.ts';

const ROUNDS = 20;

const recorder = new Recorder('pairs');
for (const backend of ['wasm', 'js'] as const)
  for (const threads of backend === 'wasm' ? [1, 2] : [1]) {
    const F = await load({ threads, backend });
    for (const [rows, features] of [
      [32, 384],
      [256, 512],
      [2048, 512],
    ]) {
      // half a minute a call
      if (backend === 'js' && rows > 1000) continue;
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
        'ntxent, value and gradient': () =>
          F.ntxent.valueAndGrad(a, labels, { out: { grad: out.grad.input } }),
      };
      await recorder.measure({ backend, threads, shape: [rows, features] }, calls, ROUNDS);
      for (const tensor of [a, b, labels, ...Object.values(out.grad)]) tensor.dispose();
    }
    F.dispose();
  }
recorder.write();
process.exit(0);
