import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));

export interface Run {
  /** The first failure, or undefined where all passed. */
  readonly failed?: string;
  readonly hung: boolean;
  /** Ended by a signal that did not come from here: says nothing. */
  readonly interrupted: boolean;
  /** The longest silence, in ms. */
  readonly silence: number;
  /** Every line that was said. */
  readonly lines: readonly string[];
}

/** Runs the tests in `folder` whose names match. Ends at the first failure if `bail`, or when nothing passes for `patience` ms. */
export function runTests(
  folder: string,
  suite: readonly string[],
  names: string,
  bail: boolean,
  patience: number,
): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', config], {
      cwd: folder,
      // a group of its own, so that its threads and children end with it
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        // the whole sweeps would take minutes a mutant
        SIMDLOSS_CASES: '500',
        ...process.env,
        MUTATION_SUITE: JSON.stringify(suite),
        MUTATION_NAMES: names,
        MUTATION_BAIL: bail ? '1' : '',
      },
    });
    const lines: string[] = [];
    let text = '';
    let silence = 0;
    let last = Date.now();
    let ended = false;
    const end = (failed: string | undefined, hung: boolean, interrupted = false) => {
      if (ended) return;
      ended = true;
      clearInterval(watch);
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // it has ended by itself
      }
      resolve({ failed, hung, interrupted, silence, lines });
    };
    const watch = setInterval(() => {
      if (Date.now() - last > patience) end('nothing', true);
    }, 250);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      silence = Math.max(silence, Date.now() - last);
      last = Date.now();
      const parts = (text + chunk).split('\n');
      text = parts.pop()!;
      lines.push(...parts);
      const failed = parts.find((line) => line.startsWith('FAILED '));
      if (bail && failed) end(failed.slice(7).replace(`${folder}/`, ''), false);
    });
    child.on('close', (code, signal) => {
      const failed = lines.find((line) => line.startsWith('FAILED '))?.slice(7);
      // a status above 128 is that of a signal which was caught
      const interrupted = failed === undefined && (signal !== null || code! > 128);
      end(failed ?? (code === 0 ? undefined : `status ${code}`), false, interrupted);
    });
  });
}
