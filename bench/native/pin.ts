import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/**
 * Keeps this thread (not the compilers'), and the processes that it starts from now on, on one CPU where the system has taskset. The two sides run in
 * turn; on CPUs of their own each would share its core with another neighbour (measured: the same kernel at half its speed).
 */
export function pin(): void {
  spawnSync('taskset', ['-c', '-p', String(cpus().length - 1), String(process.pid)], {
    stdio: 'ignore',
  });
}
