// Measuring what stays behind.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the JS heap that are still referred to. */
export function heapAfterGc(): number {
  // weak references and finalisers need more than one round
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Bytes of JS heap that one call takes, of which nothing is collected meanwhile: few enough calls for the young
 * generation at its smallest, the median of several rounds.
 */
export function bytesPerCall(call: () => unknown, calls: number): number {
  for (let i = 0; i < 20_000; i++) call();
  const rounds = Array.from({ length: 9 }, () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i++) call();
    return (process.memoryUsage().heapUsed - before) / calls;
  });
  return rounds.sort((a, b) => a - b)[4];
}
