// The example worker's reader on its own: bytes cut exactly as told, which a network would not keep to.
import { describe, expect, it } from 'vitest';
import { readBinary, bytesOf as sizeOf } from '../../../examples/cloudflare-worker/src/binary.ts';
import { Summary } from '../../../examples/cloudflare-worker/src/summary.ts';
import { load } from '../../../src/index.ts';
import { type Answer, atOnce, type Batch, batchOf, bytesOf, difference } from './batch.ts';

const F = await load();

/** Chunks of these sizes, again and again; `ended` is told whether the body was given up. */
function streamOf(bytes: Uint8Array, sizes: readonly number[], ended?: (early: boolean) => void) {
  let at = 0;
  let turn = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at === bytes.length) {
        controller.close();
        ended?.(false);
        return;
      }
      const end = Math.min(at + sizes[turn++ % sizes.length], bytes.length);
      controller.enqueue(bytes.slice(at, end));
      at = end;
    },
    cancel: () => ended?.(true),
  });
}

async function answerOf(batch: Batch, sizes: readonly number[]): Promise<Answer> {
  const summary = new Summary(batch.classes, {});
  await readBinary(streamOf(bytesOf(batch), sizes), batch.rows, batch.classes, summary);
  return JSON.parse(JSON.stringify(summary.answer()));
}

describe.each([
  [1, 1],
  [7, 1],
  [5, 3],
  [300, 10],
  [3, 16_384],
  [9, 16_384],
])('%i rows in %i classes', (rows, classes) => {
  const batch = batchOf(rows + classes, rows, classes);
  const whole = sizeOf(rows, classes);

  it('the answer has the same bits for every cut', async () => {
    const wanted = await answerOf(batch, [whole]);
    expect(difference(wanted, atOnce(F, batch))).toBeLessThan(3e-7);
    const row = 4 * classes;
    const cuts = [
      [row],
      [row - 1],
      [row + 1],
      [1, row],
      [4 * rows, whole],
      [4 * rows + 1, 3],
      [whole - 1, 1],
      [0, 977],
    ];
    if (whole < 20_000) cuts.push([1], [2, 3], [4]);
    for (const sizes of cuts) {
      expect(await answerOf(batch, sizes), String(sizes)).toEqual(wanted);
    }
  });
});

it('many at a time, a turn each', async () => {
  const batches = Array.from({ length: 20 }, (_, i) => batchOf(i, 50 + i, [3, 10, 100][i % 3]));
  const alone = [];
  for (const batch of batches) alone.push(await answerOf(batch, [100_000]));
  expect(await Promise.all(batches.map((batch, i) => answerOf(batch, [11 + i, 64])))).toEqual(alone);
});

it('a body is given up where it goes wrong', async () => {
  const batch = batchOf(1, 100, 3);
  batch.labels[3] = 3;
  let early: boolean | undefined;
  const body = streamOf(bytesOf(batch), [500], (given) => {
    early = given;
  });
  await expect(readBinary(body, 100, 3, new Summary(3, {}))).rejects.toMatchObject({ code: 'ERR_LABEL' });
  expect(early).toBe(true);
});

it('a body that breaks off is ERR_BODY', async () => {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('gone')) });
  await expect(readBinary(body, 4, 3, new Summary(3, {}))).rejects.toMatchObject({
    status: 400,
    code: 'ERR_BODY',
  });
});
