import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { startProgress } from '../../examples/train/progress.ts';
import { groups, head } from '../../examples/train/summary.ts';
import { formatTable, WIDTH, wrap } from '../../examples/train/table.ts';

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
  expect(text()).toBe('title 8 steps  loss 8.0000 → 4.0000 → 0.1250\n');
});

test.each([false, true])('progress fits a terminal (%s), with the longest names', (isTTY) => {
  const { stream, text } = record(isTTY);
  const progress = startProgress(stream, `${'bceWithLogits'.padEnd(14)} ${'breast cancer'.padEnd(14)}`, 4000);
  for (const step of [0, 1000, 2000, 3000]) progress.step(step, 0.5);
  progress.done(0.25);
  // back to the line's start
  const lines = text().replaceAll('\u001b[1G', '\n').split('\n').map(stripVTControlCharacters);
  expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(50);
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(WIDTH);
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

test('each group of columns fits a terminal, with the longest that there is', () => {
  const longest = [
    'bceWithLogits',
    'breast cancer',
    '0.8374',
    '0.5509',
    'MAE 44.4 points',
    '2.4e-12',
    '21882.00',
    '116043.00',
    '100.0x',
    '3.5e-10',
  ];
  expect(longest).toHaveLength(head.length);
  expect(new Set(groups.flatMap(({ columns }) => [...columns]))).toEqual(new Set(head));
  for (const { columns, names } of groups) {
    const row = columns.map((column) => longest[head.indexOf(column)]);
    for (const line of formatTable(columns, [row], names).split('\n'))
      expect(line.length).toBeLessThanOrEqual(WIDTH);
  }
});

test('text is wrapped where a terminal ends', () => {
  const text = `name          ${'words of a note '.repeat(20)}`;
  const lines = wrap(text, 14).split('\n');
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {14}\S/);
  expect(
    lines
      .map((line) => line.trim())
      .join(' ')
      .replaceAll(/\s+/g, ' '),
  ).toBe(text.trim().replaceAll(/\s+/g, ' '));
});
