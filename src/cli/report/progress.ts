// How far a command has come: a bar on a terminal, elsewhere a line now and then.
import { SingleBar } from 'cli-progress';
import type { Progress } from '../data/source.ts';
import { counted } from './format.ts';

/** Milliseconds between lines. */
const EVERY = 10_000;

export interface Shown {
  show(progress: Progress, rows: number): void;
  stop(): void;
}

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export function progressOn(output: Output, now: () => number = Date.now): Shown {
  return output.isTTY ? bar(output) : lines(output, now);
}

function bar(output: Output): Shown {
  const line = new SingleBar({
    stream: output as NodeJS.WritableStream,
    format: '{bar} {percentage} % {rows} rows, {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 100,
  });
  let isStarted = false;
  return {
    show({ done, total }, rows) {
      // where nobody knows how much there is, a bar would never be full
      const payload = { rows: counted(rows) };
      if (!isStarted) line.start(total ?? 2 * done, done, payload);
      isStarted = true;
      if (total === undefined) line.setTotal(2 * done);
      line.update(done, payload);
    },
    stop() {
      if (isStarted) line.stop();
    },
  };
}

function lines(output: Output, now: () => number): Shown {
  const started = now();
  let last = started;
  return {
    show({ unit, done, total }, rows) {
      const time = now();
      if (time - last < EVERY) return;
      last = time;
      const read = unit === 'bytes' ? `, ${counted(done)} bytes` : '';
      const share = total === undefined || done === 0 ? undefined : done / total;
      const left =
        share === undefined
          ? ''
          : `, ${Math.floor(100 * share)} %, ${Math.round(((time - started) / 1000) * (1 / share - 1))} s left`;
      output.write(`${counted(rows)} rows${read}${left}\n`);
    },
    stop() {},
  };
}
