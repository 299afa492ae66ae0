// npm run bench:sets: dice at the size of segmentation maps, with one thread and two, beside cross entropy with probabilities;
// written to bench/results/sets.json.
import { load } from '../src/index.ts';
import { random } from '../test/random.ts';
import { elementsOf } from './cases.ts';
import { Recorder } from './records.ts';

const ROUNDS = 20;
const SHAPES = [
  { shape: [1, 21, 512, 512], axis: 1 },
  { shape: [1, 512, 512, 21], axis: -1 },
  { shape: [8, 512, 512, 1], axis: -1 },
] as const;

const recorder = new Recorder('sets');
for (const backend of ['wasm', 'js'] as const)
  for (const threads of backend === 'wasm' ? [1, 2] : [1]) {
    const F = await load({ threads, backend });
    for (const { shape, axis } of SHAPES) {
      const n = elementsOf(shape);
      const r = random(1);
      const drawn = (draw: () => number) => F.tensor(Float32Array.from({ length: n }, draw), [...shape]);
      const input = drawn(() => 8 * r() - 4);
      const chances = drawn(r);
      const target = drawn(() => Number(r() < 0.2));
      const out = F.zeros([...shape]);
      const dice = (fromLogits: 'softmax' | 'sigmoid' | false) => {
        const x = fromLogits ? input : chances;
        const name = fromLogits || 'probabilities';
        return {
          [`dice, ${name}, value`]: () => F.dice(x, target, { fromLogits, axis }),
          [`dice, ${name}, value and gradient`]: () =>
            F.dice.valueAndGrad(x, target, { fromLogits, axis, out }),
        };
      };
      const calls = {
        ...dice('softmax'),
        ...dice('sigmoid'),
        ...dice(false),
        'cross entropy, value': () => F.crossEntropy(input, target, { axis }),
        'cross entropy, value and gradient': () => F.crossEntropy.valueAndGrad(input, target, { axis, out }),
      };
      await recorder.measure({ backend, threads, shape }, calls, ROUNDS);
      for (const tensor of [input, chances, target, out]) tensor.dispose();
    }
    F.dispose();
  }
recorder.write();
process.exit(0);
