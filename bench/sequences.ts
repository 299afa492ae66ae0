// npm run bench:sequences: ctc at the size of a small batch of speech, with one thread and two; written to
// bench/results/sequences.json.
import { load } from '../src/index.ts';
import { random } from '../test/random.ts';
import { Recorder } from './records.ts';

const FRAMES = 150;
const CLASSES = 80;
const LABELS = 30;
const ROUNDS = 60;

const recorder = new Recorder('sequences');
for (const backend of ['wasm', 'js'] as const)
  for (const threads of backend === 'wasm' ? [1, 2] : [1]) {
    const F = await load({ threads, backend });
    for (const sequences of [16, 64]) {
      const r = random(1);
      const shape = [FRAMES, sequences, CLASSES];
      const logits = F.zeros(shape);
      logits.data.forEach((_, i, data) => {
        data[i] = 4 * r() - 2;
      });
      const input = F.logSoftmax(logits, { axis: 2 });
      const out = F.zeros(shape);
      const target = F.zeros([sequences, LABELS], 'i32');
      target.data.forEach((_, i, data) => {
        data[i] = 1 + Math.floor(r() * (CLASSES - 1));
      });
      const lengths = (length: number) => F.tensor(new Int32Array(sequences).fill(length));
      const counts = [lengths(FRAMES), lengths(LABELS)] as const;
      const calls = {
        'ctc, value': () => F.ctc(input, target, ...counts),
        'ctc, value and gradient': () => F.ctc.valueAndGrad(input, target, ...counts, { out }),
        'ctc, value and gradient, of logits': () =>
          F.ctc.valueAndGrad(logits, target, ...counts, { out, fromLogits: true }),
      };
      await recorder.measure({ backend, threads, shape }, calls, ROUNDS);
      for (const tensor of [logits, input, out, target, ...counts]) tensor.dispose();
    }
    F.dispose();
  }
recorder.write();
process.exit(0);
