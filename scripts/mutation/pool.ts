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
      const child = fork(worker);
      const feed = () => {
        if (next < mutants.length) child.send(taskOf(mutants[next++], folder));
        else child.disconnect();
      };
      child.on('message', (outcome: Outcome) => {
        done(outcome);
        feed();
      });
      child.on('error', reject);
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      feed();
    });
  await Promise.all(folders.map(work));
}
