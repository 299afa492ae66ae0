import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs a module in a process of its own and returns the messages that it sends. One loss per process: V8 optimises the
 * JS backend's shared loops for what it has seen, and a process that has run nine losses is nobody's program.
 */
export function inChild<Message>(module: URL, task: unknown): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(module), [JSON.stringify(task)]);
    const messages: Message[] = [];
    child.on('message', (message) => messages.push(message as Message));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(messages);
      else reject(new Error(`the measuring process ended with ${code}`));
    });
  });
}

export const taskOfChild = <T>(): T => JSON.parse(process.argv[2]) as T;

export const report = (message: unknown): Promise<void> =>
  new Promise((resolve) => process.send!(message, () => resolve()));
