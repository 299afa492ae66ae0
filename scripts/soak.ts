// Does anything stay behind? 1e6 calls a loss and backend: neither linear memory nor the JS heap may grow. 1e4
// instances loaded and disposed: after warming up the resident set grows by at most 2 % (the engine may give pages back,
// so that it shrinks).
//   npx tsx scripts/soak.ts [--calls N] [--loads N]
// Ends with status 1 where something grew.
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { load } from '../src/index.ts';
import { backends } from '../test/instances.ts';
import { booksOf, soakCalls } from '../test/soak/calls.ts';
import { heapAfterGc } from '../test/soak/gauge.ts';
import { loadOnce } from '../test/soak/loads.ts';

const { values } = parseArgs({ options: { calls: { type: 'string' }, loads: { type: 'string' } } });
const calls = Number(values.calls ?? 1e6);
const loads = Number(values.loads ?? 1e4);
if (!(calls >= 1 && loads >= 0)) throw new Error('--calls and --loads take numbers');

const WARM = 20_000;
const CHUNK = 5000;
const MOST_HEAP = 128 * 1024;
const MOST_RSS = 0.02;

let grew = false;
function report(what: string, good: boolean): void {
  console.log(`${good ? 'ok  ' : 'GREW'} ${what}`);
  grew ||= !good;
}

async function cycle(count: number): Promise<void> {
  const bar = new SingleBar({
    format: 'load and dispose {bar} {value} of {total}, {eta_formatted}',
    clearOnComplete: true,
  });
  bar.start(count, 0);
  for (let i = 0; i < count; i++) {
    await loadOnce();
    // memories live outside the heap: the collector does not see how much they take
    if (i % 100 === 0) {
      heapAfterGc();
      bar.update(i);
    }
  }
  bar.stop();
  heapAfterGc();
}

// first, before the calls have made the heap large
if (loads > 0) {
  await cycle(Math.ceil(loads / 2));
  const before = process.memoryUsage.rss();
  await cycle(loads);
  const change = process.memoryUsage.rss() / before - 1;
  const text = `${(100 * change).toFixed(2)} % of ${(before / 2 ** 20).toFixed(0)} MB`;
  report(`${loads} instances: resident set ${text}`, change <= MOST_RSS);
}
for (const backend of backends) {
  const F = await load({ backend });
  const all = soakCalls(F);
  for (const { run } of all) for (let i = 0; i < WARM; i++) run(i);
  for (const { name, run } of all) {
    const books = booksOf(F);
    const heap = heapAfterGc();
    const bar = new SingleBar({
      format: `${backend} ${name} {bar} {value} of {total}, {eta_formatted}`,
      clearOnComplete: true,
    });
    bar.start(calls, 0);
    for (let i = 0; i < calls; i++) {
      run(i);
      if (i % CHUNK === 0) bar.update(i);
    }
    bar.stop();
    const more = heapAfterGc() - heap;
    report(
      `${backend} ${name}: ${calls} calls, heap ${more} bytes`,
      booksOf(F) === books && more < MOST_HEAP,
    );
  }
  F.dispose();
}

process.exitCode = grew ? 1 : 0;
