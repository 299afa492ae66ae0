import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Mutant, Outcome } from './mutant.ts';
import type { Task } from './worker.ts';

const worker = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Gives each folder's process one mutant after another; `done` is told of every outcome. */
export async function judgeAll(
  folders: readonly string[],
  mutants: readonly Mutant[],
  taskOf: (mutant: Mutant, folder: string) => Task,
  done: (outcome: Outcome) => void,
): Promise<void> {
  let next = 0;
  const work = (folder: string) =>
    new Promise<void>((resolve, reject) => {
      let present: Mutant | undefined;
      const start = () => {
        const child = fork(worker);
        const feed = () => {
          if (present !== undefined) child.send(taskOf(present, folder));
          else child.disconnect();
        };
        child.on('message', (outcome: Outcome) => {
          done(outcome);
          present = mutants[next++];
          feed();
        });
        child.on('error', reject);
        child.on('exit', (code, signal) => {
          if (code === 0) resolve();
          // ended from outside: its mutant is judged by another, from the sources as they were
          else if (signal !== null) start();
          else reject(new Error(`a worker ended with ${code}`));
        });
        feed();
      };
      present = mutants[next++];
      start();
    });
  await Promise.all(folders.map(work));
}
