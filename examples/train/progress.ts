// How far a training run is: a bar on a terminal, plain lines elsewhere (a log full of bars helps nobody).
import { SingleBar } from 'cli-progress';
import { WIDTH } from './table.ts';

export interface Progress {
  step(step: number, loss: number): void;
  done(loss: number): void;
}

export function startProgress(stream: NodeJS.WriteStream, title: string, steps: number): Progress {
  return stream.isTTY ? bar(stream, title, steps) : lines(stream, title, steps);
}

/** What stands beside title and bar: 4000/4000 steps, and a loss. */
const BESIDE = '[] 4000/4000 steps  loss 0.1250 '.length;

function bar(stream: NodeJS.WriteStream, title: string, steps: number): Progress {
  const progress = new SingleBar({
    stream,
    format: `${title} [{bar}] {value}/{total} steps  loss {loss}`,
    barsize: Math.min(30, WIDTH - title.length - BESIDE),
    barCompleteChar: '=',
    barIncompleteChar: '-',
    hideCursor: true,
  });
  progress.start(steps, 0, { loss: '' });
  return {
    step: (step, loss) => progress.update(step, { loss: loss.toFixed(4) }),
    done(loss) {
      progress.update(steps, { loss: loss.toFixed(4) });
      progress.stop();
    },
  };
}

function lines(stream: NodeJS.WriteStream, title: string, steps: number): Progress {
  const half = Math.ceil(steps / 2);
  const parts: string[] = [];
  return {
    step(step, loss) {
      if (step % half === 0) parts.push(loss.toFixed(4));
    },
    done(loss) {
      stream.write(`${title} ${steps} steps  loss ${[...parts, loss.toFixed(4)].join(' → ')}\n`);
    },
  };
}
