import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';

/** Of all cores: where others use more, wall time does not count. */
export const BUSY = 0.1;

const TRIES = 8;

/**
 * The share of all cores, 0 to 1, that others use: the least of some looks, since what the last loss has left (a library's
 * process that ends, a heap that is collected) is not theirs.
 */
export async function othersShare(): Promise<number> {
  let least = 1;
  for (let i = 0; i < TRIES && least > BUSY; i++) least = Math.min(least, await shareInUse());
  return least;
}

/** What is in use while we wait. */
async function shareInUse(ms = 500): Promise<number> {
  const before = times();
  await setTimeout(ms);
  const after = times();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function times(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times: of } of cpus()) {
    idle += of.idle;
    total += of.user + of.nice + of.sys + of.idle + of.irq;
  }
  return { idle, total };
}
