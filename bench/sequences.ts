// npm run bench:sequences: ctc at the size of a small batch of speech, with one thread and two. The least wall and CPU time of many
// calls, milliseconds, as neither knows of what else the machine does.
import { load } from '../src/index.ts';
import { random } from '../test/random.ts';

const FRAMES = 150;
const CLASSES = 80;
const LABELS = 30;
const ROUNDS = 60;

/** Least wall and CPU time of a call. */
function least(call: () => unknown): [wall: number, cpu: number] {
  let [wall, cpu] = [Infinity, Infinity];
  for (let i = 0; i < ROUNDS; i++) {
    const before = process.cpuUsage();
    const start = performance.now();
    call();
    wall = Math.min(wall, performance.now() - start);
    const { user, system } = process.cpuUsage(before);
    cpu = Math.min(cpu, (user + system) / 1000);
  }
  return [wall, cpu];
}

for (const threads of [1, 2]) {
  const F = await load({ threads });
  for (const sequences of [16, 64]) {
    const r = random(1);
    const logits = F.zeros([FRAMES, sequences, CLASSES]);
    logits.data.forEach((_, i, data) => {
      data[i] = 4 * r() - 2;
    });
    const input = F.logSoftmax(logits, { axis: 2 });
    const out = F.zeros([FRAMES, sequences, CLASSES]);
    const target = F.zeros([sequences, LABELS], 'i32');
    target.data.forEach((_, i, data) => {
      data[i] = 1 + Math.floor(r() * (CLASSES - 1));
    });
    const lengths = (length: number) => F.tensor(new Int32Array(sequences).fill(length));
    const counts = [lengths(FRAMES), lengths(LABELS)] as const;
    const calls = {
      value: () => F.ctc(input, target, ...counts),
      'value and gradient': () => F.ctc.valueAndGrad(input, target, ...counts, { out }),
      'of logits': () => F.ctc.valueAndGrad(logits, target, ...counts, { out, fromLogits: true }),
    };
    for (const [name, call] of Object.entries(calls)) {
      const [wall, cpu] = least(call);
      console.log(
        `${threads} threads, ${sequences} sequences, ${name}: ${wall.toFixed(2)} ms, ${cpu.toFixed(2)} ms of CPU`,
      );
    }
  }
  F.dispose();
}
