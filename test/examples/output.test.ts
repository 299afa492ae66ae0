import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startProgress } from '../../examples/train/progress.ts';
import { formatTable } from '../../examples/train/table.ts';

function record(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => String(stream.read() ?? '') };
}

function play(stream: NodeJS.WriteStream): void {
  const progress = startProgress(stream, 'title', 8);
  for (let step = 0; step < 8; step++) progress.step(step, 8 - step);
  progress.done(0.125);
}

test('off a terminal, progress is one plain line', () => {
  const { stream, text } = record(false);
  play(stream);
  expect(text()).toBe('title 8 steps  loss 8.0000 → 6.0000 → 4.0000 → 2.0000 → 0.1250\n');
});

test('on a terminal, progress is a bar that ends full', () => {
  const { stream, text } = record(true);
  play(stream);
  expect(text()).toContain('title [==============================] 8/8 steps  loss 0.1250');
});

test('a table aligns names to the left and numbers to the right', () => {
  const rows = [
    ['l1', '0.5'],
    ['crossEntropy', '12.25'],
  ];
  expect(formatTable(['loss', 'value'], rows, 1).split('\n')).toEqual([
    'loss          value',
    '------------  -----',
    'l1              0.5',
    'crossEntropy  12.25',
  ]);
});

// through the package's own name, as a reader would run it: needs `npm run build`
test('the example of the README runs and prints its numbers', () => {
  const file = fileURLToPath(new URL('../../examples/node/readme.ts', import.meta.url));
  const printed = execFileSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8' });
  const numbers = printed.match(/-?\d+\.\d+/g)!.map(Number);
  // the mean, four rows, three slopes, the smoothed mean, the loss after a hundred steps
  expect(numbers).toHaveLength(10);
  const [mean, ...rest] = numbers;
  expect(mean).toBeCloseTo(0.416065, 5);
  expect(rest.slice(0, 4).reduce((sum, row) => sum + row / 4, 0)).toBeCloseTo(mean, 6);
  expect(rest.slice(4, 7).reduce((sum, slope) => sum + slope, 0)).toBeCloseTo(0, 6);
  expect(rest[7]).toBeCloseTo(0.561065, 5);
  expect(rest[8]).toBeLessThan(0.1 * mean);
});
