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
 * Bytes of JS heap that one call takes. The median of many short rounds, so that the odd collection within one does not
 * count; none is asked for in between, as it would throw optimised code away.
 */
export function bytesPerCall(call: () => unknown, calls: number, rounds: number): number {
  for (let i = 0; i < 20_000; i++) call();
  collect();
  for (let i = 0; i < 5000; i++) call();
  const bytes = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i++) call();
    bytes[round] = (process.memoryUsage().heapUsed - before) / calls;
  }
  return bytes.sort()[rounds >> 1];
}
