// The example worker's reader on its own: bytes cut exactly as told, which a network would not keep to.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readBinary, bytesOf as sizeOf } from '../../../examples/cloudflare-worker/src/binary.ts';
import { Budget } from '../../../examples/cloudflare-worker/src/budget.ts';
import { readJson } from '../../../examples/cloudflare-worker/src/json.ts';
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

describe('bodies that do not keep coming', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A body of which `given` comes and no more; it cannot even be given up. */
  const stalled = (given: Uint8Array = new Uint8Array(0)): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start: (controller) => controller.enqueue(given),
      cancel: () => new Promise(() => {}),
    });
  /** `bytes` every `ms`, on and on. */
  function dripping(bytes: number, ms: number): ReadableStream<Uint8Array> {
    let timer: ReturnType<typeof setInterval>;
    return new ReadableStream({
      start: (controller) => {
        timer = setInterval(() => controller.enqueue(new Uint8Array(bytes)), ms);
      },
      cancel: () => clearInterval(timer),
    });
  }
  const MOST = 2 ** 20;
  /** What becomes of a read after some time: undefined while it goes on. */
  async function outcomes(reads: Promise<unknown>[], seconds: number): Promise<unknown[]> {
    const all: unknown[] = reads.map(() => undefined);
    for (const [i, read] of reads.entries()) {
      read.then(
        () => (all[i] = 'read'),
        ({ status, code }) => (all[i] = `${status} ${code}`),
      );
    }
    await vi.advanceTimersByTimeAsync(1000 * seconds);
    return all;
  }
  const binary = (body: ReadableStream<Uint8Array>, rows: number, classes = 1) =>
    readBinary(body, rows, classes, new Summary(classes, {}));
  /** Whether as much as ever can be held: nothing else is. */
  async function expectFree(): Promise<void> {
    const reads = Array.from({ length: 8 }, () => binary(stalled(), MOST));
    const texts = Array.from({ length: 8 }, () => readJson(stalled()));
    expect(await outcomes([...reads, ...texts], 9)).toEqual(Array(16).fill(undefined));
    expect(await outcomes([binary(stalled(), 1), readJson(stalled())], 0)).toEqual(
      Array(2).fill('503 ERR_BUSY'),
    );
    expect(await outcomes([...reads, ...texts], 2)).toEqual(Array(16).fill('408 ERR_TIMEOUT'));
  }

  it('a body that stops is given up, wherever it stops, and what it held is free', async () => {
    const bytes = bytesOf(batchOf(1, 100, 3));
    for (const length of [0, 1, 399, 400, 401, 411, 412, 500, bytes.length - 1]) {
      const reads = [
        binary(stalled(bytes.subarray(0, length)), 100, 3),
        readJson(stalled(new TextEncoder().encode('{ "logits": ['))),
      ];
      expect(await outcomes(reads, 9.9)).toEqual([undefined, undefined]);
      expect(await outcomes(reads, 0.2)).toEqual(['408 ERR_TIMEOUT', '408 ERR_TIMEOUT']);
    }
    await expectFree();
  });

  it('so is one that is too slow, and no other', async () => {
    const drip = () => binary(dripping(1, 1000), MOST);
    const slow = () => binary(dripping(8000, 1000), MOST);
    const fast = () => binary(dripping(17_000, 1000), MOST);
    // a pause that others have made up for
    const rare = () => binary(dripping(200_000, 9000), MOST);
    const reads = [drip(), slow(), fast(), rare()];
    expect(await outcomes(reads, 9)).toEqual(Array(4).fill(undefined));
    expect(await outcomes(reads, 12)).toEqual(['408 ERR_TIMEOUT', '408 ERR_TIMEOUT', undefined, undefined]);
    // until all of the rows are there, whose labels are zeros, or the body is too long
    expect(await outcomes(reads.slice(2), 600)).toEqual(Array(2).fill('400 ERR_LENGTH'));
    await expectFree();
  });

  it('what a request held that was cut off is free when it would have been given up', () => {
    const budget = new Budget(100);
    const cutOff = budget.lease(60);
    cutOff.until = Date.now() + 1000;
    expect(() => budget.lease(60)).toThrow(/other batches take all/);
    vi.advanceTimersByTime(1001);
    const lease = budget.lease(60);
    // it may come back all the same
    cutOff.release();
    expect(() => budget.lease(60)).toThrow(/other batches take all/);
    lease.release();
    lease.release();
    budget.lease(100);
    expect(() => budget.lease(1)).toThrow(/other batches take all/);
  });

  it('whatever goes wrong with a body, nothing stays held', async () => {
    const broken = (given: Uint8Array) => {
      let turn = 0;
      return new ReadableStream<Uint8Array>({
        pull: (controller) => (turn++ === 0 ? controller.enqueue(given) : controller.error(undefined)),
      });
    };
    const batch = batchOf(1, 100, 3);
    const bytes = bytesOf(batch);
    const text = (value: string) => streamOf(new TextEncoder().encode(value), [5]);
    const wrong = bytes.slice();
    wrong[0] = 3;
    const reads = [
      ...[0, 1, 400, 500].map((length) => binary(broken(bytes.subarray(0, length)), 100, 3)),
      binary(streamOf(bytes, [7]), 101, 3),
      binary(streamOf(bytes, [7]), 99, 3),
      binary(streamOf(wrong, [7]), 100, 3),
      readJson(broken(new TextEncoder().encode('{'))),
      readJson(text('{')),
      readJson(text('[]')),
      readJson(streamOf(Uint8Array.of(0xff), [1])),
      readJson(streamOf(new Uint8Array(MOST + 1).fill(32), [65_536])),
      readJson(text('{}'), MOST + 1),
    ];
    expect(await outcomes(reads, 1)).toEqual([
      ...Array(4).fill('400 ERR_BODY'),
      ...['400 ERR_LENGTH', '400 ERR_LENGTH', 'undefined ERR_LABEL'],
      ...[
        '400 ERR_BODY',
        '400 ERR_JSON',
        '400 ERR_JSON',
        '400 ERR_JSON',
        '413 ERR_TOO_LARGE',
        '413 ERR_TOO_LARGE',
      ],
    ]);
    await expectFree();
  });
});
