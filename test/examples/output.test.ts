import { PassThrough } from 'node:stream';
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
