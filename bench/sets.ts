// npm run bench:sets: dice at the size of segmentation maps, with one thread and two, beside cross entropy with probabilities. The
// least wall and CPU time of many calls, nanoseconds an element, as neither knows of what else the machine does.
import { load } from '../src/index.ts';
import { random } from '../test/random.ts';
import { elementsOf } from './cases.ts';

const ROUNDS = 20;
const SHAPES = [
  { shape: [1, 21, 512, 512], axis: 1 },
  { shape: [1, 512, 512, 21], axis: -1 },
  { shape: [8, 512, 512, 1], axis: -1 },
] as const;

/** Least wall and CPU time of a call, ns. */
function least(call: () => unknown): readonly number[] {
  let [wall, cpu] = [Infinity, Infinity];
  for (let i = 0; i < ROUNDS; i++) {
    const before = process.cpuUsage();
    const start = performance.now();
    call();
    wall = Math.min(wall, (performance.now() - start) * 1e6);
    const { user, system } = process.cpuUsage(before);
    cpu = Math.min(cpu, (user + system) * 1000);
  }
  return [wall, cpu];
}

for (const backend of ['wasm', 'js'] as const)
  for (const threads of backend === 'wasm' ? [1, 2] : [1]) {
    const F = await load({ threads, backend });
    for (const { shape, axis } of SHAPES) {
      const n = elementsOf(shape);
      const r = random(1);
      const input = F.tensor(
        Float32Array.from({ length: n }, () => 8 * r() - 4),
        [...shape],
      );
      const chances = F.tensor(Float32Array.from({ length: n }, r), [...shape]);
      const target = F.tensor(
        Float32Array.from({ length: n }, () => Number(r() < 0.2)),
        [...shape],
      );
      const out = F.zeros([...shape]);
      const dice = (fromLogits: 'softmax' | 'sigmoid' | false) => {
        const x = fromLogits ? input : chances;
        return {
          value: () => F.dice(x, target, { fromLogits, axis }),
          'value and gradient': () => F.dice.valueAndGrad(x, target, { fromLogits, axis, out }),
        };
      };
      const losses = {
        'dice, softmax': dice('softmax'),
        'dice, sigmoid': dice('sigmoid'),
        'dice, probabilities': dice(false),
        'cross entropy': {
          value: () => F.crossEntropy(input, target, { axis }),
          'value and gradient': () => F.crossEntropy.valueAndGrad(input, target, { axis, out }),
        },
      };
      for (const [loss, calls] of Object.entries(losses))
        for (const [name, call] of Object.entries(calls)) {
          const [wall, cpu] = least(call).map((time) => (time / n).toFixed(2));
          console.log(
            `${backend}, ${threads} threads, [${shape}], ${loss}, ${name}: ${wall} ns, ${cpu} ns of CPU an element`,
          );
        }
      for (const tensor of [input, chances, target, out]) tensor.dispose();
    }
    F.dispose();
  }
